import { describe } from "../base/shape.ts";
import type { NamedTensor, ReadTensor } from "../io/safetensors.ts";

/** @throws RangeError unless there is a tensor of its shape for each array */
export function checkArrays(
  arrays: readonly NamedTensor[],
  tensors: ReadonlyMap<string, ReadTensor>,
  source: string,
): void {
  for (const { name, shape } of arrays) {
    const tensor = tensors.get(name);
    const came = tensor ? describe(tensor.shape) : "no such tensor";
    if (came !== describe(shape)) {
      throw new RangeError(
        `${source}: expected "${name}" of shape ${describe(shape)}, got ${came}`,
      );
    }
  }
}
