import { freezeButTag, numbers, printable, renameDisposed } from "../base/printable.ts";
import type { Runtime } from "./runtime.ts";
import { type Shape, checkShape, describe, size } from "../base/shape.ts";

/** Array in an engine's memory, which the caller fills in place; it is used without a copy. */
export class Tensor extends Object {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** @internal */
  readonly runtime: Runtime;
  readonly #view: () => Float32Array;
  #at: number;

  /** @throws RangeError if the shape is not of whole lengths or the memory has no room */
  constructor(runtime: Runtime, shape: Shape) {
    checkShape("tensor", shape);
    super();
    this.runtime = runtime;
    this.shape = Object.freeze(shape.slice());
    this.#at = runtime.heap.allocate(size(shape) * 4, `tensor${describe(shape)}`);
    this.#view = runtime.heap.view(this.#at, size(shape));
    this.#view().fill(0);
    printable(this, `Tensor(${describe(shape)})`, () => `Tensor(${numbers(this)})`);
    freezeButTag(this);
  }

  /** Address in bytes. @throws as data */
  get at(): number {
    this.#checkLive();
    return this.#at;
  }

  /**
   * Live view of the elements; read it anew after the engine's memory may have grown. A view that
   * was kept must not be used after dispose, because its bytes may belong to something else by
   * then.
   * @throws RangeError after dispose, Error after the engine's dispose
   */
  get data(): Float32Array {
    this.#checkLive();
    return this.#view();
  }

  /**
   * Releases its memory.
   * @example
   * const x = engine.tensor([32, 64]);
   * x.dispose();
   */
  dispose(): void {
    if (this.#at > 0) this.runtime.heap.release(this.#at);
    this.#at = 0;
    renameDisposed(this);
  }

  /** Disposes at the end of a `using` block. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkLive(): void {
    if (this.#at === 0) {
      const text = "expected a live tensor, it has been disposed";
      throw new RangeError(`tensor${describe(this.shape)}: ${text}`);
    }
    this.runtime.heap.checkLive();
  }
}
