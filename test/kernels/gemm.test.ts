import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TILES, type Tile, tileSize } from "../../src/wasm/tiles.ts";
import { type Arena, type Layout, layouts } from "../../src/verify/arena.ts";
import { check, describeMiss, operandCount } from "../../src/verify/case.ts";
import {
  type Factors,
  type ProductShape,
  allFactors,
  matrix,
  operands,
  productCases,
  productLengths,
  transposes,
} from "../../src/verify/families/products.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { type Product, multiply } from "../support/products.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** Runs products of one shape with several factors in one place, or in all. */
function checkProducts(shape: ProductShape, factors: readonly Factors[], layout?: Layout): void {
  for (const product of productCases(shape, factors)) {
    for (const place of layout ? [layout] : layouts(operandCount(product))) {
      const { miss } = check(arena, product, place);
      if (miss) expect.fail(describeMiss(miss));
    }
  }
}

function plain(m: number, n: number, k: number): Product {
  return { m, n, k, transA: false, transB: false, alpha: 1, beta: 0, padding: 0 };
}

describe.each(transposes)("sgemm, transposed: %s, %s", (transA, transB) => {
  it.each(productLengths)("is within γ_k · Σ|a||b| of float64 for %d rows", (m) => {
    productLengths.forEach((n, j) => {
      for (const turn of [0, 5, 10]) {
        // Over all rows, every pair of sizes comes together with most third sizes.
        const third = (productLengths.indexOf(m) + 4 * j + turn) % productLengths.length;
        const [k, padding] = [productLengths[third]!, [0, 1, 5][(j + turn) % 3]!];
        const shape = { m, n, k, transA, transB, padding };
        checkProducts(shape, allFactors, { shift: (j + turn) % 4 });
      }
    });
  });

  it.each([
    [1, 1, 1],
    [4, 8, 4],
    [5, 9, 7],
    [7, 3, 5],
    [8, 16, 13],
    [3, 13, 2],
    [97, 2, 9],
  ])("reads and writes nothing outside: %d x %d, k = %d", (m, n, k) => {
    for (const padding of [0, 2]) {
      checkProducts({ m, n, k, transA, transB, padding }, allFactors);
    }
  });

  it.each([
    [99, 530, 401],
    // A small B, which is packed only for so many rows of a transposed A.
    [530, 64, 120],
  ])("gives a row of C the same bits however many others there are: %d x %d, k = %d", (m, n, k) => {
    const whole = { ...plain(m, n, k), transA, transB };
    const shapes = operands(whole);
    const [a, b] = [matrix(shapes.a, 4), matrix(shapes.b, 5)];
    const bits = bitsOf(multiply(arena, whole, a, b));
    // Rows i to i + rows of op(A) and the first columns of op(B) are taken as they are stored.
    const part = (rows: number, i: number, cols: number) => {
      const product = { ...whole, m: rows, n: cols };
      const fewRows = transA ? columns(a, m, i, rows) : a.slice(i * k, (i + rows) * k);
      const fewCols = transB ? b.slice(0, cols * k) : columns(b, n, 0, cols);
      return bitsOf(multiply(arena, product, fewRows, fewCols));
    };
    for (const [rows, i, most] of [
      [1, 0, 530],
      [1, 98, 530],
      [2, 7, 530],
      [3, 50, 513],
      [99, 0, 1],
      [7, 90, 8],
      [5, 3, 13],
      [96, 3, 511],
    ] as const) {
      const cols = Math.min(most, n);
      const wanted = Uint32Array.from({ length: rows * cols }, (_, at) => {
        return bits[(i + Math.floor(at / cols)) * n + (at % cols)]!;
      });
      expectSameBits(part(rows, i, cols), wanted, `${rows} rows from ${i}, ${cols} columns`);
    }
  });

  it("leaves a matrix as it is when it is multiplied by the identity", () => {
    for (const n of [1, 3, 8, 13, 97]) {
      const identity = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) ? 0 : 1));
      const x = floats(n * n, n, -1e6, 1e6);
      const turned = x.map((_, i) => x[(i % n) * n + Math.floor(i / n)]!);
      const product = { ...plain(n, n, n), transA, transB };
      expect(multiply(arena, product, identity, x)).toEqual(transB ? turned : x);
      expect(multiply(arena, product, x, identity)).toEqual(transA ? turned : x);
    }
  });

  it("carries NaN and infinity to the rows and columns that they stand in, and no others", () => {
    const [m, n, k] = [9, 13, 10];
    const product = { ...plain(m, n, k), transA, transB };
    for (const special of [NaN, Infinity]) {
      const [a, b] = [floats(m * k, 6, 1, 2), floats(k * n, 7, 1, 2)];
      a[transA ? 3 * m + 8 : 8 * k + 3] = special;
      const rows = multiply(arena, product, a, b);
      rows.forEach((x, i) => {
        expect(Number.isFinite(x)).toBe(Math.floor(i / n) !== 8);
      });
      b[transB ? 12 * k + 5 : 5 * n + 12] = special;
      a[transA ? 3 * m + 8 : 8 * k + 3] = 1;
      const columns = multiply(arena, product, a, b);
      columns.forEach((x, i) => {
        expect(Number.isFinite(x)).toBe(i % n !== 12);
      });
    }
  });
});

