import { embedded as relaxed } from "../../../build/ceiling-relaxed.ts";
import { embedded as strict } from "../../../build/ceiling.ts";
import type { instantiate } from "../../../build/asc/ceiling.js";
import { fromBase64 } from "../../base/embedded-bytes.ts";
import { inflate } from "../../base/embedded-bytes.ts";
import { timeInTurns, type Budget, type Timed } from "./timing.ts";

/** Exports of assembly/ceiling.ts. */
type Exports = Awaited<ReturnType<typeof instantiate>>;

/** A loop that multiplies and adds, or copies, as fast as the machine is able to. */
export interface PeakLoop extends Timed {
  readonly name: string;
  /** Floating-point operations of one call, or bytes that it reads and writes. */
  readonly amount: number;
}

export interface Peak {
  /** Fastest loop. */
  readonly loop: PeakLoop;
  /** Speed of each loop, in the order of the loops. */
  readonly gflops: readonly number[];
}

const PAGE = 2 ** 16;

/** Bytes of a cache line, in multiples of which the kernel copies. */
const LINE = 64;

/** Bytes of the accumulators at the start of the memory; the ring and the copied bytes follow. */
const ACCUMULATOR_BYTES = 256;

/** Most bytes, sources and target together, that a copy may use. */
const MOST_COPIED = 2 ** 26;

/** Factor of the multiply-adds; any number below 1 keeps the chains finite. */
const FACTOR = 0.999;

/** Laps in one call of a peak loop, which take some 50 µs on a machine of 2026. */
const LAPS = 100;

const FLOPS_OF_MADD = 2 * 4;

/** Limits of this machine, measured by loops over a memory of their own. */
export class Ceiling {
  /** Loops of multiply-adds in 8 to 16 chains, with operands in registers or loaded from memory. */
  readonly loops: readonly PeakLoop[];
  #exports: Exports;

  private constructor(exports: Exports) {
    this.#exports = exports;
    const kinds = [
      ["registers", "from registers"],
      ["loads", "with loads"],
    ] as const;
    this.loops = kinds.flatMap(([kind, words]) =>
      ([8, 10, 12, 16] as const).map((chains) => {
        const spin = exports[`${kind}${chains}`];
        const laps = (count: number) => () => {
          spin(count, FACTOR, ACCUMULATOR_BYTES, 0);
        };
        return {
          name: `${chains} chains ${words}`,
          amount: LAPS * exports.maddsPerLap() * FLOPS_OF_MADD,
          run: laps(LAPS),
          warmUp: laps(1),
        };
      }),
    );
  }

  /**
   * Compiles the loops. It must follow the creation of the engine, so that V8 compiles both with
   * the same flags.
   */
  static async create(math: "strict" | "relaxed"): Promise<Ceiling> {
    const memory = new WebAssembly.Memory({ initial: 1 + MOST_COPIED / PAGE });
    new Float32Array(memory.buffer, 0, PAGE / 4).fill(FACTOR);
    const bytes = await inflate(fromBase64(math === "relaxed" ? relaxed : strict));
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return new Ceiling(instance.exports as unknown as Exports);
  }

  /** Measures all loops and finds the fastest. */
  async peak(budget: Budget): Promise<Peak> {
    const timings = await timeInTurns(this.loops, budget);
    const gflops = timings.map(({ milliseconds }, i) =>
      perNanosecond(this.loops[i]!.amount, milliseconds),
    );
    return { loop: this.loops[gflops.indexOf(Math.max(...gflops))]!, gflops };
  }

  /**
   * Returns a copy that fills `target` bytes in a call, each time from the next part of `source`
   * bytes.
   * @throws RangeError if both need more than 64 MiB together
   */
  copy(source: number, target: number): PeakLoop {
    const chunk = Math.ceil(target / LINE) * LINE;
    const chunks = Math.ceil(source / chunk);
    if ((chunks + 1) * chunk > MOST_COPIED) {
      throw new RangeError(`ceiling: expected ${MOST_COPIED} bytes in all, got ${source + target}`);
    }
    const { copy } = this.#exports;
    const from = PAGE + chunk;
    let next = 0;
    return {
      name: `copy of ${source} bytes to ${target}`,
      amount: 2 * chunk,
      run: () => {
        copy(from + next * chunk, PAGE, chunk);
        next = (next + 1) % chunks;
      },
      warmUp: () => {
        copy(from, PAGE, LINE);
      },
    };
  }
}

/** Returns a rate in billions per second: GFLOPS or GB/s. */
export function perNanosecond(amount: number, milliseconds: number): number {
  return amount / milliseconds / 1e6;
}
