import { describeValue } from "../base/arguments.ts";

/** Bytes of a cache line. Every region starts on one, so that no two regions share a line. */
const ALIGNMENT = 64;

const PAGE_BYTES = 65536;

/** One page less than 32-bit addresses reach, so that the end of a region is an address too. */
const MAXIMUM_BYTES = 2 ** 32 - PAGE_BYTES;

/** Rounds up to whole cache lines. */
export function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Memories that belong to a heap: a second heap would hand out the same bytes again. */
const owned = new WeakSet<WebAssembly.Memory>();

interface Gap {
  at: number;
  bytes: number;
}

/**
 * Hands out regions of one WebAssembly.Memory, first fit, and is the only caller of grow. It owns
 * the whole memory except the first line, so that no region is at address 0.
 */
export class Heap {
  readonly memory: WebAssembly.Memory;
  /** Free regions by address; none touches the next. */
  readonly #gaps: Gap[] = [];
  readonly #regions = new Map<number, number>();
  readonly #limit: number;
  /** End of the memory when it was last checked. */
  #end = ALIGNMENT;
  #used = 0;
  #isLive = true;
  #floats!: Float32Array;
  #words!: Uint32Array;
  #bytes!: Uint8Array;
  #doubles!: Float64Array;

  /** @param limit bytes that the memory may grow to */
  constructor(memory: WebAssembly.Memory, limit: number = MAXIMUM_BYTES) {
    if (!(memory instanceof WebAssembly.Memory)) {
      throw new TypeError(`memory: expected a WebAssembly.Memory, got ${describeValue(memory)}`);
    }
    if (owned.has(memory)) {
      throw new RangeError("memory: expected one of its own, another engine has this one");
    }
    owned.add(memory);
    this.memory = memory;
    this.#limit = Math.min(limit, MAXIMUM_BYTES);
    this.#claimNewPages();
    this.#renewViews();
  }

  /** Frees the memory for another heap; this one no longer hands out regions or views. */
  close(): void {
    owned.delete(this.memory);
    this.#isLive = false;
  }

  /** True until close, after which the memory may belong to another engine. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** @throws Error after close */
  checkLive(): void {
    if (!this.#isLive) throw new Error("engine: expected a live engine, it has been disposed");
  }

  /** Bytes in regions that are handed out. */
  get used(): number {
    return this.#used;
  }

  /** Bytes of the whole memory. */
  get reserved(): number {
    return this.memory.buffer.byteLength;
  }

  /**
   * The whole memory as float32 numbers; do not keep it, because growing the memory detaches it.
   */
  get floats(): Float32Array {
    if (this.#floats.byteLength === 0) this.#renewViews();
    return this.#floats;
  }

  /** The whole memory as float64 numbers; do not keep it. */
  get doubles(): Float64Array {
    if (this.#doubles.byteLength === 0) this.#renewViews();
    return this.#doubles;
  }

  /** The whole memory as 32-bit words; do not keep it. */
  get words(): Uint32Array {
    if (this.#words.byteLength === 0) this.#renewViews();
    return this.#words;
  }

  /** The whole memory as bytes; do not keep it. */
  get bytes(): Uint8Array {
    if (this.#bytes.byteLength === 0) this.#renewViews();
    return this.#bytes;
  }

  /**
   * Returns the address of a new region of at least `bytes` bytes, whose contents are undefined.
   * @param what name of the region for the error
   * @throws RangeError if the memory cannot grow that far; nothing is changed then
   */
  allocate(bytes: number, what: string): number {
    const size = Math.max(align(bytes), ALIGNMENT);
    this.reserve(size, what);
    const index = this.#gaps.findIndex((gap) => gap.bytes >= size);
    const gap = this.#gaps[index]!;
    const at = gap.at;
    if (gap.bytes === size) this.#gaps.splice(index, 1);
    else this.#gaps[index] = { at: at + size, bytes: gap.bytes - size };
    this.#regions.set(at, size);
    this.#used += size;
    return at;
  }

  /**
   * Returns a getter for a view of `count` floats from an address on. The getter makes a new view
   * when the memory has grown, and throws an Error after close.
   */
  view(at: number, count: number): () => Float32Array {
    let view = this.floats.subarray(at / 4, at / 4 + count);
    return () => {
      this.checkLive();
      if (view.buffer !== this.memory.buffer) view = this.floats.subarray(at / 4, at / 4 + count);
      return view;
    };
  }

  /**
   * Grows the memory so that regions of `bytes` bytes together fit, without allocating any.
   * @throws RangeError if the memory cannot grow that far, and nothing is changed then; Error after
   * close
   */
  reserve(bytes: number, what: string): void {
    this.checkLive();
    if (!this.#gaps.some((gap) => gap.bytes >= bytes)) this.#grow(bytes, what);
  }

  /** Releases a region. */
  release(at: number): void {
    const bytes = this.#regions.get(at);
    if (bytes === undefined) throw new RangeError(`release: no region starts at ${at}`);
    this.#regions.delete(at);
    this.#used -= bytes;
    this.#insert(at, bytes);
  }

  /** Inserts a free region among the gaps, and joins it to its neighbours. */
  #insert(at: number, bytes: number): void {
    const next = this.#gaps.findIndex((gap) => gap.at > at);
    const index = next < 0 ? this.#gaps.length : next;
    const after = this.#gaps[index];
    const before = this.#gaps[index - 1] ?? { at: 0, bytes: 0 };
    const joined = { at, bytes };
    const touches = [before.at + before.bytes === at, after?.at === at + bytes];
    if (touches[0]) {
      joined.at = before.at;
      joined.bytes += before.bytes;
    }
    if (touches[1]) joined.bytes += after!.bytes;
    const first = touches[0] ? index - 1 : index;
    this.#gaps.splice(first, Number(touches[0]) + Number(touches[1]), joined);
  }

  /** Adds the memory beyond the known end to the gaps: all of it at first, later what has grown. */
  #claimNewPages(): void {
    const end = this.memory.buffer.byteLength;
    if (end <= this.#end) return;
    this.#insert(this.#end, end - this.#end);
    this.#end = end;
  }

  #grow(size: number, what: string): void {
    this.#claimNewPages();
    const last = this.#gaps.at(-1);
    const free = last !== undefined && last.at + last.bytes === this.#end ? last.bytes : 0;
    const before = this.memory.buffer.byteLength;
    const pages = Math.max(0, Math.ceil((this.#end + size - free - before) / PAGE_BYTES));
    const refuse = (): RangeError =>
      new RangeError(
        `${what}: expected room for ${size} bytes more, the memory has ${before} bytes` +
          ` with ${this.#used} in use and cannot grow by ${pages * PAGE_BYTES}`,
      );
    if (before + pages * PAGE_BYTES > this.#limit) throw refuse();
    try {
      this.memory.grow(pages);
    } catch {
      throw refuse();
    }
    this.#renewViews();
    this.#claimNewPages();
  }

  #renewViews(): void {
    const buffer = this.memory.buffer;
    this.#floats = new Float32Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#doubles = new Float64Array(buffer);
  }
}
