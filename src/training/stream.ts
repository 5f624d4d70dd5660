import { describeValue } from "../base/arguments.ts";
import { type Allocations, GrowableRegion } from "../memory/allocations.ts";
import type { Purpose } from "../compile/options.ts";
import type { ModelParts } from "../compile/tasks.ts";
import type { InputName } from "../plan/inputs.ts";
import type { Program } from "../plan/program.ts";
import { Tensor } from "../wasm/tensor.ts";
import type { BatchSource, BoundData, SourcedBatch } from "./batch-source.ts";
import type { Batches, Examples } from "./batches.ts";
import type { BatchStream, Dataset, FitSource } from "./options.ts";
import { arraysOf, bytesFor, store } from "./stored-arrays.ts";

/** An array of a batch in memory. */
interface Placed {
  readonly name: InputName;
  readonly source: number | Tensor;
  /** Bytes of one example. */
  readonly stride: number;
}

/** Memory for one batch of a stream, which the next one overwrites. */
class BatchBuffer implements BoundData {
  readonly #parts: ModelParts;
  readonly #allocations: Allocations<Purpose>;
  readonly #regions = new Map<InputName, GrowableRegion<Purpose>>();
  #arrays: readonly Placed[] = [];

  constructor(parts: ModelParts, allocations: Allocations<Purpose>) {
    this.#parts = parts;
    this.#allocations = allocations;
  }

  /** Copies a batch into memory. @throws RangeError if it has no room */
  fill(examples: Examples): void {
    const { heap } = this.#parts.runtime;
    this.#arrays = arraysOf(this.#parts, examples).map((one) => {
      const { name, array, kind } = one;
      const length = array instanceof Tensor ? array.data.length : array.length;
      const stride = (length / examples.count) * (kind === "bytes" ? 1 : 4);
      if (array instanceof Tensor) return { name, source: array, stride };
      const source = this.#region(name).ensureCapacity(bytesFor(one), "fit: batch");
      store(heap, one, source);
      return { name, source, stride };
    });
  }

  #region(name: InputName): GrowableRegion<Purpose> {
    const known = this.#regions.get(name);
    if (known) return known;
    const region = new GrowableRegion(this.#allocations, "activations");
    this.#regions.set(name, region);
    return region;
  }

  bindBatch(program: Program, from: number): void {
    for (const { name, source, stride } of this.#arrays) {
      const at = source instanceof Tensor ? source.at : source;
      program.input(name).bind({ source: at + from * stride });
    }
  }

  dispose(): void {
    for (const { address } of this.#regions.values()) this.#allocations.release(address);
  }
}

type BatchIterator = Iterator<Dataset> | AsyncIterator<Dataset>;

/** Returns an iterator over a stream, and whether it is worth asking for a batch ahead of its turn. */
function iteratorOf(who: string, stream: BatchStream): [BatchIterator, isAsync: boolean] {
  const both = stream as Partial<Iterable<Dataset> & AsyncIterable<Dataset>> | null | undefined;
  if (both?.[Symbol.asyncIterator]) return [both[Symbol.asyncIterator]!(), true];
  if (both?.[Symbol.iterator] && !ArrayBuffer.isView(stream))
    return [both[Symbol.iterator]!(), false];
  const expected = "an iterable or async iterable of batches { x, y }";
  throw new TypeError(`${who}: expected ${expected}, got ${describeValue(stream)}`);
}

/**
 * Batches of a stream. The next one is fetched while the present one trains, and no more than these two
 * are kept.
 */
export class StreamSource implements BatchSource {
  readonly batches: number | undefined;
  readonly #batches: Batches;
  readonly #buffer: BatchBuffer;
  readonly #source: Exclude<FitSource, Dataset>;
  readonly #signal: AbortSignal | undefined;
  #iterator: BatchIterator | undefined;
  #isAsync = false;
  /** Batch that was asked for ahead of its turn. */
  #ahead: Promise<IteratorResult<Dataset>> | undefined;
  #epoch = 0;
  #batch = 0;

