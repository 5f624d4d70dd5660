import { revectorized } from "../engine/revectorize.ts";
import { type Build, compileBuild } from "../wasm/build.ts";
import { hasFeature } from "../wasm/features.ts";

/** A build of the kernels that this machine may be able to run. */
export interface Candidate {
  readonly name: string;
  /** True if its memory is shared between threads. */
  readonly isShared: boolean;
  /** Returns the module, or the reason why this machine cannot run it. */
  readonly load: () => Promise<WebAssembly.Module | string>;
}

/** Reason why WebAssembly cannot run a build here; undefined if it can. */
const obstacles: Readonly<Record<Build, () => string | undefined>> = {
  strict: () => (hasFeature("simd") ? undefined : "WebAssembly has no SIMD here"),
  relaxed: () => (hasFeature("relaxedSimd") ? undefined : "WebAssembly has no relaxed SIMD here"),
  threads() {
    if (!hasFeature("threads")) return "WebAssembly has no threads here";
    return typeof SharedArrayBuffer === "undefined" ? "there is no SharedArrayBuffer" : undefined;
  },
};

const builds = Object.keys(obstacles) as Build[];

/**
 * Returns the builds in the order in which they must be loaded and checked. Revectorized ones come
 * last, because they need a flag of V8 that holds for the whole process.
 */
export function candidates(revectorize: boolean): Candidate[] {
  const plain = builds.map((build) => candidate(build, build, compileBuild));
  if (!revectorize) return plain;
  return [
    ...plain,
    ...builds.map((build) => candidate(build, `${build}, revectorized`, revectorized)),
  ];
}

function candidate(
  build: Build,
  name: string,
  load: (build: Build) => Promise<WebAssembly.Module | string>,
): Candidate {
  return {
    name,
    isShared: build === "threads",
    load: async () => obstacles[build]() ?? load(build),
  };
}
