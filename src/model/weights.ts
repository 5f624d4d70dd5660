import { describe } from "../runtime/shape.ts";
import { decodeSafetensors } from "../io/safetensors.ts";
import type { ModelBuffer } from "./parameters.ts";

export { encodeSafetensors } from "../io/safetensors.ts";
export { readFile, writeFileAtomic } from "../io/files.ts";

/**
 * Fills parameters and buffers from a safetensors file, which must hold just them.
 * @param source names the file in errors
 * @throws RangeError if the file is damaged, or names or shapes differ; nothing is changed then
 */
export function unpackWeights(
  parameters: readonly ModelBuffer[],
  bytes: Uint8Array,
  source: string,
): void {
  const { tensors } = decodeSafetensors(bytes, source);
  for (const { name, shape } of parameters) {
    const tensor = tensors.get(name);
    const came = tensor ? describe(tensor.shape) : "no such tensor";
    if (came !== describe(shape)) {
      throw new RangeError(
        `${source}: expected "${name}" of shape ${describe(shape)}, got ${came}`,
      );
    }
  }
  const known = new Set(parameters.map(({ name }) => name));
  const other = [...tensors.keys()].find((name) => !known.has(name));
  if (other !== undefined) {
    throw new RangeError(`${source}: expected only this model's arrays, got "${other}" as well`);
  }
  for (const { name, data } of parameters) data.set(tensors.get(name)!.data);
}
