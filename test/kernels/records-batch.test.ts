import { beforeAll, describe, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { floats, integers } from "../../src/verify/numbers.ts";
import { KernelTable, checkSizes, counts, floatWord, rowCounts } from "../support/records.ts";

/** Records around the graph, and programs of several records. */

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena();
  table = new KernelTable(arena);
});

/** Runs records in order, on one thread. */
function run(...records: Parameters<KernelTable["program"]>[0]): void {
  const program = table.program(records);
  const at = arena.input(program);
  arena.kernels.run(at, at + program.byteLength, 0, 1);
}

describe.each([false, true])("a batch by index: %s", (byIndex) => {
  const SOURCES = 20;
  const picks = (rows: number) => (byIndex ? arena.input(integers(rows, 2, SOURCES)) : 0);

  it.each([1, 3, 8])("gatherRecord of rows of %d", (width) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const src = arena.input(floats(SOURCES * width, 1));
      const [indices, dst] = [picks(rows), arena.output(rows * width)];
      return {
        record: ["gatherRecord", src, indices, dst, rows, width],
        written: [{ at: dst, count: rows * width }],
        plain() {
          arena.kernels.gather(src, indices, dst, rows, width);
        },
      };
    });
  });

  it.each([1, 3, 8])("gatherBytesRecord of rows of %d", (width) => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const src = arena.input(Uint8Array.from(integers(SOURCES * width, 1, 256)));
      const [indices, dst] = [picks(rows), arena.output(rows * width)];
      return {
        record: ["gatherBytesRecord", src, indices, dst, rows, width, floatWord(1 / 255)],
        written: [{ at: dst, count: rows * width }],
        plain() {
          arena.kernels.gatherBytes(src, indices, dst, rows, width, 1 / 255);
        },
      };
    });
  });
});

it("gatherRecord does nothing where the batch is there already", () => {
  arena.reset();
  const rows = arena.input(floats(12, 1));
  run(["gatherRecord", rows, arena.input(Int32Array.of(2, 1, 0)), rows, 3, 4]);
  arena.checkCanaries();
});

describe("optimizers", () => {
  it("sgdRecord", () => {
    checkSizes(arena, table, counts, (n) => {
      const [p, g] = [arena.inout(floats(n, 1)), arena.input(floats(n, 2))];
      const rates = arena.input(Float64Array.of(0.1, 0.01));
      return {
        record: ["sgdRecord", p, g, n, rates],
        written: [{ at: p, count: n }],
        plain() {
          arena.kernels.sgd(p, g, n, 0.1, 0.01);
        },
      };
    });
  });

  it.each([0, 1])("momentumRecord, Nesterov: %d", (nesterov) => {
    checkSizes(arena, table, counts, (n) => {
      const [p, g] = [arena.inout(floats(n, 1)), arena.input(floats(n, 2))];
      const v = arena.inout(floats(n, 3));
      // lr, weight decay, mu, gain, correction of lr.
      const rates = arena.input(Float64Array.of(0.1, 0.01, 0.9, 0.5, 0.25));
      return {
        record: ["momentumRecord", p, g, v, n, rates, nesterov],
        written: [p, v].map((at) => ({ at, count: n })),
        plain() {
          arena.kernels.momentum(p, g, v, n, 0.1 / 0.25, 0.01, 0.9, 0.5, nesterov === 1);
        },
      };
    });
  });

  it("adamRecord", () => {
    checkSizes(arena, table, counts, (n) => {
      const [p, g] = [arena.inout(floats(n, 1)), arena.input(floats(n, 2))];
      const [m, v] = [arena.inout(floats(n, 3)), arena.inout(floats(n, 4, 0, 1))];
      const [first, second] = [1 - 0.9 ** 3, 1 - 0.99 ** 3];
      const rates = arena.input(Float64Array.of(0.1, 0, 0.9, 0.99, 1e-6, first, second, 0, 0));
      return {
        record: ["adamRecord", p, g, m, v, n, rates],
        written: [p, m, v].map((at) => ({ at, count: n })),
        plain() {
          arena.kernels.adam(p, g, m, v, n, 0.1, 0.9, 0.99, 1e-6, first, second);
        },
      };
    });
  });

  /** Rates after a count record has run twice, on three threads each time. */
  function counted(record: "adamCountRecord" | "momentumCountRecord", rates: number[]): number[] {
    arena.reset();
    const at = arena.inout(Float64Array.from(rates));
    const program = table.program([[record, at]]);
    const from = arena.input(program);
    const end = from + program.byteLength;
    for (const thread of [0, 1, 2, 0, 1, 2]) arena.kernels.run(from, end, thread, 3);
    arena.checkCanaries();
    return [...new Float64Array(arena.memory.buffer.slice(at, at + 8 * rates.length))];
  }

  it("adamCountRecord multiplies each power by its own beta, on one thread only", () => {
    const [one, two] = [0.9 * 0.9, 0.99 * 0.99];
    const after = counted("adamCountRecord", [0.1, 0, 0.9, 0.99, 1e-6, 0, 0, 1, 1]);
    expect(after).toEqual([0.1, 0, 0.9, 0.99, 1e-6, 1 - one, 1 - two, one, two]);
  });

  it("momentumCountRecord goes on to the next gain and shrinks the bias", () => {
    const after = counted("momentumCountRecord", [0.1, 0, 0.9, 9, 0, 1, 0.5, 1, 0.9]);
    expect(after).toEqual([0.1, 0, 0.9, 0.5, 1 - 0.9 * 0.9, 0.5, 0.5, 0.9 * 0.9, 0.9]);
  });
});

