import { inject } from "vitest";
import { compileBuild } from "../../src/wasm/build.ts";
import { Arena } from "../../src/verify/arena.ts";

/** The build that the kernel tests are run over: each has a project in vitest.config.ts. */
export const build = inject("build");

/** Enough for the largest operands of any file. */
const MEGABYTES = 64;

let arena: Promise<Arena> | undefined;

/**
 * Returns an empty arena with the kernels of that build. The files of a browser's page share it:
 * Chromium has address space for some hundred memories, and a page keeps those of all its files.
 */
export async function createArena(): Promise<Arena> {
  arena ??= compileBuild(build).then((module) =>
    Arena.over(module, build === "threads", MEGABYTES),
  );
  const empty = await arena;
  empty.reset();
  return empty;
}