/** `count` columns from `first` of a matrix with rows of `width`. */
function columns(values: Float32Array, width: number, first: number, count: number): Float32Array {
  return values.filter((_, i) => i % width >= first && i % width < first + count);
}

/** Sizes around the edges of every tile, around where paths and blocks change. */
const shapes = [
  ...productLengths.flatMap((m, i) =>
    [0, 3, 7].map((turn) => {
      const n = productLengths[(i + turn) % productLengths.length]!;
      return [m, n, productLengths[(2 * i + turn) % productLengths.length]!] as const;
    }),
  ),
  [1, 529, 131],
  [2, 530, 387],
  [3, 531, 389],
  [8, 100, 390],
  [9, 92, 391],
  [97, 515, 40],
  [100, 84, 769],
  // Where a small B is packed for the largest tile, and where it no longer is.
  [32, 32, 64],
  [31, 32, 64],
  [32, 31, 64],
  [33, 64, 128],
  // Where it is for a transposed A, and where that is too small.
  [512, 64, 32],
  [511, 64, 32],
  [513, 64, 31],
] as const;

describe.each(TILES)("the %s tile", (tile) => {
  afterAll(() => {
    arena.kernels.setTile(4, 8);
  });

  it.each(transposes)("gives the bits of all others, transposed: %s, %s", (transA, transB) => {
    for (const [m, n, k] of shapes) {
      const product = { m, n, k, transA, transB, alpha: 0.75, beta: 0.5, padding: 3 };
      const { a, b, c } = operands(product);
      const [left, right, old] = [matrix(a, 1), matrix(b, 2), matrix(c, 3)];
      const run = (name: Tile) => {
        expect(arena.kernels.setTile(...tileSize(name))).toBeTruthy();
        return bitsOf(multiply(arena, product, left, right, old));
      };
      expectSameBits(run(tile), run("4x8"), `${m} x ${n}, k = ${k}`);
    }
  });
});

describe("sgemm with nothing to multiply", () => {
  it("does not look at A and B for alpha = 0, as in BLAS", () => {
    const nothing = new Float32Array(25).fill(NaN);
    const c = floats(25, 8);
    const product = { ...plain(5, 5, 5), alpha: 0 };
    expect([...multiply(arena, product, nothing, nothing)]).toEqual(new Array(25).fill(0));
    const halved = multiply(arena, { ...product, beta: 0.5 }, nothing, nothing, c);
    expect(halved).toEqual(c.map((x) => x / 2));
  });

  it.each([
    [0, 20, 30],
    [20, 0, 30],
    [20, 30, 0],
    [0, 0, 0],
  ])("needs no scratch, and touches none, for %d x %d, k = %d", (m, n, k) => {
    expect(arena.kernels.sgemmScratchBytes(m, n, k)).toBe(0);
    const product = plain(m, n, k);
    const shapes = operands(product);
    const c = multiply(arena, product, matrix(shapes.a, 1), matrix(shapes.b, 2));
    expect([...c]).toEqual(new Array(m * n).fill(0));
  });
});

describe("sgemmScratchBytes", () => {
  it("is of whole cache lines' worth of panels and never more than three blocks with their edges", () => {
    for (const [m, n, k] of [
      [1, 1, 1],
      [97, 513, 385],
      [5000, 5000, 5000],
    ] as const) {
      const bytes = arena.kernels.sgemmScratchBytes(m, n, k);
      expect(bytes % 16).toBe(0);
      expect(bytes).toBeGreaterThan(0);
      expect(bytes).toBeLessThanOrEqual(4 * 384 * (96 + 512 + 24) + 256);
    }
  });
});
