import type { Work, WorkGroup } from "./work.ts";
import type { Workbench } from "./workbench.ts";

type Shape = readonly [m: number, n: number, k: number];

/** Shapes: squares, products of a dense layer with 128 or 512 units, and batches of 1 and 8. */
const SHAPES: readonly Shape[] = [
  [48, 48, 48],
  [96, 96, 96],
  [192, 192, 192],
  [384, 384, 384],
  [768, 768, 768],
  [1024, 1024, 1024],
  [64, 128, 784],
  [128, 512, 784],
  [1, 512, 784],
  [8, 512, 784],
];

/**
 * Longest edge of the product that warms the kernels up. It takes the same path as the whole
 * product, which a smaller one would not (SMALL in assembly/config.ts).
 */
const WARM_UP_EDGE = 128;

/** Storage of A and B, named as in BLAS: true if the matrix is stored transposed. */
const FORMS = { NN: [false, false], NT: [false, true], TN: [true, false] } as const;

type Form = keyof typeof FORMS;

function sgemm([m, n, k]: Shape, form: Form): Work {
  const [transA, transB] = FORMS[form];
  return {
    name: `sgemm ${m}x${n}x${k}${form === "NN" ? "" : ` ${form}`}`,
    flops: 2 * m * n * k,
    prepare(bench: Workbench) {
      const { kernels } = bench;
      const [a, b, c] = [bench.floats(m * k), bench.floats(k * n), bench.zeros(m * n)];
      const edges = [m, n, k].map((edge) => Math.min(edge, WARM_UP_EDGE)) as unknown as Shape;
      // Scratch for either product: a small one may take another path and need more.
      const needed = Math.max(
        kernels.sgemmScratchBytes(m, n, k),
        kernels.sgemmScratchBytes(...edges),
      );
      const scratch = bench.allocate(needed);
      const [lda, ldb] = [transA ? m : k, transB ? k : n];
      const product = (rows: number, columns: number, depth: number): void => {
        kernels.sgemm(
          ...([transA, transB, rows, columns, depth] as const),
          ...([1, a, lda, b, ldb, 0, c, n, scratch] as const),
        );
      };
      return {
        yardstick: { kind: "multiply-add" },
        run: () => {
          product(m, n, k);
        },
        warmUp: () => {
          product(...edges);
        },
      };
    },
  };
}

/** Works of products of row-major matrices on one thread. */
export const sgemmWorks: WorkGroup = {
  name: "sgemm",
  summary: "C = A·B, m x n x k; NT: B is stored transposed, TN: A",
  works: (["NN", "NT", "TN"] as const).flatMap((form) => SHAPES.map((shape) => sgemm(shape, form))),
};
