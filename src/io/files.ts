import { describeValue } from "../base/arguments.ts";

const OTHER_HOSTS = "use their bytes, such as those of toSafetensors and fromSafetensors";

/**
 * Returns Node's modules, without an import that a bundler for browsers would have to resolve.
 * @param instead what to do where there are none
 */
function node(instead = OTHER_HOSTS) {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") {
    throw new TypeError(
      `expected Node 20.16 or later to read and write files by path; elsewhere, ${instead}`,
    );
  }
  return {
    fs: process.getBuiltinModule("node:fs").promises,
    path: process.getBuiltinModule("node:path"),
  };
}

/**
 * Returns the bytes of a file (Node only).
 *
 * @throws TypeError outside Node
 * @throws RangeError if the file does not exist or cannot be read
 */
export async function readFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { fs } = node();
  try {
    const { buffer, byteOffset, length } = await fs.readFile(path);
    // Not a Buffer, whose slice() differs from that of other Uint8Arrays.
    return new Uint8Array(buffer, byteOffset, length);
  } catch (cause) {
    throw new RangeError(`${path}: expected a file that can be read, ${gotText(cause)}`, { cause });
  }
}

/**
 * Returns the names in a folder (Node only).
 *
 * @throws TypeError outside Node
 * @throws RangeError if the folder does not exist or cannot be read
 */
export async function listFolder(path: string): Promise<string[]> {
  const entries = await entriesOf(path);
  return entries.map(({ name }) => name);
}

/** Returns the names of the files in a folder, but not of folders. @throws as listFolder */
export async function listFiles(path: string): Promise<string[]> {
  const entries = await entriesOf(path);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

async function entriesOf(path: string) {
  const { fs } = node();
  try {
    return await fs.readdir(path, { withFileTypes: true });
  } catch (cause) {
    throw new RangeError(`${path}: expected a folder that can be read, ${gotText(cause)}`, {
      cause,
    });
  }
}

/**
 * Writes a file whole or not at all (Node only): whatever happens, `path` holds either what it
 * held before or all of `bytes`, and nothing else is left in its folder. A symbolic link at `path`
 * is replaced, not followed.
 *
 * @throws TypeError outside Node, or if `bytes` is not a Uint8Array
 * @throws RangeError if the file cannot be written, such as when its folder does not exist
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  if (!(bytes instanceof Uint8Array)) {
    throw new TypeError(`${path}: expected a Uint8Array to write, got ${describeValue(bytes)}`);
  }
  const { fs, path: paths } = node();
  // In the same folder, because a rename is atomic only within a file system.
  const temporary = paths.join(paths.dirname(path), `.${crypto.randomUUID()}.tmp`);
  try {
    const file = await fs.open(temporary, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (cause) {
    // The first error is reported, whatever happens to a file that was perhaps never made.
    await fs.rm(temporary, { force: true }).catch(() => undefined);
    throw notWritten(path, cause);
  }
}

/**
 * Appends to a file, and makes it if it does not exist (Node, Deno and Bun).
 * @param instead what to do on other hosts, for the error
 * @throws TypeError on other hosts
 * @throws RangeError if the file cannot be written
 */
export async function appendFile(
  path: string,
  data: string | Uint8Array,
  instead?: string,
): Promise<void> {
  const { fs } = node(instead);
  await writing(path, () => fs.appendFile(path, data));
}

/** Makes a file empty, and makes it if it does not exist. @throws as appendFile */
export async function emptyFile(path: string, instead?: string): Promise<void> {
  const { fs } = node(instead);
  await writing(path, () => fs.writeFile(path, ""));
}

/** Makes a folder and those around it, unless they are there. @throws as appendFile */
export async function makeFolder(path: string, instead?: string): Promise<void> {
  const { fs } = node(instead);
  try {
    await fs.mkdir(path, { recursive: true });
  } catch (cause) {
    const text = `expected a folder that can be made, ${gotText(cause)}`;
    throw new RangeError(`${path}: ${text}`, { cause });
  }
}

/** Removes a file, if there is one (Node only). @throws as appendFile */
export async function removeFile(path: string): Promise<void> {
  const { fs } = node();
  await writing(path, () => fs.rm(path, { force: true }));
}

/** Returns the path of a file in a folder (Node only). @throws TypeError outside Node */
export function pathIn(folder: string, name: string): string {
  return node().path.join(folder, name);
}

async function writing(path: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw notWritten(path, cause);
  }
}

function notWritten(path: string, cause: unknown): RangeError {
  const got = gotText(cause, "no such folder");
  return new RangeError(`${path}: expected a file that can be written, ${got}`, { cause });
}

const CODES: Record<string, string> = {
  EEXIST: "a file",
  EISDIR: "a folder",
  ENOTDIR: "a path that leads through a file",
  EACCES: "no permission",
  EPERM: "no permission",
  ENOSPC: "a full disk",
};

function gotText(cause: unknown, absent = "nothing at that path"): string {
  if (!(cause instanceof Error)) return `got ${String(cause)}`;
  const { code = "" } = cause as NodeJS.ErrnoException;
  return `got ${code === "ENOENT" ? absent : (CODES[code] ?? cause.message)}`;
}
