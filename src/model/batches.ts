import { size } from "../graph/node.ts";
import type { Ledger } from "../runtime/ledger.ts";
import { Tensor } from "../runtime/tensor.ts";
import { checkFiniteNumbers, checkTargets, countExamples, numbers } from "./checks.ts";
import type { TargetKind } from "./checks.ts";
import type { Dataset, Evaluation, Features, Targets } from "./options.ts";
import { Pacer } from "./pacer.ts";
import { GATHER_X, GATHER_Y, INDICES, type ModelParts, SOURCE, answersPerRow } from "./programs.ts";
import type { Purpose, ReadyProgram, Workspace } from "./workspace.ts";

/** What has been learnt of x and y by looking at them. */
export interface Examples {
  readonly count: number;
  /** Whether x is bytes. */
  readonly bytes: boolean;
  readonly targets: TargetKind;
}

/** A region that grows with the largest batch that it has to hold. */
interface Room {
  at: number;
  bytes: number;
}

/** Brings the caller's arrays into the batch's place and runs a model's programs over them. */
export class Batches {
  readonly #parts: ModelParts;
  readonly #workspace: Workspace;
  readonly #ledger: Ledger<Purpose>;
  readonly #checkFinite: boolean;
  readonly #features: number;
  readonly #width: number;
  /** Bytes on their way to floats. */
  readonly #staging: Room = { at: 0, bytes: 0 };
  /** Predictions of more examples than one batch holds. */
  readonly #predictions: Room = { at: 0, bytes: 0 };

  constructor(
    parts: ModelParts,
    workspace: Workspace,
    ledger: Ledger<Purpose>,
    checkFinite: boolean,
  ) {
    this.#parts = parts;
    this.#workspace = workspace;
    this.#ledger = ledger;
    this.#checkFinite = checkFinite;
    this.#features = size(parts.inputShape);
    this.#width = size(parts.blueprint.outputShape);
  }

  /** Looks at x: how many examples. @throws as countExamples and checkFiniteNumbers */
  checkFeatures(who: string, x: Features): number {
    const count = countExamples(who, x, this.#parts.inputShape);
    if (x instanceof Tensor && x.runtime !== this.#parts.runtime) {
      throw new TypeError(`${who}: expected a tensor of this model's engine, x is of another`);
    }
    if (this.#checkFinite) checkFiniteNumbers(who, "x", x, this.#features);
    return count;
  }

  /** Looks at y against `count` examples. @throws as checkTargets and checkFiniteNumbers */
  checkTargets(who: string, y: Targets, count: number): TargetKind {
    const { takesClasses } = this.#parts.loss;
    const kind = checkTargets(who, y, count, this.#width, takesClasses);
    if (this.#checkFinite) checkFiniteNumbers(who, "y", y, kind === "classes" ? 1 : this.#width);
    return kind;
  }

  /** One training step over a batch; returns the loss before it. */
  train(x: Features, y: Targets): number {
    const rows = this.checkFeatures("trainStep", x);
    const targets = this.checkTargets("trainStep", y, rows);
    const ready = this.#workspace.program("train", rows, x instanceof Uint8Array, targets);
    this.#bringX(ready, x);
    this.#bringY(ready, y);
    ready.program.run();
    return this.loss;
  }

  /** The loss of the last program that was run. */
  get loss(): number {
    return this.#parts.runtime.heap.floats[this.#parts.results / 4]!;
  }

  /** The right answers of the last program that was run. */
  get correct(): number {
    return this.#parts.runtime.heap.floats[this.#parts.results / 4 + 1]!;
  }

  /** Loss and accuracy over all examples, batch by batch. */
  async evaluate(
    { x, y }: Dataset,
    { count, bytes, targets }: Examples,
    batchSize: number,
  ): Promise<Evaluation> {
    const perRow = targets === "classes" ? 1 : this.#width;
    let loss = 0;
    let correct = 0;
    const pacer = new Pacer();
    for (let from = 0; from < count; from += batchSize) {
      if (pacer.due) await pacer.pause();
      const rows = Math.min(batchSize, count - from);
      const ready = this.#workspace.program("evaluate", rows, bytes, targets);
      this.#bringX(ready, slice(x, from * this.#features, rows * this.#features));
      this.#bringY(ready, slice(y, from * perRow, rows * perRow));
      ready.program.run();
      loss += this.#parts.loss.reduction === "sum" ? this.loss : this.loss * rows;
      correct += this.correct;
    }
    const mean = this.#parts.loss.reduction === "sum" ? loss : loss / count;
    if (!this.#parts.accuracy) return { loss: mean };
    return { loss: mean, accuracy: correct / (count * answersPerRow(this.#parts)) };
  }

  /** The address of the predictions for all examples, made batch by batch. */
  predict(x: Features, count: number, batchSize: number): number {
    const bytes = x instanceof Uint8Array;
    if (count <= batchSize) return this.#predictBatch(x, count, bytes).prediction;
    const to = this.#room(this.#predictions, count * this.#width * 4, "predictions");
    for (let from = 0; from < count; from += batchSize) {
      const rows = Math.min(batchSize, count - from);
      const batch = slice(x, from * this.#features, rows * this.#features);
      const { prediction } = this.#predictBatch(batch, rows, bytes);
      const length = rows * this.#width * 4;
      this.#parts.runtime.heap.bytes.copyWithin(
        to + from * this.#width * 4,
        prediction,
        prediction + length,
      );
    }
    return to;
  }

  #predictBatch(x: Features, rows: number, bytes: boolean): ReadyProgram {
    const ready = this.#workspace.program("predict", rows, bytes, "values");
    this.#bringX(ready, x);
    ready.program.run();
    return ready;
  }

  #bringX({ program, x: place }: ReadyProgram, x: Features): void {
    const { heap } = this.#parts.runtime;
    let source = place;
    if (x instanceof Tensor) source = x.at;
    else if (x instanceof Float32Array) heap.floats.set(x, place / 4);
    else {
      source = this.#room(this.#staging, x.length, "bytes of a batch");
      heap.bytes.set(x, source);
    }
    program.patch(GATHER_X, SOURCE, source);
    program.patch(GATHER_X, INDICES, 0);
  }

  #bringY({ program, target, kind }: ReadyProgram, y: Targets): void {
    const { heap } = this.#parts.runtime;
    const place = kind.targets === "classes" ? heap.words : heap.floats;
    if (!(y instanceof Tensor)) place.set(y, target / 4);
    program.patch(GATHER_Y, SOURCE, y instanceof Tensor ? y.at : target);
    program.patch(GATHER_Y, INDICES, 0);
  }

  #room(room: Room, bytes: number, what: string): number {
    if (bytes > room.bytes) {
      const at = this.#ledger.allocate("activations", bytes, what);
      if (room.bytes > 0) this.#ledger.release(room.at);
      room.at = at;
      room.bytes = bytes;
    }
    return room.at;
  }
}

/** Part of an array, or a whole tensor's numbers as an array where a part of it is wanted. */
function slice<T extends Features | Targets>(value: T, from: number, length: number): T {
  const data = numbers(value) as Float32Array;
  return (from === 0 && length === data.length ? value : data.subarray(from, from + length)) as T;
}
