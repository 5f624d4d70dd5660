import { matmul } from "../../reference/matmul.ts";
import type { Exports } from "../../wasm/build.ts";
import { TILES, type Tile, tileSize } from "../../wasm/tiles.ts";
import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U } from "../compare.ts";
import { floats } from "../numbers.ts";

/** Sizes and storage of a product C = alpha · op(A)·op(B) + beta · C. */
export interface ProductShape {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transA: boolean;
  readonly transB: boolean;
  /** Floats between the rows of each matrix that are not part of it. */
  readonly padding: number;
}

/** alpha and beta. */
export type Factors = readonly [alpha: number, beta: number];

export const transposes = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const;

/** Lengths around every edge of a tile, and 0. */
export const productLengths = [0, 1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 33, 97];

export const allFactors: readonly Factors[] = [1, 0, -0.5].flatMap((alpha) =>
  [0, 1, 0.25].map((beta) => [alpha, beta] as const),
);

/** Sizes that cross the edges of the blocks into which a product is cut. */
export const blockSizes: readonly (readonly [m: number, n: number, k: number])[] = [
  [3, 9, 384],
  [5, 17, 385],
  [4, 8, 800],
  [1, 33, 1537],
  [96, 16, 385],
  [97, 9, 385],
  [193, 7, 20],
  [3, 512, 5],
  [5, 513, 12],
  [2, 1030, 385],
  [97, 513, 769],
];

/** A stored matrix: number of rows, their length, and the distance from row to row. */
export interface Stored {
  readonly rows: number;
  readonly cols: number;
  readonly ld: number;
}

export function stored(rows: number, cols: number, padding: number): Stored {
  return { rows, cols, ld: Math.max(cols + padding, 1) };
}

/** Returns the number of floats of a matrix, without padding after its last row. */
export function extent({ rows, cols, ld }: Stored): number {
  return rows > 0 && cols > 0 ? (rows - 1) * ld + cols : 0;
}

/** Returns a matrix of random numbers with NaN in the padding. */
export function matrix(shape: Stored, seed: number): Float32Array {
  return floats(extent(shape), seed).map((x, i) => (i % shape.ld < shape.cols ? x : NaN));
}

/** Returns the operands of a product as they are stored. */
export function operands({ m, n, k, transA, transB, padding }: ProductShape) {
  const a = transA ? stored(k, m, padding) : stored(m, k, padding);
  const b = transB ? stored(n, k, padding) : stored(k, n, padding);
  const c = stored(m, n, padding);
  return { a, b, c };
}

function nameOf({ m, n, k, transA, transB, padding }: ProductShape, [alpha, beta]: Factors) {
  const form = `${transA ? "T" : "N"}${transB ? "T" : "N"}`;
  return `${m} x ${n} x ${k} ${form}, padding ${padding}, alpha ${alpha}, beta ${beta}`;
}

/**
 * Generates products of one shape with several factors. Errors are bounded by γ · Σ|a||b|: a term
 * goes through at most k roundings, one for each block of k, and three for alpha, beta and the last
 * sum.
 * @param tile register tile; by default the present one
 */
export function* productCases(
  shape: ProductShape,
  factors: readonly Factors[],
  tile?: Tile,
): Generator<KernelCase> {
  const { m, n, k, transA, transB } = shape;
  const { a: A, b: B, c: C } = operands(shape);
  const [a, b, old] = [matrix(A, 1), matrix(B, 2), floats(extent(C), 3)];
  const left = { values: a, ld: A.ld, trans: transA };
  const right = { values: b, ld: B.ld, trans: transB };
  const { value, size } = matmul({ m, n, k, alpha: 1, a: left, b: right });
  const roundings = k + Math.ceil(k / 384) + 3;
  const gamma = (roundings * U) / (1 - roundings * U);
  const isPadding = (i: number): boolean => i % C.ld >= C.cols;
  const indexOf = (i: number): number => Math.floor(i / C.ld) * n + (i % C.ld);
  for (const [alpha, beta] of factors) {
    yield kernelCase({
      what: nameOf(shape, [alpha, beta]) + (tile ? `, tile ${tile}` : ""),
      inputs: { a, b },
      results: {
        c: {
          // With beta = 0 the kernel must not read C.
          before: old.map((v, i) => (beta === 0 && !isPadding(i) ? NaN : v)),
          expected: Float64Array.from(old, (v, i) =>
            isPadding(i) ? v : alpha * value[indexOf(i)]! + (beta === 0 ? 0 : beta * v),
          ),
          allowed(_, i) {
            if (isPadding(i)) return 0;
            const own = gamma * Math.abs(alpha) * size[indexOf(i)]!;
            return own + 4 * U * Math.abs(beta * old[i]!);
          },
        },
      },
      scratch: {
        scratch: (kernels) => new Float32Array(kernels.sgemmScratchBytes(m, n, k) / 4).fill(NaN),
      },
      ...(tile && { returns: { expected: 1, allowed: 0 } }),
      call(kernels, { a, b, c, scratch }) {
        const last = [a, A.ld, b, B.ld, beta, c, C.ld, scratch] as const;
        return withTile(kernels, tile, () => {
          kernels.sgemm(transA, transB, m, n, k, alpha, ...last);
        });
      },
    });
  }
}

