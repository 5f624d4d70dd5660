import { type Exports, instantiateBuild } from "../wasm/build.ts";
import type { Numbers } from "./numbers.ts";

/** Bytes on each side of an operand that hold NaN, and that a kernel may neither use nor write. */
const CANARY_BYTES = 256;

/**
 * A signalling NaN. A kernel that computes with it gets a quiet one, and so cannot write it back.
 */
const CANARY = 0x7fa5a5a5;

/** Bytes of canaries, as many as are compared at once and one word more. */
const canaries = new Uint8Array(new Uint32Array(CANARY_BYTES / 4 + 1).fill(CANARY).buffer);

/** Content of outputs before the call: another signalling NaN. */
export const POISON = 0x7fb0b0b0;

/** Places of the operands of one call. */
export interface Layout {
  /** Elements from a 64-byte line to the first operand; each next operand is 1 element further. */
  readonly shift: number;
  /** Position, in the order of placing, of the operand that ends where the memory ends. */
  readonly last?: number;
}

/**
 * Returns layouts with every alignment by 4 bytes, and with each operand at the end of the memory.
 */
export function layouts(operands: number): Layout[] {
  const inside = [0, 1, 2, 3].map((shift) => ({ shift }));
  return [...inside, ...Array.from({ length: operands }, (_, last) => ({ shift: last, last }))];
}

interface Operand {
  readonly at: number;
  readonly bytes: number;
  /** Content that must be the same afterwards, if the kernel only reads the operand. */
  readonly kept?: Uint8Array;
}

/** A memory with kernels over it, in which operands lie between canaries. */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Exports;
  #operands: Operand[] = [];
  #layout: Layout = { shift: 0 };
  #end = 0;
  #limit = 0;

  constructor(memory: WebAssembly.Memory, kernels: Exports) {
    this.memory = memory;
    this.kernels = kernels;
    this.reset();
  }

  /**
   * Creates a memory and instantiates a module over it.
   * @param shared true for the build that needs a shared memory
   */
  static async over(
    module: WebAssembly.Module,
    shared: boolean,
    megabytes: number,
  ): Promise<Arena> {
    const pages = 16 * megabytes;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    return new Arena(memory, await instantiateBuild(memory, module));
  }

  /** Forgets all operands and starts over with a layout. */
  reset(layout: Layout = { shift: 0 }): void {
    this.#operands = [];
    this.#layout = layout;
    this.#end = 0;
    this.#limit = this.memory.buffer.byteLength;
  }

  /** Places numbers that a kernel may only read and returns their address; lists become float32. */
  input(numbers: Numbers | readonly number[]): number {
    return this.#place(numbers, true);
  }

  /** Places numbers that a kernel may overwrite and returns their address. */
  inout(numbers: Numbers | readonly number[]): number {
    return this.#place(numbers, false);
  }

  /** Places `count` 32-bit words of POISON for a kernel to overwrite and returns their address. */
  output(count: number): number {
    return this.#place(new Uint32Array(count).fill(POISON), false);
  }

  /** Returns `count` floats. @throws Error if one of them was never written */
  floats(at: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.words(at, count).buffer);
  }

  /** Returns `count` 32-bit words. @throws Error if one of them was never written */
  words(at: number, count: number): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(this.memory.buffer, at, count).slice();
    const missed = words.indexOf(POISON);
    if (missed >= 0) throw new Error(`element ${missed} of ${count} was never written`);
    return words;
  }

  /** Returns `count` 32-bit words as they are, written or not. */
  raw(at: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, count).slice();
  }

  /** @throws Error if a canary was overwritten, or an operand that the kernel may only read */
  checkCanaries(): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const { at, bytes: length, kept } of this.#operands) {
      const end = at + length;
      checkGap(bytes, at - CANARY_BYTES, at, `before the operand at ${at}`);
      checkGap(bytes, end, Math.min(end + CANARY_BYTES, bytes.length), `after the one at ${at}`);
      if (kept && !sameBytes(kept, bytes.subarray(at, end))) {
        throw new Error(`the input at ${at} was overwritten`);
      }
    }
  }

  #place(numbers: Numbers | readonly number[], readOnly: boolean): number {
    const typed = "buffer" in numbers ? numbers : Float32Array.from(numbers);
    const content = new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength).slice();
    const at = this.#address(content.length, typed.BYTES_PER_ELEMENT);
    const from = Math.floor((at - CANARY_BYTES) / 4) * 4;
    const words = Math.ceil((content.length + 2 * CANARY_BYTES + 4) / 4);
    const room = (this.memory.buffer.byteLength - from) / 4;
    new Uint32Array(this.memory.buffer, from, Math.min(words, room)).fill(CANARY);
    new Uint8Array(this.memory.buffer).set(content, at);
    this.#operands.push({ at, bytes: content.length, ...(readOnly && { kept: content }) });
    return at;
  }

  /** Returns the address of the next operand. @throws Error if the memory has no room */
  #address(bytes: number, elementBytes: number): number {
    const { shift, last } = this.#layout;
    const index = this.#operands.length;
    const total = this.memory.buffer.byteLength;
    let at = Math.ceil(this.#end / 64) * 64 + CANARY_BYTES + elementBytes * ((shift + index) % 4);
    if (index === last) {
      at = total - bytes;
      this.#limit = at - 2 * CANARY_BYTES;
    } else {
      this.#end = at + bytes + CANARY_BYTES;
    }
    if (this.#end > this.#limit) throw new Error("the arena is too small for these operands");
    return at;
  }
}

function checkGap(bytes: Uint8Array, from: number, to: number, where: string): void {
  const phase = from % 4;
  const wanted = canaries.subarray(phase, phase + to - from);
  if (sameBytes(wanted, bytes.subarray(from, to))) return;
  throw new Error(`written outside: ${where}, between ${from} and ${to}`);
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
