import type { Features, Targets } from "../compile/options.ts";
import type { ModelParts } from "../compile/tasks.ts";
import type { Heap } from "../memory/heap.ts";
import { type InputName, SAMPLE_WEIGHTS, TARGETS } from "../plan/inputs.ts";
import { Tensor } from "../wasm/tensor.ts";
import type { Examples } from "./batches.ts";

/** Kind of an array in linear memory: features that stay bytes, class indices, or floats. */
type Kind = "bytes" | "words" | "floats";

/** An array of examples that programs read. */
export interface NamedArray {
  readonly name: InputName;
  readonly array: Features | Targets;
  readonly kind: Kind;
}

/** Returns the arrays of some examples by the names of the inputs that read them. */
export function arraysOf(
  { blueprint }: ModelParts,
  { x, y, sampleWeights, targets }: Examples,
): NamedArray[] {
  const inputs = x.map((array, i): NamedArray => {
    const kind = array instanceof Uint8Array ? "bytes" : "floats";
    return { name: blueprint.inputs[i]!.name, array, kind };
  });
  const wanted: NamedArray = {
    name: TARGETS,
    array: y,
    kind: targets === "classes" ? "words" : "floats",
  };
  if (!sampleWeights) return [...inputs, wanted];
  return [...inputs, wanted, { name: SAMPLE_WEIGHTS, array: sampleWeights, kind: "floats" }];
}

/** Returns the bytes of an array in memory, at least a line; 0 for a tensor, which is there already. */
export function bytesFor({ array, kind }: NamedArray): number {
  if (array instanceof Tensor) return 0;
  return Math.max(64, array.length * (kind === "bytes" ? 1 : 4));
}

/** Writes an array, which is no tensor, to an address. */
export function store(heap: Heap, { array, kind }: NamedArray, at: number): void {
  const data = array as Exclude<typeof array, Tensor>;
  if (kind === "bytes") heap.bytes.set(data, at);
  else if (kind === "words") heap.words.set(data, at / 4);
  else heap.floats.set(data, at / 4);
}
