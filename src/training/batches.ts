import { rowsOf } from "../base/labels.ts";
import { size } from "../graph/node.ts";
import type { Allocations } from "../memory/allocations.ts";
import { GrowableRegion } from "../memory/allocations.ts";
import { Tensor } from "../wasm/tensor.ts";
import type { TargetKind } from "../compile/options.ts";
import type { BatchForm } from "../compile/recording.ts";
import { type OutputSizes, checkFiniteNumbers, checkTargets } from "./data-checks.ts";
import {
  checkDataset,
  checkSampleWeights,
  checkWholes,
  countExamples,
  listInputs,
  numbers,
} from "./data-checks.ts";
import {
  type ExampleWeights,
  type Ordered,
  labelWeightOf,
  weighExamples,
} from "./example-weights.ts";
import type { Dataset } from "./options.ts";
import type { Features, NamedFeatures, Targets } from "../compile/options.ts";
import { type ModelParts, lossOf } from "../compile/tasks.ts";
import { type ProgramInput, SAMPLE_WEIGHTS, TARGETS } from "../plan/inputs.ts";
import type { Program } from "../plan/program.ts";
import type { Purpose } from "../compile/options.ts";

/** Data set that was checked, with the properties that the check found. */
export interface Examples extends BatchForm {
  /** Inputs in the network's order. */
  readonly x: readonly Features[];
  readonly y: Targets;
  readonly sampleWeights: Float32Array | undefined;
  readonly count: number;
  /** Weights of examples in means over labels, if they differ. */
  readonly weights: ExampleWeights | undefined;
}

/** Name of the staging region in errors. */
const STAGING = "bytes of a batch";

/** Number of elements up to which a loop is faster than `set`, which is a call of 60 ns. */
const SHORT = 32;

/** Writes numbers into an array from a position on. */
function copyInto(
  to: Float32Array | Uint32Array,
  at: number,
  values: Float32Array | Int32Array | Uint8Array,
): void {
  if (values.length > SHORT) to.set(values, at);
  else for (let i = 0; i < values.length; i++) to[at + i] = values[i]!;
}

