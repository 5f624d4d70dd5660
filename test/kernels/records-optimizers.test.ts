import { beforeAll, describe, expect, it } from "vitest";
import type { KernelName } from "../../src/wasm/build.ts";
import { NORM_PIECES } from "../../src/optimizers/optimizer.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats } from "../../src/verify/numbers.ts";
import { KernelTable, checkParts, counts } from "../support/records.ts";

/** Records of optimizers and of clipping: their parts together do what the kernel does. */

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena();
  table = new KernelTable(arena);
});

/** Runs records in order, on one thread. */
function run(...records: readonly (readonly [KernelName, ...number[]])[]): void {
  const program = table.program(records);
  const at = arena.input(program);
  arena.kernels.run(at, at + program.byteLength, 0, 1);
}

type Blocks = readonly [number, number, number];

/** A record with its rates, and the kernel that it calls, over up to three blocks of state. */
interface Case {
  readonly record: KernelName;
  readonly state: number;
  readonly rates: readonly number[];
  /** What the record has between the blocks and the count. */
  readonly absent?: number;
  /** What it has after the rates. */
  readonly flags?: readonly number[];
  readonly plain: (p: number, g: number, state: Blocks, n: number) => void;
}

const cases: Record<string, Case> = {
  adagrad: {
    record: "adagradRecord",
    state: 1,
    rates: [0.1, 0.01, 1e-3, 0.5, 4],
    plain(p, g, [s], n) {
      arena.kernels.adagrad(p, g, s, n, 0.1 / 4, 0.01, 1e-3, 0.5);
    },
  },
  adadelta: {
    record: "adadeltaRecord",
    state: 2,
    rates: [0.1, 0.01, 0.9, 1e-3],
    plain(p, g, [s, d], n) {
      arena.kernels.adadelta(p, g, s, d, n, 0.1, 0.01, 0.9, 1e-3);
    },
  },
  rmsprop: {
    record: "rmspropRecord",
    state: 3,
    rates: [0.1, 0.01, 0.9, 1e-3, 0.8],
    plain(p, g, [s, mean, v], n) {
      arena.kernels.rmsprop(p, g, s, mean, v, n, 0.1, 0.01, 0.9, 1e-3, 0.8);
    },
  },
  "adam with a maximum": {
    record: "adamVariantRecord",
    state: 3,
    rates: [0.1, 0.01, 0.9, 0.99, 1e-3, 0.5, 0.25],
    flags: [0, 1],
    plain(p, g, [m, v, w], n) {
      arena.kernels.adamVariant(
        ...([p, g, m, v, w, n, 0.1, 0.9, 0.99, 1e-3, 0.5, 0.25, 0.01, 1] as const),
        true,
      );
    },
  },
  adamW: {
    record: "adamVariantRecord",
    state: 2,
    absent: 1,
    rates: [0.1, 0.01, 0.9, 0.99, 1e-3, 0.5, 0.25],
    flags: [1, 0],
    plain(p, g, [m, v], n) {
      const keep = 1 - 0.1 * 0.01;
      arena.kernels.adamVariant(
        ...([p, g, m, v, 0, n, 0.1, 0.9, 0.99, 1e-3, 0.5, 0.25, 0, keep] as const),
        false,
      );
    },
  },
  adamax: {
    record: "adamaxRecord",
    state: 2,
    rates: [0.1, 0.01, 0.9, 0.99, 1e-3, 0.5, 0.25],
    plain(p, g, [m, u], n) {
      arena.kernels.adamax(p, g, m, u, n, 0.1, 0.01, 0.9, 0.99, 1e-3, 0.5);
    },
  },
  nadam: {
    record: "nadamRecord",
    state: 2,
    rates: [0.1, 0.01, 0.9, 0.99, 1e-3, 0.6, 0.7, 0.25],
    plain(p, g, [m, v], n) {
      arena.kernels.nadam(p, g, m, v, n, 0.1, 0.01, 0.9, 0.99, 1e-3, 0.6, 0.7, 0.25);
    },
  },
  radam: {
    record: "radamRecord",
    state: 2,
    rates: [0.1, 0.01, 0.9, 0.99, 1e-3, 0.5, 0.25, 0, 0, 9, 0.3],
    plain(p, g, [m, v], n) {
      arena.kernels.radam(p, g, m, v, n, 0.1, 0.01, 0.9, 0.99, 1e-3, 0.5, 0.25, 0.3);
    },
  },
};

