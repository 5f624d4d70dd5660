import type { Work, WorkGroup } from "./work.ts";
import type { Workbench } from "./workbench.ts";

type Shape = readonly [m: number, n: number, k: number];

/** Squares, the products of a dense layer of 128 or 512 units, and batches of 1 and 8. */
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
 * A product of matrices whose edges are cut to this length warms the kernels up: it still takes the
 * path of the whole product, which a shorter one would not (SMALL in assembly/config.ts).
 */
const WARM_UP_EDGE = 128;

/** As in BLAS: which of A and B is stored transposed. */
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
      // The room for either: what a small product needs may hang on its path.
      const needed = Math.max(
        kernels.sgemmScratchBytes(m, n, k),
        kernels.sgemmScratchBytes(...edges),
      );
      const scratch = bench.room(needed);
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

/** Products of row-major matrices, one thread. */
export const sgemmWorks: WorkGroup = {
  name: "sgemm",
  summary: "C = A·B, m x n x k; NT: B is stored transposed, TN: A",
  works: (["NN", "NT", "TN"] as const).flatMap((form) => SHAPES.map((shape) => sgemm(shape, form))),
};
