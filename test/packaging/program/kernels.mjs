// What a library that builds on the kernels does: it calls them over a memory of its own.
import { loadKernels } from "gradlane/kernels";

/** The product of [[1, 2], [3, 4]] and [[5, 6], [7, 8]], by the kernels of this module. */
export async function multiply(module) {
  const memory = new WebAssembly.Memory({ initial: 2 });
  const kernels = await loadKernels({ memory, module });
  const floats = new Float32Array(memory.buffer);
  floats.set([1, 2, 3, 4, 5, 6, 7, 8], 16);
  kernels.sgemm(0, 0, 2, 2, 2, 1, 64, 2, 80, 2, 0, 96, 2, 128);
  return [...floats.subarray(24, 28)];
}