describe("optimizers", () => {
  it.each(Object.keys(cases))("%s", (name) => {
    const { record, state, rates, absent = 0, flags = [], plain } = cases[name]!;
    for (const n of counts) {
      arena.reset({ shift: n % 4 });
      const [p, g] = [arena.inout(floats(n, 1)), arena.input(floats(n, 2))];
      const blocks = [3, 4, 5].map((seed) => arena.inout(floats(n, seed, 0, 1)));
      const used = [...blocks.slice(0, state), ...new Array<number>(absent).fill(0)];
      const ratesAt = arena.input(Float64Array.from(rates));
      checkParts(
        arena,
        table,
        {
          record: [record, p, g, ...used, n, ratesAt, ...flags],
          written: [p, ...blocks.slice(0, state)].map((at) => ({ at, count: n })),
          plain() {
            plain(p, g, blocks as [number, number, number], n);
          },
        },
        `${n}`,
      );
    }
  });
});

describe("counts, on one thread only", () => {
  /** Rates after a count record has run for some steps, on three threads each time. */
  function counted(record: KernelName, steps: number, rates: readonly number[]): number[] {
    arena.reset();
    const at = arena.inout(Float64Array.from(rates));
    const program = table.program([[record, at]]);
    const from = arena.input(program);
    for (let t = 0; t < steps; t++) {
      for (const thread of [0, 1, 2]) arena.kernels.run(from, from + program.byteLength, thread, 3);
    }
    arena.checkCanaries();
    return [...new Float64Array(arena.memory.buffer.slice(at, at + 8 * rates.length))];
  }

  it("adagrad's divisor grows by the decay from the second step on", () => {
    const rates = [0.1, 0, 1e-3, 0, 0, 0.5, 0];
    const divisors = [1, 2, 3].map((steps) => counted("adagradCountRecord", steps, rates)[4]);
    expect(divisors).toEqual([1, 1.5, 2]);
  });

  it("radam's rectification is 0 until the variance can be rectified", () => {
    const rates = [0.1, 0, 0.9, 0.999, 1e-3, 0, 0, 1, 1, 0, 0];
    const at = (steps: number) => counted("radamCountRecord", steps, rates).slice(9);
    expect([1, 2, 3, 4, 5].map(at)).toEqual([1, 2, 3, 4, 5].map((t) => [t, 0]));
    const [t, rectification] = at(6) as [number, number];
    const longest = 1999;
    const length = longest - (12 * 0.999 ** 6) / (1 - 0.999 ** 6);
    const over = (length - 4) * (length - 2) * longest;
    expect(t).toBe(6);
    expect(rectification).toBeCloseTo(
      Math.sqrt(over / ((longest - 4) * (longest - 2) * length)),
      10,
    );
  });

  it("nadam's mu grows to beta1", () => {
    const start = [0.1, 0, 0.9, 0.99, 1e-3, 0, 0, 0, 1, 1, 1, 0.5, 0];
    const after = counted("nadamCountRecord", 2, start);
    const [first, second, third] = [0.9 * 0.75, 0.9 * 0.875, 0.9 * 0.9375];
    const product = first * second;
    expect(after[10]).toBeCloseTo(product, 14);
    expect(after[5]).toBeCloseTo(third / (1 - product * third), 14);
    expect(after[6]).toBeCloseTo((1 - second) / (1 - product), 14);
    expect(after[7]).toBeCloseTo(1 - 0.99 ** 2, 14);
  });

  describe("powers of a half end at 0, not among the subnormals, which are slow", () => {
    // 2^-1030 is subnormal, and would become 0 by itself from step 1075 on.
    const STEPS = 1030;

    it("of adam", () => {
      const after = counted("adamCountRecord", STEPS, [0.1, 0, 0.5, 0.5, 1e-3, 0, 0, 1, 1]);
      expect(after.slice(5)).toEqual([1, 1, 0, 0]);
    });

    it("of a moving average", () => {
      const after = counted("momentumCountRecord", STEPS, [0.1, 0, 0.5, 1, 0, 1, 1, 1, 0.5]);
      expect([after[4], after[7]]).toEqual([1, 0]);
    });

    it("of nadam", () => {
      const start = [0.1, 0, 0.5, 0.5, 1e-3, 0, 0, 0, 1, 1, 1, 0.5, 0];
      const after = counted("nadamCountRecord", STEPS, start);
      expect(after.slice(5, 11)).toEqual([0.5, 0.5, 1, 0, 0, 0]);
    });
  });
});