/** Checks the caller's arrays, and stages them for a model's programs. */
export class Batches {
  readonly #parts: ModelParts;
  /** Elements of one example, for each input. */
  readonly #features: readonly number[];
  readonly #output: OutputSizes;
  /** Region for each input that is bytes, from which a program converts it to floats. */
  readonly #staging: readonly GrowableRegion<Purpose>[];
  /** List with the one input of the last call, reused so that a step creates none. */
  readonly #single: [Features] = [new Float32Array()];

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#features = parts.blueprint.inputs.map(({ shape }) => size(shape));
    const [rows, classes] = rowsOf([1, ...parts.blueprint.outputShape]);
    this.#output = { rows, classes };
    this.#staging = this.#features.map(() => new GrowableRegion(allocations, "activations"));
  }

  /** Returns the number of elements of one example of input i. */
  features(i: number): number {
    return this.#features[i]!;
  }

  /**
   * Returns the inputs in the network's order.
   * @throws TypeError unless x is one array for one input, or one for each by name
   */
  list(who: string, x: Features | NamedFeatures): readonly Features[] {
    if (this.#features.length === 1 && (ArrayBuffer.isView(x) || x instanceof Tensor)) {
      this.#single[0] = this.copyIfAliased(x);
      return this.#single;
    }
    return listInputs(who, x, this.#parts.blueprint.inputs).map((input) =>
      this.copyIfAliased(input),
    );
  }

  /** Returns the array, or a copy of a view of the engine's memory, which growing would detach. */
  copyIfAliased<T extends Features | Targets>(array: T): T {
    if (array instanceof Tensor || !ArrayBuffer.isView(array)) return array;
    // No region of the engine is at 0; asking for the buffer is a call, 50 ns of a tiny step.
    if (array.byteOffset === 0) return array;
    return array.buffer === this.#parts.runtime.heap.bytes.buffer ? (array.slice() as T) : array;
  }

  /**
   * Checks the inputs, and returns the number of examples.
   * @throws as countExamples, checkFiniteNumbers and checkWholes
   */
  checkFeatures(who: string, inputs: readonly Features[]): number {
    let count = 0;
    for (let i = 0; i < inputs.length; i++) {
      const x = inputs[i]!;
      const { name, shape } = this.#parts.blueprint.inputs[i]!;
      const here = countExamples(who, name, x, shape, this.#features[i]!);
      if (i > 0 && here !== count) {
        throw new RangeError(`${who}: expected ${count} examples in ${name}, got ${here}`);
      }
      count = here;
      this.#checkInput(who, i, x, this.#features[i]!);
    }
    return count;
  }

  /**
   * Checks steps of some sequences, and returns the number of those of each.
   * @throws as checkFeatures
   */
  checkSteps(who: string, x: Features, sequences: number): number {
    const { name, shape } = this.#parts.blueprint.inputs[0]!;
    const step = shape.slice(1);
    // A tensor may have any axes.
    const count = countExamples(who, name, numbers(x), step, size(step));
    const steps = count / sequences;
    if (!Number.isInteger(steps)) {
      const expected = `as many steps for each of ${sequences} sequences`;
      throw new RangeError(`${who}: expected ${expected}, got ${count} in all`);
    }
    this.#checkInput(who, 0, x, steps * size(step));
    return steps;
  }

  /** Checks the numbers of input i, `width` in a row. @throws as checkWholes and for any array */
  #checkInput(who: string, i: number, x: Features, width: number): void {
    const { name, wholes } = this.#parts.blueprint.inputs[i]!;
    this.#checkArray(who, name, x, width);
    if (wholes) checkWholes(who, name, x, width, wholes);
  }

  /** Checks y for `count` examples. @throws as checkTargets and checkFiniteNumbers */
  checkTargets(who: string, y: Targets, count: number): TargetKind {
    const { rows, classes } = this.#output;
    const kind = checkTargets(who, y, count, this.#output, lossOf(this.#parts, who));
    this.#checkArray(who, "y", y, rows * classes);
    return kind;
  }

  /** @throws TypeError for a tensor of another engine; and as checkFiniteNumbers */
  #checkArray(who: string, name: string, array: Features | Targets, width: number): void {
    if (array instanceof Tensor && array.runtime !== this.#parts.runtime) {
      throw new TypeError(`${who}: expected a tensor of this model's engine, ${name} is not`);
    }
    if (this.#parts.settings.checkFinite) checkFiniteNumbers(who, name, array, width);
  }

  /** Checks a data set. @throws TypeError or RangeError naming x or y */
  examples(who: string, data: Dataset): Examples {
    checkDataset(who, data);
    const x = this.list(who, data.x).slice();
    const y = this.copyIfAliased(data.y);
    const count = this.checkFeatures(who, x);
    const targets = this.checkTargets(who, y, count);
    const loss = lossOf(this.#parts, who);
    const weights = targets === "classes" ? weighExamples(loss, numbers(y), count) : undefined;
    const { sampleWeights } = data;
    if (sampleWeights !== undefined) checkSampleWeights(who, sampleWeights, count);
    const own = sampleWeights && this.copyIfAliased(sampleWeights);
    const form = { byteInputs: byteInputMask(x), targets, weighted: own !== undefined };
    return { x, y, sampleWeights: own, count, weights, ...form };
  }

  /** Returns some of the examples, from one on. */
  part(examples: Examples, from: number, count: number): Examples {
    const { x, y, sampleWeights, targets } = examples;
    const share = <T extends Features | Targets>(array: T): T => {
      const data = numbers(array) as Float32Array;
      const width = data.length / examples.count;
      return this.copyIfAliased(data.subarray(from * width, (from + count) * width) as T);
    };
    const labels = share(y);
    const loss = lossOf(this.#parts, "fit");
    const weights = targets === "classes" ? weighExamples(loss, numbers(labels), count) : undefined;
    const own = sampleWeights && share(sampleWeights);
    return { ...examples, x: x.map(share), y: labels, sampleWeights: own, count, weights };
  }

  /**
   * Checks weights of the examples of a step and returns them, and sets the divisor of their loss.
   * @throws as checkSampleWeights
   */
  weigh(
    who: string,
    weights: Float32Array | undefined,
    y: Targets,
    targets: TargetKind,
    count: number,
  ): Float32Array | undefined {
    if (weights === undefined) return undefined;
    checkSampleWeights(who, weights, count);
    const loss = lossOf(this.#parts, who);
    const labels = targets === "classes" ? weighExamples(loss, numbers(y), count) : undefined;
    this.setDivisor({ weighted: true, weights: labels }, 0, count);
    return this.copyIfAliased(weights);
  }

  /**
   * Sets the divisor of the loss of some examples, which only a weighted one needs.
   * @param from position of the first one in the order
   */
  setDivisor(
    examples: Pick<Examples, "weighted" | "weights">,
    from: number,
    rows: number,
    data?: Ordered,
  ): void {
    if (!examples.weighted) return;
    const perExample = this.#output.rows;
    this.#parts.results.divisor = labelWeightOf(examples, perExample, from, rows, data);
  }

  /**
   * Reserves staging for `rows` examples of the inputs that are bytes; `stage` does not grow the
   * memory after that.
   * @throws RangeError if the memory has no room
   */
  reserveStaging(x: readonly Features[], rows: number): void {
    for (let i = 0; i < x.length; i++) {
      if (x[i] instanceof Uint8Array)
        this.#staging[i]!.ensureCapacity(rows * this.#features[i]!, STAGING);
    }
  }

  /**
   * Stages a batch, and its targets and weights if the program reads any, where the program reads them.
   */
  stage(program: Program, x: readonly Features[], y?: Targets, weights?: Float32Array): void {
    const { inputs } = this.#parts.blueprint;
    for (let i = 0; i < x.length; i++) {
      const input = program.input(inputs[i]!.name);
      input.bind({ source: this.#stageInput(x[i]!, input, i) });
    }
    if (y) this.#stageTargets(y, program.input(TARGETS));
    if (weights) this.#stageTargets(weights, program.input(SAMPLE_WEIGHTS));
  }

  /** Stages an input; returns its address: its own array, the staging region, or a tensor. */
  #stageInput(x: Features, { address }: ProgramInput, i: number): number {
    const { heap } = this.#parts.runtime;
    if (x instanceof Tensor) return x.at;
    if (!(x instanceof Uint8Array)) {
      copyInto(heap.floats, address / 4, x);
      return address;
    }
    const at = this.#staging[i]!.ensureCapacity(x.length, STAGING);
    heap.bytes.set(x, at);
    return at;
  }

  #stageTargets(y: Targets, input: ProgramInput): void {
    const { words, floats } = this.#parts.runtime.heap;
    const { address, type } = input;
    if (!(y instanceof Tensor)) copyInto(type === "int" ? words : floats, address / 4, y);
    input.bind({ source: y instanceof Tensor ? y.at : address });
  }
}

/** Returns the bit mask of the inputs that are bytes: bit i for input i. */
export function byteInputMask(inputs: readonly Features[]): number {
  let bits = 0;
  for (let i = 0; i < inputs.length; i++) if (inputs[i] instanceof Uint8Array) bits |= 1 << i;
  return bits;
}
