import { execFile, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll } from "vitest";
import { modulePath } from "./tools.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const programs = fileURLToPath(new URL("program", import.meta.url));

/** Page that tells users about all of these tools. */
export const guide = readFileSync(join(root, "docs/bundlers.md"), "utf8");

/** The address of the kernels' file, as it stands there. */
export const WASM_ADDRESS = 'new URL("gradlane/kernels.wasm", import.meta.url)';

/** Output of a command. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

const runFile = promisify(execFile);

/** Milliseconds after which a command that hangs is ended. */
const LIMIT_MS = 100_000;

const folders: string[] = [];

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "gradlane-packaging-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, maxRetries: 5 });
});

/**
 * Runs a command to its end.
 * @throws Error with all that it has printed if it fails, or does not end
 */
async function run(folder: string, program: string, ...args: string[]): Promise<Output> {
  const options = { cwd: folder, timeout: LIMIT_MS, maxBuffer: 2 ** 26 };
  try {
    return await runFile(program, args, options);
  } catch (error) {
    const { message, stdout } = error as Error & Output;
    throw new Error(`${message}\n${stdout}`, { cause: error });
  }
}

/** A server that listens. */
export interface Server {
  readonly address: string;
  readonly stop: () => void;
}

/**
 * Starts a server that prints its port, which the first group of a pattern finds.
 * @throws Error with all that it has printed if it ends before
 */
function start(folder: string, port: RegExp, program: string, ...args: string[]): Promise<Server> {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): void => void child.kill();
  const timer = setTimeout(stop, LIMIT_MS);
  let printed = "";
  return new Promise((resolve, reject) => {
    const hear = (text: string): void => {
      printed += text;
      const found = port.exec(printed)?.[1];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve({ address: `http://127.0.0.1:${found}/`, stop });
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", hear);
    child.on("error", reject);
    child.on("exit", () => {
      reject(new Error(`${program}: expected it to listen, it has ended\n${printed}`));
    });
  });
}

/** Properties of a tarball that `npm pack` prints. */
interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string }[];
}

/** Packs the build in dist/ as it would be published. */
async function pack(folder: string): Promise<Packed> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse((await run(root, "npm", ...args)).stdout) as [Packed];
  return packed;
}

/** A folder with the package and nothing else, installed from its tarball without the network. */
async function install(tarball: string): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "package.json"), '{ "private": true }');
  const flags = ["--offline", "--no-audit", "--no-fund", "--prefix", folder];
  await run(folder, "npm", "install", ...flags, tarball);
  return folder;
}

const store = temporaryFolder();

/** The tarball's description. */
export const packed = await pack(store);

/** The tarball. */
export const tarball = join(store, packed.filename);

const installed = await install(tarball);

/** A project of somebody's, in a folder that had only the package in it. */
export interface Project {
  readonly folder: string;
  readonly write: (name: string, text: string) => void;
  /** Brings a module of test/packaging/package.json along, as if it were installed. */
  readonly link: (name: string) => void;
  readonly run: (program: string, ...args: string[]) => Promise<Output>;
  /** Starts a server that prints its port, which the first group of a pattern finds. */
  readonly start: (port: RegExp, program: string, ...args: string[]) => Promise<Server>;
}

/** A fresh project with the package and the files of program/. */
export function createProject(): Project {
  const folder = temporaryFolder();
  cpSync(installed, folder, { recursive: true });
  cpSync(programs, folder, { recursive: true });
  return {
    folder,
    write: (name, text) => {
      writeFileSync(join(folder, name), text);
    },
    link: (name) => {
      symlinkSync(modulePath(name), join(folder, "node_modules", name));
    },
    run: (program, ...args) => run(folder, program, ...args),
    start: (port, program, ...args) => start(folder, port, program, ...args),
  };
}