describe("clipping", () => {
  const sums = 1 + NORM_PIECES;

  it("leaves as many sums of parts as optimizers make room for", () => {
    arena.reset();
    const [x, rates] = [arena.input(floats(1000, 1)), arena.inout(new Float64Array(sums).fill(-1))];
    const program = table.program([["sumSquaresRecord", x, 1000, rates]]);
    const at = arena.input(program);
    arena.kernels.run(at, at + program.byteLength, 0, 1);
    const [limit, ...parts] = new Float64Array(arena.memory.buffer.slice(rates, rates + 8 * sums));
    expect(limit).toBe(-1);
    expect(parts.filter((part) => part > 0)).toHaveLength(NORM_PIECES);
    arena.checkCanaries();
  });

  it.each([0.5, 1e9])("to a norm of %d", (maxNorm) => {
    for (const n of [...counts, 5000]) {
      arena.reset({ shift: n % 4 });
      const [x, rates] = [arena.inout(floats(n, 1)), arena.inout(new Float64Array(sums))];
      new Float64Array(arena.memory.buffer, rates, 1)[0] = maxNorm;
      const parts = table.program([["sumSquaresRecord", x, n, rates]]);
      const at = arena.input(parts);
      for (const thread of [2, 0, 1]) arena.kernels.run(at, at + parts.byteLength, thread, 3);
      checkParts(
        arena,
        table,
        {
          record: ["clipNormRecord", x, n, rates],
          written: [{ at: x, count: n }],
          plain() {
            arena.kernels.clipNorm(x, n, maxNorm);
          },
        },
        `${n}`,
      );
    }
  });

  it("to a value", () => {
    for (const n of counts) {
      arena.reset({ shift: n % 4 });
      const x = arena.inout(floats(n, 1));
      const limit = new Uint32Array(Float32Array.of(0.25).buffer)[0]!;
      checkParts(
        arena,
        table,
        {
          record: ["clipValueRecord", x, n, limit],
          written: [{ at: x, count: n }],
          plain() {
            arena.kernels.clipValue(x, n, 0.25);
          },
        },
        `${n}`,
      );
    }
  });

  it("to a norm comes to the kernel's bits as records of a program", () => {
    arena.reset();
    const [a, b] = [arena.inout(floats(777, 1)), arena.inout(floats(777, 1))];
    const rates = arena.inout(Float64Array.of(1, ...new Array<number>(32).fill(NaN)));
    run(["sumSquaresRecord", a, 777, rates], ["clipNormRecord", a, 777, rates]);
    arena.kernels.clipNorm(b, 777, 1);
    expect(arena.raw(a, 777)).toEqual(arena.raw(b, 777));
  });
});
