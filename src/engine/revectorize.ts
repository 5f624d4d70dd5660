import { type Build, buildBytes, compileBuild } from "../wasm/build.ts";
import { nodeModule } from "../base/node-access.ts";
import { fastestTile } from "../wasm/tile-timing.ts";
import { fingerprint } from "./fingerprint.ts";

/** First version of Node whose V8 can join operations. */
const FIRST_NODE = 24;

/** Custom section without meaning, without which V8 would reuse the code that it has compiled. */
const MARK = [0, 12, 11, ..."revectorize"].map((c) =>
  typeof c === "string" ? c.charCodeAt(0) : c,
);

const modules = new Map<Build, Promise<WebAssembly.Module | string>>();

/**
 * Returns a build whose 128-bit operations V8 joins to 256 bits, or the reason why there is none.
 * The flag is set and the bits are checked once for each build in a process.
 */
export function revectorized(build: Build): Promise<WebAssembly.Module | string> {
  let module = modules.get(build);
  if (!module) {
    modules.set(build, (module = compileRevectorized(build)));
    module.catch(() => modules.delete(build));
  }
  return module;
}

async function compileRevectorized(build: Build): Promise<WebAssembly.Module | string> {
  const { process } = globalThis as { process?: { readonly versions: { readonly node?: string } } };
  const version = process?.versions.node;
  const v8 = nodeModule("node:v8");
  if (!version || !v8) return "it needs Node";
  if (parseInt(version) < FIRST_NODE) return `it needs Node ${FIRST_NODE}, this is ${version}`;
  v8.setFlagsFromString("--experimental-wasm-revectorize");
  const bytes = await buildBytes(build);
  const module = await WebAssembly.compile(new Uint8Array([...bytes, ...MARK]));
  if (await sameBits(await compileBuild(build), module, build === "threads")) return module;
  v8.setFlagsFromString("--no-experimental-wasm-revectorize");
  return "its kernels do not give the bits that they should";
}

/** Milliseconds in which V8's compiler threads finish their work. */
const SETTLE_MS = 50;

/** Returns true if a module gives the same bits as the plain one. */
async function sameBits(
  plain: WebAssembly.Module,
  module: WebAssembly.Module,
  shared: boolean,
): Promise<boolean> {
  const expected = await fingerprint(plain, shared, 1);
  // Only V8's optimising compiler joins operations: it must have compiled the kernels by now.
  await fastestTile(module, { revectorize: true, shared });
  await fingerprint(module, shared, 300);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const came = await fingerprint(module, shared, 1);
  return expected.length === came.length && expected.every((word, i) => word === came[i]);
}
