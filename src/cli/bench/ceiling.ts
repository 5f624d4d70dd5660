import { embedded as relaxed } from "../../../build/ceiling-relaxed.ts";
import { embedded as strict } from "../../../build/ceiling.ts";
import type { instantiate } from "../../../build/asc/ceiling.js";
import { fromBase64 } from "../../base/embedded-bytes.ts";
import { inflate } from "../../base/embedded-bytes.ts";
import { timeInTurns, type Budget, type Timed } from "./timing.ts";

/** What assembly/ceiling.ts exports. */
type Exports = Awaited<ReturnType<typeof instantiate>>;

/** A loop that multiplies and adds, or copies, as fast as the machine can. */
export interface PeakLoop extends Timed {
  readonly name: string;
  /** Floating-point operations, or bytes read and written, of one call. */
  readonly amount: number;
}

export interface Peak {
  readonly loop: PeakLoop;
  /** Of every loop, in the order of the loops. */
  readonly gflops: readonly number[];
}

const PAGE = 2 ** 16;

/** The copy kernel's unit, a cache line. */
const LINE = 64;

/** Of the accumulators, at the start of the memory; the ring comes after them, then what is copied. */
const ACCUMULATOR_BYTES = 256;

/** The most that a copy can be asked to go over. */
const MOST_COPIED = 2 ** 26;

/** Any factor below 1 keeps the chains finite. */
const FACTOR = 0.999;

/** How long one call of a peak loop runs: some 50 µs on a machine of 2026. */
const LAPS = 100;

const FLOPS_OF_MADD = 2 * 4;

/** The limits of this machine, as loops over a memory of their own. */
export class Ceiling {
  /** Multiply-adds in so many chains, with operands in registers or with a load for each. */
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

  /** To be called after the engine is there: V8's flags are then those that it runs with. */
  static async create(math: "strict" | "relaxed"): Promise<Ceiling> {
    const memory = new WebAssembly.Memory({ initial: 1 + MOST_COPIED / PAGE });
    new Float32Array(memory.buffer, 0, PAGE / 4).fill(FACTOR);
    const bytes = await inflate(fromBase64(math === "relaxed" ? relaxed : strict));
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory } });
    return new Ceiling(instance.exports as unknown as Exports);
  }

  /** The fastest loop. */
  async peak(budget: Budget): Promise<Peak> {
    const timings = await timeInTurns(this.loops, budget);
    const gflops = timings.map(({ milliseconds }, i) =>
      perNanosecond(this.loops[i]!.amount, milliseconds),
    );
    return { loop: this.loops[gflops.indexOf(Math.max(...gflops))]!, gflops };
  }

  /**
   * A copy that fills `target` bytes in a call, every time from the next of `source` bytes.
   * @throws RangeError for more than 64 MiB in all
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

/** Billions a second, of an amount in so many milliseconds: GFLOPS, or GB/s. */
export function perNanosecond(amount: number, milliseconds: number): number {
  return amount / milliseconds / 1e6;
}