const FIRST_TILE = tileSize(TILES[0]);

/** Calls a function with a tile, and returns the result of setTile. */
function withTile({ setTile }: Exports, tile: Tile | undefined, call: () => void): boolean {
  const isSet = tile !== undefined && setTile(...tileSize(tile));
  call();
  if (tile) setTile(...FIRST_TILE);
  return isSet;
}

/** Generates products of every pair of lengths; k, padding and factors vary from pair to pair. */
function* smallProducts(): Generator<KernelCase> {
  const lengths = productLengths;
  for (const [transA, transB] of transposes) {
    for (const [i, m] of lengths.entries()) {
      for (const [j, n] of lengths.entries()) {
        const k = lengths[(i + 4 * j) % lengths.length]!;
        const padding = [0, 1, 5][(i + j) % 3]!;
        const factors = allFactors[(2 * i + j) % allFactors.length]!;
        yield* productCases({ m, n, k, transA, transB, padding }, [factors]);
      }
    }
  }
}

function* blockProducts(): Generator<KernelCase> {
  const factors: Factors[] = [
    [1, 0],
    [-0.5, 0.25],
  ];
  for (const [transA, transB] of transposes) {
    for (const [m, n, k] of blockSizes) {
      yield* productCases({ m, n, k, transA, transB, padding: 3 }, factors);
    }
  }
}

/** Generates products with every tile, of sizes that it divides and does not, and unknown tiles. */
function* tileProducts(): Generator<KernelCase> {
  for (const tile of TILES) {
    for (const [transA, transB] of transposes) {
      for (const [m, n, k] of [
        [13, 33, 17],
        [60, 48, 128],
        [97, 100, 390],
      ] as const) {
        yield* productCases({ m, n, k, transA, transB, padding: 1 }, [[0.75, 0.5]], tile);
      }
    }
  }
  for (const [rows, columns] of [
    [0, 0],
    [7, 8],
    [4, 4],
    [8, 4],
    [-4, -8],
  ] as const) {
    yield kernelCase({
      what: `${rows} x ${columns}, which there is not`,
      inputs: {},
      results: {},
      returns: { expected: 0, allowed: 0 },
      call: (kernels) => kernels.setTile(rows, columns),
    });
  }
}

/** Generates products with exactly the scratch that they ask for: 0 bytes for empty ones. */
function* scratchCases(): Generator<KernelCase> {
  for (const [m, n, k] of blockSizes.slice(0, -1)) {
    yield* productCases({ m, n, k, transA: true, transB: true, padding: 0 }, [[1, 0]]);
  }
  for (const [m, n, k] of [
    [0, 20, 30],
    [20, 0, 30],
    [20, 30, 0],
    [0, 0, 0],
  ] as const) {
    yield kernelCase({
      what: `${m} x ${n} x ${k}`,
      inputs: {},
      results: {},
      returns: { expected: 0, allowed: 0 },
      call: (kernels) => kernels.sgemmScratchBytes(m, n, k),
    });
  }
}

export const productFamily: Family<"sgemm" | "sgemmScratchBytes" | "setTile"> = {
  name: "matrix products",
  kernels: {
    *sgemm() {
      yield* smallProducts();
      yield* blockProducts();
    },
    sgemmScratchBytes: scratchCases,
    setTile: tileProducts,
  },
};
