import { type ActivationName, activationTable } from "../graph/ops/activations.ts";
import type { MapRow } from "../graph/ops/map.ts";
import { type UnaryName, unaryTable } from "../graph/ops/unary.ts";
import { dense } from "../layers/dense.ts";
import { sequential } from "../layers/layer.ts";
import { layerNorm } from "../layers/norm.ts";
import { crossEntropy } from "../losses.ts";
import { Model } from "../model/model.ts";
import { adam } from "../optimizers/adam.ts";
import { Heap } from "../memory/heap.ts";
import { createMemory } from "../memory/linear-memory.ts";
import { Runtime } from "../wasm/runtime.ts";
import { TILES, tileSize } from "../wasm/tiles.ts";

/** Number of elements of the arrays: whole vectors, pairs of them, and a rest. */
const LENGTH = 1027;

/** Returns a fixed mixture of signs and sizes. */
function numbers(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1009) / 100 - 5);
}

/** Returns the results of the elementwise kernels, as bits. */
function elementwise({ heap, kernels }: Runtime, calls: number): Uint32Array[] {
  const allocate = (): number => heap.allocate(4 * LENGTH, "fingerprint");
  const [x, y, dy, dx] = [allocate(), allocate(), allocate(), allocate()];
  for (const at of [x, dy]) heap.floats.set(numbers(LENGTH), at / 4);
  return Object.entries<MapRow>({ ...activationTable, ...unaryTable }).flatMap((row) => {
    const [name, { parameter = 0, gradientFrom }] = row as [ActivationName | UnaryName, MapRow];
    const v = { x, y }[gradientFrom(parameter)];
    for (let i = 0; i < calls; i++) {
      kernels[name](x, y, LENGTH, parameter);
      kernels[`${name}Grad`](v, dy, dx, LENGTH, parameter);
    }
    return [y, dx].map((at) => heap.words.slice(at / 4, at / 4 + LENGTH));
  });
}

/** Returns the weights of a small network after some steps, as bits. */
function trained(runtime: Runtime, steps: number): Uint32Array[] {
  const layers = [dense(70, { activation: "relu" }), layerNorm(), dense(10)];
  const options = { inputShape: [150], loss: crossEntropy(), optimizer: adam() };
  const model = new Model(runtime, sequential(layers), options);
  const [x, y] = [numbers(33 * 150), Int32Array.from({ length: 33 }, (_, i) => i % 10)];
  for (let i = 0; i < steps; i++) model.trainStep(x, y);
  const words = model.parameters.map(({ data }) => {
    return new Uint32Array(data.slice().buffer);
  });
  model.dispose();
  return words;
}

/**
 * Returns results of a build, as bits: values of the elementwise kernels, and the weights of a
 * network after ten steps, for every tile. Everything is computed `calls` times, so that an engine
 * optimises it.
 * @param shared true if the build needs a shared memory
 */
export async function fingerprint(
  module: WebAssembly.Module,
  shared: boolean,
  calls: number,
): Promise<number[]> {
  const heap = new Heap(createMemory(shared));
  const runtime = await Runtime.create(heap, module);
  const words = elementwise(runtime, calls);
  for (const tile of TILES) {
    runtime.kernels.setTile(...tileSize(tile));
    for (let i = 0; i < calls; i += 100) words.push(...trained(runtime, 10));
  }
  heap.close();
  return words.flatMap((part) => [...part]);
}
