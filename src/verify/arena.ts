import { type Exports, instantiateBuild } from "../wasm/build.ts";
import type { Numbers } from "./numbers.ts";

/** Bytes around every operand that nobody may write, filled with NaN that nobody may use. */
const CANARY_BYTES = 256;

/** A signalling NaN: a kernel that computes with it gets a quiet one, so it is never stored back. */
const CANARY = 0x7fa5a5a5;

/** More of them than are ever compared at once. */
const canaries = new Uint8Array(new Uint32Array(CANARY_BYTES / 4 + 1).fill(CANARY).buffer);

/** What outputs hold beforehand, another signalling NaN. */
export const POISON = 0x7fb0b0b0;

/** Where the operands of one call are put. */
export interface Layout {
  /** Elements past a 64-byte line that the first operand starts at; each next one is 1 further. */
  readonly shift: number;
  /** The operand, in the order they are placed, that ends where the memory ends. */
  readonly last?: number;
}

/** Every alignment by 4 bytes, and every one of the operands at the end of the memory in turn. */
export function layouts(operands: number): Layout[] {
  const inside = [0, 1, 2, 3].map((shift) => ({ shift }));
  return [...inside, ...Array.from({ length: operands }, (_, last) => ({ shift: last, last }))];
}

interface Operand {
  readonly at: number;
  readonly bytes: number;
  /** What it must still hold afterwards, where a kernel only reads it. */
  readonly kept?: Uint8Array;
}

/** A memory with kernels over it, where operands lie between canaries. */
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

  /** @param shared whether the module is of the build that needs a shared memory */
  static async over(
    module: WebAssembly.Module,
    shared: boolean,
    megabytes: number,
  ): Promise<Arena> {
    const pages = 16 * megabytes;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
    return new Arena(memory, await instantiateBuild(memory, module));
  }

  /** Forgets all operands and starts over. */
  reset(layout: Layout = { shift: 0 }): void {
    this.#operands = [];
    this.#layout = layout;
    this.#end = 0;
    this.#limit = this.memory.buffer.byteLength;
  }

  /** The address of numbers that a kernel may only read; plain arrays become float32. */
  input(numbers: Numbers | readonly number[]): number {
    return this.#place(numbers, true);
  }

  /** The address of numbers that a kernel may overwrite. */
  inout(numbers: Numbers | readonly number[]): number {
    return this.#place(numbers, false);
  }

  /** The address of room for `count` 32-bit numbers, poisoned. */
  output(count: number): number {
    return this.#place(new Uint32Array(count).fill(POISON), false);
  }

  /** `count` floats. @throws if one of them was never written */
  floats(at: number, count: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.words(at, count).buffer);
  }

  /** `count` 32-bit words. @throws if one of them was never written */
  words(at: number, count: number): Uint32Array<ArrayBuffer> {
    const words = new Uint32Array(this.memory.buffer, at, count).slice();
    const missed = words.indexOf(POISON);
    if (missed >= 0) throw new Error(`element ${missed} of ${count} was never written`);
    return words;
  }

  /** Bits of words as they are, poison included. */
  raw(at: number, count: number): Uint32Array {
    return new Uint32Array(this.memory.buffer, at, count).slice();
  }

  /** @throws if anything outside the operands was written, or an operand that is only read */
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

  /** Where the next operand goes. */
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
