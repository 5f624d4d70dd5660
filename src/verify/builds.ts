import { revectorized } from "../engine/revectorize.ts";
import { type Build, compileBuild } from "../wasm/build.ts";
import { hasFeature } from "../wasm/features.ts";

/** A build of the kernels as this machine may run it. */
export interface Candidate {
  readonly name: string;
  /** Whether its memory is one that threads share. */
  readonly isShared: boolean;
  /** The module, or the reason why it cannot be had here. */
  readonly load: () => Promise<WebAssembly.Module | string>;
}

/** Why WebAssembly cannot run a build here, if it cannot. */
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
 * The builds in the order in which they have to be loaded and checked: revectorizing sets a flag
 * of V8's that holds for the whole process, so it comes last.
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