describe.each([1, 3, 10])("counts over rows of %d", (cols) => {
  it("countLabelsRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const x = arena.input(floats(rows * cols, 1));
      const [labels, out] = [arena.input(integers(rows, 2, cols)), arena.output(1)];
      return {
        record: ["countLabelsRecord", x, labels, out, rows, cols],
        written: [{ at: out, count: 1 }],
        plain() {
          arena.kernels.countLabels(x, labels, out, rows, cols);
        },
      };
    });
  });

  it("countArgmaxRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const [x, t] = [1, 2].map((seed) => arena.input(floats(rows * cols, seed)));
      const out = arena.output(1);
      return {
        record: ["countArgmaxRecord", x!, t!, out, rows, cols],
        written: [{ at: out, count: 1 }],
        plain() {
          arena.kernels.countArgmax(x!, t!, out, rows, cols);
        },
      };
    });
  });

  it("countBinaryRecord", () => {
    checkSizes(arena, table, rowCounts, (rows) => {
      const n = rows * cols;
      const [x, t] = [1, 2].map((seed) => arena.input(floats(n, seed, 0, 1)));
      const out = arena.output(1);
      return {
        record: ["countBinaryRecord", x!, t!, out, n, floatWord(0.25)],
        written: [{ at: out, count: 1 }],
        plain() {
          arena.kernels.countBinary(x!, t!, out, n, 0.25);
        },
      };
    });
  });
});

describe("a program", () => {
  it("runs its records in order", () => {
    arena.reset();
    const [x, y] = [arena.inout([1, 2, 3, 4, 5]), arena.output(5)];
    const two = arena.input([2]);
    const axes = [1, 5, 1, 0];
    run(
      ["zipRecord", table.index("mul"), x, two, y, ...axes],
      ["zipRecord", table.index("add"), y, two, y, ...axes],
      ["mapRecord", table.index("relu"), y, x, 5, 0],
      ["sumRecord", x, y, 1, 5, 1, floatWord(0.5)],
    );
    arena.checkCanaries();
    expect([...arena.floats(x, 5)]).toEqual([4, 6, 8, 10, 12]);
    expect([...arena.floats(y, 5)]).toEqual([20, 6, 8, 10, 12]);
  });

  it("may be empty", () => {
    arena.reset();
    run();
    arena.checkCanaries();
  });
});
