import type { Work, WorkGroup } from "./work.ts";

/** Sizes of the work: a batch of rows as wide as MNIST's, from as many as its test set has. */
const [BATCH, WIDTH, ROWS] = [64, 784, 10_000];

const KERNELS = { gather: 4, gatherBytes: 1 } as const;

/** Returns the work of gathering one batch after the other from shuffled rows, as in an epoch. */
function gather(name: keyof typeof KERNELS): Work {
  const elementBytes = KERNELS[name];
  return {
    name: `${name} ${BATCH}x${WIDTH}`,
    bytes: (elementBytes + 4) * BATCH * WIDTH,
    prepare(bench) {
      const { kernels } = bench;
      const src = bench.floats((elementBytes * ROWS * WIDTH) / 4);
      const dst = bench.zeros(BATCH * WIDTH);
      const order = bench.indices(ROWS, ROWS);
      let first = 0;
      const run = (rows: number): void => {
        const indices = order + 4 * first;
        first = first + 2 * rows > ROWS ? 0 : first + rows;
        if (name === "gather") kernels.gather(src, indices, dst, rows, WIDTH);
        else kernels.gatherBytes(src, indices, dst, rows, WIDTH, 1 / 255);
      };
      return {
        yardstick: { kind: "copy", source: elementBytes * ROWS * WIDTH, target: 4 * BATCH * WIDTH },
        run: () => {
          run(BATCH);
        },
        warmUp: () => {
          run(1);
        },
      };
    },
  };
}

export const gatherWorks: WorkGroup = {
  name: "gather",
  summary: "a batch out of 10,000 shuffled rows; Bytes: scaled to floats",
  works: [gather("gather"), gather("gatherBytes")],
};
