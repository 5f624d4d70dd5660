import { describeValue } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type CheckpointStore, browserError, checkName, checkWrite, isName } from "./store.ts";

const who = "opfsStore";

/** @throws TypeError where there is no such file system */
async function folderHandle(folder: string): Promise<FileSystemDirectoryHandle> {
  const { navigator } = globalThis as { navigator?: { storage?: Partial<StorageManager> } };
  const storage = navigator?.storage;
  if (typeof storage?.getDirectory !== "function") {
    const expected =
      "expected the Origin Private File System, which browsers have on pages of https";
    throw new TypeError(
      `${who}: ${expected}; elsewhere, use indexedDbStore or, in Node, folderStore`,
    );
  }
  try {
    const root = await storage.getDirectory();
    return await root.getDirectoryHandle(folder, { create: true });
  } catch (cause) {
    throw browserError(`${who} ${describeValue(folder)}`, "read", cause);
  }
}

function isMissing(error: unknown): boolean {
  return (error as Partial<Error>).name === "NotFoundError";
}

/** Returns what a promise gives; undefined if it is of a file that does not exist. */
async function ifThere<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Returns a file; undefined if there is none, or an empty one, whose first write did not end. */
async function fileOf(
  directory: FileSystemDirectoryHandle,
  name: string,
): Promise<File | undefined> {
  const handle = await ifThere(directory.getFileHandle(name));
  const file = handle && (await ifThere(handle.getFile()));
  return file && file.size > 0 ? file : undefined;
}

/** Writes a file into a place of its own, which takes the file's place when it is closed. */
async function replace(
  directory: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array,
): Promise<void> {
  const handle = await directory.getFileHandle(name, { create: true });
  if (typeof handle.createWritable !== "function") {
    const expected = "expected a browser that can write files in a page";
    throw new TypeError(`${who}: ${expected}; elsewhere, use indexedDbStore`);
  }
  const writable = await handle.createWritable();
  try {
    // A shared array cannot be written.
    const isShared = !(bytes.buffer instanceof ArrayBuffer);
    await writable.write((isShared ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>);
    await writable.close();
  } catch (error) {
    // The first error is reported.
    await writable.abort().catch(() => undefined);
    throw error;
  }
}

/** Removes what a write that failed has left of a new file. */
async function removeEmpty(directory: FileSystemDirectoryHandle, name: string): Promise<void> {
  if (!(await fileOf(directory, name))) await ifThere(directory.removeEntry(name));
}

/**
 * Keeps bytes as files of the browser's Origin Private File System, which only pages and workers of the
 * same origin see. A write that does not end leaves the file as it was. Browsers may clear the place when
 * the disk is full, unless `navigator.storage.persist()` has asked them not to.
 * @param folder name of the folder, which is made if there is none
 * @throws TypeError or RangeError unless the name is one as of files; from the methods, TypeError where
 *   there is no such file system, as in Node and on pages of http
 * @example
 * const store = opfsStore("runs");
 * store; // opfsStore("runs")
 */
export function opfsStore(folder: string): CheckpointStore {
  checkName(`${who}: folder`, folder);
  const where = (name: string): string => `${who} ${describeValue(folder)}: ${name}`;
  return immutable<CheckpointStore>(
    {
      async read(name) {
        checkName(who, name);
        const directory = await folderHandle(folder);
        try {
          const file = await fileOf(directory, name);
          return file && new Uint8Array(await file.arrayBuffer());
        } catch (cause) {
          throw browserError(where(name), "read", cause);
        }
      },
      async write(name, bytes) {
        checkWrite(who, name, bytes);
        const directory = await folderHandle(folder);
        try {
          await replace(directory, name, bytes);
        } catch (cause) {
          await removeEmpty(directory, name).catch(() => undefined);
          throw cause instanceof TypeError ? cause : browserError(where(name), "written", cause);
        }
      },
      async remove(name) {
        checkName(who, name);
        const directory = await folderHandle(folder);
        try {
          await ifThere(directory.removeEntry(name));
        } catch (cause) {
          throw browserError(where(name), "written", cause);
        }
      },
      async list() {
        const directory = await folderHandle(folder);
        const names: string[] = [];
        for await (const name of directory.keys()) {
          if (isName(name) && (await fileOf(directory, name))) names.push(name);
        }
        return names.sort();
      },
    },
    call(who, folder),
  );
}
