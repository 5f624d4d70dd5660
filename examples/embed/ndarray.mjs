// A small library on gradlane's kernels: arrays of float32 with views, in a memory of its own. It
// allocates; the kernels compute. Arrays are matrices [rows, columns]; a vector is a matrix of one row.
import { loadKernels } from "gradlane/kernels";

/** Operands start on cache lines, and none at 0, which kernels take for none. */
const ALIGNMENT = 64;

/** A memory that arrays live in, and the kernels over it. */
export class Arena {
  #kernels;
  #memory;
  #end = ALIGNMENT;

  /** @param megabytes that all arrays and the scratch together may take */
  static async create(megabytes = 16) {
    const memory = new WebAssembly.Memory({ initial: 16 * megabytes });
    return new Arena(memory, await loadKernels({ memory }));
  }

  constructor(memory, kernels) {
    this.#memory = memory;
    this.#kernels = kernels;
  }

  get kernels() {
    return this.#kernels;
  }

  /** Returns the address of a number of free bytes. @throws RangeError if the memory is full */
  allocate(bytes) {
    const at = this.#end;
    const end = at + Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    const { byteLength } = this.#memory.buffer;
    if (end > byteLength) {
      throw new RangeError(`arena: expected room for ${bytes} bytes, ${byteLength - at} are left`);
    }
    this.#end = end;
    return at;
  }

  /** Runs a function, and frees all that was allocated in it; what it returns is no array. */
  scope(run) {
    const end = this.#end;
    try {
      return run();
    } finally {
      this.#end = end;
    }
  }

  floats(at, count) {
    return new Float32Array(this.#memory.buffer, at, count);
  }

  integers(at, count) {
    return new Int32Array(this.#memory.buffer, at, count);
  }

  /** An array whose content is anything. */
  empty(rows, columns) {
    return new NdArray(this, this.allocate(4 * rows * columns), [rows, columns], [columns, 1]);
  }

  /** An array of these numbers, row by row. */
  array(numbers, rows, columns) {
    const result = this.empty(rows, columns);
    this.floats(result.at, rows * columns).set(numbers);
    return result;
  }

  zeros(rows, columns) {
    return this.array(new Float32Array(rows * columns), rows, columns);
  }

  /** Numbers between -bound and bound; every seed and stream has its own. */
  uniform(rows, columns, bound, seed, stream) {
    const result = this.empty(rows, columns);
    this.kernels.randomUniform(result.at, rows * columns, -bound, bound, seed, 0, stream);
    return result;
  }
}

/** A matrix: element (i, j) is at byte at + 4 · (i · strides[0] + j · strides[1]). */
export class NdArray {
  constructor(arena, at, shape, strides) {
    Object.assign(this, { arena, at, shape, strides });
  }

  get size() {
    return this.shape[0] * this.shape[1];
  }

  /** A view of rows `from` to `to`. */
  rows(from, to) {
    const [stride] = this.strides;
    const at = this.at + 4 * from * stride;
    return new NdArray(this.arena, at, [to - from, this.shape[1]], this.strides);
  }

  /** A view of columns `from` to `to`. */
  columns(from, to) {
    const at = this.at + 4 * from * this.strides[1];
    return new NdArray(this.arena, at, [this.shape[0], to - from], this.strides);
  }

  /** A view of the transpose. */
  get T() {
    return new NdArray(this.arena, this.at, this.shape.toReversed(), this.strides.toReversed());
  }

  /** This, or a copy of it with its rows one after the other, which is what most kernels take. */
  dense() {
    const [rows, columns] = this.shape;
    if (this.strides[1] === 1 && this.strides[0] === columns) return this;
    const { kernels } = this.arena;
    const result = this.arena.empty(rows, columns);
    const axes = this.arena.allocate(24);
    const words = [rows, this.strides[0], columns, columns, this.strides[1], 1];
    this.arena.integers(axes, 6).set(words);
    kernels.copyStrided(this.at, result.at, axes, 2);
    return result;
  }

  /** The numbers, row by row, as a copy. */
  toArray() {
    return this.arena.scope(() => this.arena.floats(this.dense().at, this.size).slice());
  }

  /** Returns the arguments of sgemm for this array: a transpose is no copy, rows may be apart. */
  #operand() {
    const [down, along] = this.strides;
    if (along === 1) return { trans: false, at: this.at, ld: down };
    if (down === 1) return { trans: true, at: this.at, ld: along };
    return this.dense().#operand();
  }

  matmul(other) {
    const [m, k] = this.shape;
    const [inner, n] = other.shape;
    if (k !== inner) throw new RangeError(`matmul: expected ${k} rows on the right, got ${inner}`);
    const { kernels } = this.arena;
    const result = this.arena.empty(m, n);
    const scratch = this.arena.allocate(kernels.sgemmScratchBytes(m, n, k));
    const [a, b] = [this.#operand(), other.#operand()];
    kernels.sgemm(
      ...[a.trans, b.trans, m, n, k, 1, a.at, a.ld, b.at, b.ld, 0, result.at, n, scratch],
    );
    return result;
  }

  /** The sum with an array of the same shape, or with one row that is added to every row. */
  add(other) {
    return this.#zip("add", other);
  }

  sub(other) {
    return this.#zip("sub", other);
  }

  #zip(name, other) {
    const [rows, columns] = this.shape;
    const isRow = other.shape[0] === 1 && rows > 1;
    const same = (isRow || other.shape[0] === rows) && other.shape[1] === columns;
    if (!same) throw new RangeError(`${name}: expected [${this.shape}], got [${other.shape}]`);
    const [a, b, y] = [this.dense(), other.dense(), this.arena.empty(rows, columns)];
    const kernel = this.arena.kernels[name];
    if (!isRow) kernel(a.at, 1, b.at, 1, y.at, y.size);
    else for (let i = 0; i < rows; i++) kernel(a.rows(i).at, 1, b.at, 1, y.rows(i).at, columns);
    return y;
  }

  /** Applies a kernel (x, y, n) to each element, in place if dense() has made a copy anyway. */
  #map(name) {
    const x = this.dense();
    const y = x === this ? this.arena.empty(...this.shape) : x;
    this.arena.kernels[name](x.at, y.at, y.size);
    return y;
  }

  relu() {
    return this.#map("relu");
  }

  /** The gradient of y = relu(x) for this gradient of y. */
  reluGrad(y) {
    const [dy, dx] = [this.dense(), this.arena.empty(...this.shape)];
    this.arena.kernels.reluGrad(y.at, dy.at, dx.at, dx.size);
    return dx;
  }

  /** The softmax of each row. */
  softmax() {
    const y = this.arena.empty(...this.shape);
    this.arena.kernels.softmax(this.dense().at, y.at, ...this.shape);
    return y;
  }

  /** The sum down the columns (0), one row, or along the rows (1), one column. */
  sum(axis) {
    const [rows, columns] = this.shape;
    const [outer, length, inner] = axis === 0 ? [1, rows, columns] : [rows, columns, 1];
    const y = this.arena.empty(outer, inner);
    this.arena.kernels.sum(this.dense().at, y.at, outer, length, inner, 1);
    return y;
  }

  /** Adds alpha times another array to this one, where it is: this has to be dense. */
  addScaled(alpha, other) {
    this.arena.kernels.saxpy(this.size, alpha, other.dense().at, this.at);
  }
}
