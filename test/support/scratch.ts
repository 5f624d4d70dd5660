import type { ScratchSizes } from "../../src/graph/node.ts";

/** Returns the kernels of a tape that runs nothing, each of which asks for this number of bytes. */
export function scratchOf(bytes: number): ScratchSizes {
  const size = (): number => bytes;
  return {
    attentionScratchBytes: size,
    conv2dScratchBytes: size,
    recurrentScratchBytes: size,
    sgemmScratchBytes: size,
  };
}
