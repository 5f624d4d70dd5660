import type { Runtime } from "./runtime.ts";
import { type Shape, checkShape, describe, size } from "./shape.ts";

function disposed(shape: Shape): RangeError {
  return new RangeError(`tensor${describe(shape)}: expected a live tensor, it has been disposed`);
}

/** An array in an engine's memory that the caller fills in place; no copy is made of it. */
export class Tensor {
  /** Lengths of its axes. */
  readonly shape: Shape;
  /** @internal */
  readonly runtime: Runtime;
  readonly #view: () => Float32Array;
  #at: number;

  /** @throws RangeError if the shape is not of whole lengths or the memory has no room */
  constructor(runtime: Runtime, shape: Shape) {
    checkShape("tensor", shape);
    this.runtime = runtime;
    this.shape = shape.slice();
    this.#at = runtime.heap.allocate(size(shape) * 4, `tensor${describe(shape)}`);
    this.#view = runtime.heap.view(this.#at, size(shape));
    this.#view().fill(0);
  }

  /** Its address in bytes. @throws RangeError after dispose */
  get at(): number {
    if (this.#at === 0) throw disposed(this.shape);
    return this.#at;
  }

  /** A live view of its elements; read it anew after the engine's memory may have grown. */
  get data(): Float32Array {
    if (this.#at === 0) throw disposed(this.shape);
    return this.#view();
  }

  /** Gives its memory back. */
  dispose(): void {
    if (this.#at > 0) this.runtime.heap.release(this.#at);
    this.#at = 0;
  }

  /** As dispose, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
