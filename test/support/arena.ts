import { inject } from "vitest";
import { compileBuild } from "../../src/wasm/build.ts";
import { Arena } from "../../src/verify/arena.ts";

/** The build that the kernel tests are run over: each has a project in vitest.config.ts. */
export const build = inject("build");

/** An arena with the kernels of that build. */
export async function createArena(megabytes = 1): Promise<Arena> {
  return Arena.over(await compileBuild(build), build === "threads", megabytes);
}