  constructor(
    model: {
      readonly parts: ModelParts;
      readonly allocations: Allocations<Purpose>;
      readonly batches: Batches;
    },
    source: Exclude<FitSource, Dataset>,
    {
      stepsPerEpoch,
      signal,
    }: { stepsPerEpoch?: number | undefined; signal?: AbortSignal | undefined },
  ) {
    this.batches = stepsPerEpoch;
    this.#batches = model.batches;
    this.#buffer = new BatchBuffer(model.parts, model.allocations);
    this.#source = source;
    this.#signal = signal;
  }

  /** @throws TypeError unless the source gives a stream; and as next */
  async begin(epoch: number, batch: number): Promise<void> {
    this.#epoch = epoch;
    this.#batch = 0;
    const { stream, who } = await this.#open(epoch);
    [this.#iterator, this.#isAsync] = iteratorOf(who, stream);
    while (this.#batch < batch) {
      const { done } = await this.#fetch();
      if (done) throw this.#endsEarly(batch);
      this.#batch++;
    }
  }

  async #open(epoch: number): Promise<{ stream: BatchStream; who: string }> {
    if (typeof this.#source !== "function") return { stream: this.#source, who: "fit" };
    const stream = await this.#unlessAborted(Promise.resolve(this.#source(epoch)));
    return { stream, who: "fit: data" };
  }

  async next(): Promise<SourcedBatch | undefined> {
    const { batches } = this;
    if (this.#batch === batches) return undefined;
    const fetched = await this.#fetch();
    if (fetched.done) {
      if (batches !== undefined || this.#batch === 0) throw this.#endsEarly(batches ?? 1);
      return undefined;
    }
    const who = `fit: batch ${this.#batch} of epoch ${this.#epoch}`;
    const examples = this.#batches.examples(who, fetched.value);
    this.#batch++;
    this.#buffer.fill(examples);
    if (this.#isAsync && this.#batch !== batches) this.#ahead = this.#ask();
    return { examples, data: this.#buffer, from: 0, rows: examples.count };
  }

  /** Returns the batch that was asked for ahead, or else asks for one, and waits for it. */
  #fetch(): Promise<IteratorResult<Dataset>> {
    const asked = this.#ahead ?? this.#ask();
    this.#ahead = undefined;
    return this.#unlessAborted(asked);
  }

  /** Asks the source for a batch; its error counts once that batch is due. */
  #ask(): Promise<IteratorResult<Dataset>> {
    const asked = (async () => this.#iterator!.next())();
    asked.catch(() => undefined);
    return asked;
  }

  #endsEarly(wanted: number): RangeError {
    const expected = `${wanted === 1 ? "a batch" : `${wanted} batches`} in epoch ${this.#epoch}`;
    const help = "a function that makes a stream is called anew for each epoch";
    return new RangeError(
      `fit: expected ${expected}, the data ended after ${this.#batch}; ${help}`,
    );
  }

  /** Waits for a promise, or rejects with the signal's reason: a source may never give. */
  #unlessAborted<T>(wait: Promise<T>): Promise<T> {
    const signal = this.#signal;
    if (!signal) return wait;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(signal.reason as Error);
      };
      const stop = (): void => {
        signal.removeEventListener("abort", abort);
      };
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      wait.then(resolve, reject).finally(stop);
    });
  }

  /** Closes a stream that may have batches left, unless it goes on in the next epoch. */
  async end(hasFailed = false): Promise<void> {
    const iterator = this.#iterator;
    const isBusy = hasFailed || this.#ahead !== undefined;
    this.#iterator = undefined;
    this.#ahead = undefined;
    if (!iterator || this.#goesOn(iterator)) return;
    const closing = (async () => iterator.return?.())();
    // A source that is asked for a batch may never give it, and closes only after that.
    if (isBusy) closing.catch(() => undefined);
    else await closing;
  }

  /** Returns true for a generator of the caller's, which the next epoch may take on. */
  #goesOn(iterator: BatchIterator): boolean {
    return typeof this.#source !== "function" && (iterator as unknown) === this.#source;
  }

  dispose(): void {
    this.#buffer.dispose();
  }
}
