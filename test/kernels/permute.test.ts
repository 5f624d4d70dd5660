import { beforeAll, describe, it } from "vitest";
import { type Array64, arrayFormulas, length } from "../../src/reference/arrays.ts";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectSameBits } from "../../src/verify/compare.ts";
import { type Prepared, KernelTable, checkLanes } from "../support/records.ts";

let arena: Arena;
let table: KernelTable;
beforeAll(async () => {
  arena = await createArena(4);
  table = new KernelTable(arena);
});

/** An array whose elements are all different, with the bits of a signalling NaN among them. */
function counted(shape: readonly number[]): { words: Uint32Array; array: Array64 } {
  const words = Uint32Array.from({ length: length(shape) }, (_, i) => i + 1);
  if (words.length > 2) words[1] = 0x7f812345;
  return { words, array: { shape, data: Float64Array.from(words) } };
}

/** Runs a kernel on every layout, and its record on every number of lanes. */
function check(
  operands: readonly Uint32Array[],
  expected: Float64Array,
  prepare: (inputs: number[], output: number) => Omit<Prepared, "written">,
  poisoned = expected.length,
): void {
  const wanted = Uint32Array.from(expected);
  for (const layout of layouts(operands.length + 1)) {
    arena.reset(layout);
    const inputs = operands.map((words) => arena.input(words));
    const output = arena.output(poisoned);
    prepare(inputs, output).plain();
    arena.checkCanaries();
    expectSameBits(arena.words(output, wanted.length), wanted);
  }
  arena.reset();
  const inputs = operands.map((words) => arena.input(words));
  const output = arena.output(poisoned);
  const written = [{ at: output, count: poisoned }];
  checkLanes(arena, table, { ...prepare(inputs, output), written });
}

const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 9, 16, 17, 33];

describe("copyStrided", () => {
  /** Walks a transposed matrix, with the axis that the source is dense along last or next to last. */
  it.each(sizes)("transposes %d rows of every length", (rows) => {
    for (const cols of sizes) {
      const { words, array } = counted([rows, cols]);
      const expected = arrayFormulas.transpose([array]).data;
      const tiled = [cols, 1, rows, rows, cols, 1];
      const plain = [rows, cols, 1, cols, 1, rows];
      for (const axes of [tiled, plain]) {
        check([words, Uint32Array.from(axes)], expected, ([src, at], dst) => ({
          record: ["copyRecord", src!, dst, 2, ...axes],
          plain() {
            arena.kernels.copyStrided(src!, dst, at!, 2);
          },
        }));
      }
    }
  });

  it("moves rows, single elements and blocks of three axes", () => {
    const { words, array } = counted([3, 4, 5]);
    const walks: [number[], number[]][] = [
      [
        [0, 1, 2],
        [60, 1, 1],
      ],
      [
        [1, 0, 2],
        [4, 5, 15, 3, 20, 5, 5, 1, 1],
      ],
      [
        [2, 1, 0],
        [4, 5, 3, 5, 1, 12, 3, 20, 1],
      ],
    ];
    for (const [order, axes] of walks) {
      const expected = arrayFormulas.transpose([array], order).data;
      const rank = axes.length / 3;
      check([words, Uint32Array.from(axes)], expected, ([src, at], dst) => ({
        record: ["copyRecord", src!, dst, rank, ...axes],
        plain() {
          arena.kernels.copyStrided(src!, dst, at!, rank);
        },
      }));
    }
  });
});

describe("padStrided", () => {
  /** dst where the slice begins at `begin` of each axis and takes every step-th position. */
  function padded(
    { shape, data }: Array64,
    whole: readonly number[],
    begin: readonly number[],
    step: readonly number[],
  ): Float64Array {
    const counts = {
      shape: whole,
      data: Float64Array.from({ length: length(whole) }, (_, i) => i),
    };
    const end = shape.map((n, i) => begin[i]! + (n - 1) * step[i]! + 1);
    const places = arrayFormulas.slice([counts], begin, end, step).data;
    const result = new Float64Array(length(whole));
    places.forEach((place, i) => (result[place] = data[i]!));
    return result;
  }

  const cases: [number[], number[], number[], number[]][] = [
    ...sizes.flatMap((n): [number[], number[], number[], number[]][] => [
      [[n + 3], [n || 1], [n ? 2 : 0], [1]],
      [[2 * n + 3], [n + 1], [1], [2]],
    ]),
    [
      [5, 4],
      [2, 3],
      [1, 1],
      [2, 1],
    ],
    [
      [5, 17],
      [3, 4],
      [2, 1],
      [1, 4],
    ],
    [
      [3, 4, 5],
      [1, 2, 2],
      [2, 0, 1],
      [1, 3, 3],
    ],
  ];

  it.each(cases)("into %j from %j at %j by %j", (whole, shape, begin, step) => {
    const { words, array } = counted(shape);
    const expected = padded(array, whole, begin, step);
    const block = (of: readonly number[], i: number): number => length(of.slice(i + 1));
    const axes = whole.flatMap((n, i) => {
      return [n, begin[i]!, step[i]!, shape[i]!, block(shape, i), block(whole, i)];
    });
    check([words, Uint32Array.from(axes)], expected, ([src, at], dst) => ({
      record: ["padRecord", src!, dst, whole.length, ...axes],
      plain() {
        arena.kernels.padStrided(src!, dst, at!, whole.length);
      },
    }));
  });

  it("leaves only zeros of an empty slice", () => {
    const axes = [9, 4, 1, 0, 1, 1];
    check([new Uint32Array(0), Uint32Array.from(axes)], new Float64Array(9), ([src, at], dst) => ({
      record: ["padRecord", src!, dst, 1, ...axes],
      plain() {
        arena.kernels.padStrided(src!, dst, at!, 1);
      },
    }));
  });
});

it.each([0, 1, 2, 3, 17])("concat puts %d rows of parts side by side", (rows) => {
  for (const widths of [[3], [1, 4], [0, 5, 2], [8, 8, 1, 0]]) {
    const parts = widths.map((width) => counted([rows, width]));
    const expected = arrayFormulas.concat(
      parts.map(({ array }) => array),
      1,
    ).data;
    const width = widths.reduce((sum, n) => sum + n, 0);
    const operands = parts.map(({ words }) => words);
    check(operands, expected, (inputs, dst) => {
      const words = inputs.flatMap((at, i) => [at, widths[i]!]);
      return {
        record: ["concatRecord", dst, rows, width, widths.length, ...words],
        plain() {
          const list = arena.input(Uint32Array.from(words));
          arena.kernels.concat(list, widths.length, dst, 0, rows);
        },
      };
    });
  }
});
