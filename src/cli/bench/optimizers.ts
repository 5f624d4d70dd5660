import type { Kernels } from "../../kernels.ts";
import type { Work, WorkGroup } from "./work.ts";

const PARAMETERS = 1_000_000;

/** Parameters in a call that warms up. */
const FEW = 64;

/** Learning rate so small that weights hardly move in a long benchmark. */
const LEARNING_RATE = 1e-9;

interface Optimizer {
  readonly name: string;
  /** Number of arrays besides parameters and gradients; the step writes all of them. */
  readonly states: number;
  readonly step: (kernels: Kernels, arrays: readonly number[], n: number) => void;
}

const OPTIMIZERS: readonly Optimizer[] = [
  {
    name: "sgd",
    states: 0,
    step: ({ sgd }, [p, g], n) => {
      sgd(p!, g!, n, LEARNING_RATE, 0);
    },
  },
  {
    name: "momentum",
    states: 1,
    step: ({ momentum }, [p, g, v], n) => {
      momentum(p!, g!, v!, n, LEARNING_RATE, 0, 0.9, 1, false);
    },
  },
  {
    name: "adam",
    states: 2,
    step: ({ adam }, [p, g, m, v], n) => {
      // 0.1 and 0.001 are the bias corrections of the first step.
      adam(p!, g!, m!, v!, n, LEARNING_RATE, 0.9, 0.999, 1e-8, 0.1, 0.001);
    },
  },
];

function update({ name, states, step }: Optimizer): Work {
  const arrays = 2 + states;
  return {
    name: `${name} ${PARAMETERS}`,
    // A step reads all arrays and writes all but the gradients.
    bytes: 4 * (2 * arrays - 1) * PARAMETERS,
    prepare(bench) {
      const { kernels } = bench;
      const own = [bench.floats(PARAMETERS), bench.floats(PARAMETERS)];
      for (let state = 0; state < states; state++) own.push(bench.zeros(PARAMETERS));
      // A copy as large as all arrays: half of them into the other half.
      const half = 2 * arrays * PARAMETERS;
      const over = (n: number) => () => {
        step(kernels, own, n);
      };
      return {
        yardstick: { kind: "copy", source: half, target: half },
        run: over(PARAMETERS),
        warmUp: over(FEW),
      };
    },
  };
}

export const optimizerWorks: WorkGroup = {
  name: "optimizers",
  summary: "one step over 1,000,000 parameters",
  works: OPTIMIZERS.map(update),
};
