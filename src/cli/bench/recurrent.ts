import type { Kernels } from "../../kernels.ts";
import { type CellName, gatesOf, keptOf } from "../../reference/recurrent.ts";
import { striped } from "../../verify/families/convolution.ts";
import { cells, geometryOf } from "../../verify/families/recurrent.ts";
import type { Work, WorkGroup } from "./work.ts";
import type { Workbench } from "./workbench.ts";

/** Recurrent layer over a batch of sequences. */
interface Layer {
  readonly cell: CellName;
  readonly batch: number;
  readonly steps: number;
  readonly features: number;
  readonly units: number;
}

/** Sizes of a first layer, of the same over one sequence, and of a wider layer behind another. */
const SIZES: readonly Omit<Layer, "cell">[] = [
  { batch: 32, steps: 50, features: 32, units: 128 },
  { batch: 1, steps: 50, features: 32, units: 128 },
  { batch: 16, steps: 50, features: 256, units: 256 },
];

/** Bytes of scratch for packing a weight. */
const PACK_SCRATCH = 512;

/** Sequences times steps of a call that warms up: products so large take the path of the whole. */
const WARM_UP_ROWS = 64;

function columnsOf({ cell, units }: Layer): number {
  return gatesOf[cell] * units;
}

/** Returns the floating-point operations of the forward pass: a product with x, and one with h. */
function flopsOf(layer: Layer): number {
  const { batch, steps, features, units } = layer;
  return 2 * batch * steps * (features + units) * columnsOf(layer);
}

/** Returns the bytes of scratch that the layer and each of its products take. */
function scratchBytes(kernels: Kernels, layer: Layer): number {
  const { cell, batch, steps, features, units } = layer;
  const [rows, columns] = [batch * steps, columnsOf(layer)];
  return Math.max(
    kernels.recurrentScratchBytes(cells.indexOf(cell), batch, units),
    kernels.sgemmScratchBytes(rows, columns, features),
    kernels.sgemmScratchBytes(rows, features, columns),
    kernels.sgemmScratchBytes(Math.max(units, features), columns, rows),
  );
}

/** Addresses of the operands. */
type Operands = ReturnType<typeof place>;

/** Places the operands of a layer; those that a kind of cell does not have are 0. */
function place(bench: Workbench, layer: Layer, scratch: number) {
  const { cell, batch, steps, features, units } = layer;
  const [rows, states, columns] = [batch * steps, batch * units, columnsOf(layer)];
  const zerosIf = (isThere: boolean, n: number): number => (isThere ? bench.zeros(n) : 0);
  const [isLstm, isGru] = [cell === "lstm", cell === "gru"];
  return {
    x: bench.floats(rows * features),
    // So small that states neither grow nor vanish over the steps.
    weight: bench.floats(features * columns, 1 / Math.sqrt(features)),
    recurrentWeight: bench.floats(units * columns, 1 / Math.sqrt(units)),
    bias: isGru ? bench.floats(columns) : 0,
    doutputs: bench.floats(rows * units),
    z: bench.zeros(rows * columns),
    outputs: bench.zeros(rows * units),
    gates: bench.zeros(rows * keptOf[cell] * units),
    cells: zerosIf(isLstm, rows * units),
    h: bench.zeros(states),
    c: zerosIf(isLstm, states),
    dz: bench.zeros(rows * columns),
    drecurrent: zerosIf(isGru, rows * columns),
    before: bench.zeros(rows * units),
    dh0: bench.zeros(states),
    dc0: zerosIf(isLstm, states),
    dx: bench.zeros(rows * features),
    dweight: bench.zeros(features * columns),
    drecurrentWeight: bench.zeros(units * columns),
    packed: bench.zeros(Math.max(units * striped(columns), columns * striped(units))),
    geometry: bench.ints(geometryOf(units, columns)),
    packScratch: bench.allocate(PACK_SCRATCH),
    scratch: bench.allocate(scratch),
  };
}

/** Computes z = x·weight, and all steps. */
function forward(kernels: Kernels, layer: Layer, at: Operands): void {
  const { cell, batch, steps, features, units } = layer;
  const [rows, columns] = [batch * steps, columnsOf(layer)];
  kernels.sgemm(
    ...([false, false, rows, columns, features] as const),
    ...([1, at.x, features, at.weight, columns, 0, at.z, columns, at.scratch] as const),
  );
  kernels.conv2dPack(at.recurrentWeight, at.packed, false, at.geometry, at.packScratch);
  kernels.recurrent(
    ...([cells.indexOf(cell), batch, steps, units, false] as const),
    ...([at.z, at.packed, at.bias, 0, 0, 0, false] as const),
    ...([at.outputs, at.gates, at.cells, at.h, at.c, at.scratch] as const),
  );
}

/** Computes the gradients through all steps, and those of both weights and of x. */
function backward(kernels: Kernels, layer: Layer, at: Operands): void {
  const { cell, batch, steps, features, units } = layer;
  const [rows, columns] = [batch * steps, columnsOf(layer)];
  kernels.conv2dPack(at.recurrentWeight, at.packed, true, at.geometry, at.packScratch);
  kernels.recurrentGrad(
    ...([cells.indexOf(cell), batch, steps, units, false, at.packed, 0, 0, 0, false] as const),
    ...([at.outputs, at.gates, at.cells, at.doutputs, 0, 0] as const),
    ...([at.dz, at.drecurrent, at.before, at.dh0, at.dc0, at.scratch] as const),
  );
  const weightGrad = (x: number, width: number, factors: number, dweight: number): void => {
    kernels.sgemm(
      ...([true, false, width, columns, rows] as const),
      ...([1, x, width, factors, columns, 0, dweight, columns, at.scratch] as const),
    );
  };
  weightGrad(at.before, units, at.drecurrent || at.dz, at.drecurrentWeight);
  weightGrad(at.x, features, at.dz, at.dweight);
  kernels.sgemm(
    ...([false, true, rows, features, columns] as const),
    ...([1, at.dz, columns, at.weight, columns, 0, at.dx, features, at.scratch] as const),
  );
}

function work(layer: Layer, isBackward: boolean): Work {
  const { cell, batch, steps, features, units } = layer;
  const name = `${cell} ${batch}x${steps}x${features}-${units}`;
  const few = { ...layer, steps: Math.min(steps, Math.ceil(WARM_UP_ROWS / batch)) };
  return {
    name: isBackward ? `${name} grad` : name,
    // Two products for each one forward.
    flops: (isBackward ? 2 : 1) * flopsOf(layer),
    prepare(bench) {
      const { kernels } = bench;
      const bytes = Math.max(...[layer, few].map((sizes) => scratchBytes(kernels, sizes)));
      const at = place(bench, layer, bytes);
      forward(kernels, layer, at);
      const pass = isBackward ? backward : forward;
      return {
        yardstick: { kind: "multiply-add" },
        run: () => {
          pass(kernels, layer, at);
        },
        warmUp: () => {
          pass(kernels, few, at);
        },
      };
    },
  };
}

/** Works of recurrent layers on one thread, forward and backward. */
export const recurrentWorks: WorkGroup = {
  name: "recurrent layers",
  summary:
    "batch x steps x features-units; with the products with x; grad: the gradients through all steps, of " +
    "both weights and of x",
  works: SIZES.flatMap((sizes) =>
    cells.flatMap((cell) =>
      [false, true].map((isBackward) => work({ cell, ...sizes }, isBackward)),
    ),
  ),
};
