import type { Work, WorkGroup } from "./work.ts";

const FUNCTIONS = ["exp", "tanh", "sigmoid", "gelu", "relu"] as const;

type FunctionName = (typeof FUNCTIONS)[number];

/** Elements of an array: 256 KiB of floats. */
const N = 65536;

/** Elements in a call that warms up. */
const FEW = 64;

const BYTES = 4 * N;

/** Returns the work y = f(x), which reads one array and writes one. */
function forward(name: FunctionName): Work {
  return {
    name: `${name} ${N}`,
    bytes: 2 * BYTES,
    prepare(bench) {
      const kernel = bench.kernels[name];
      const [x, y] = [bench.floats(N), bench.zeros(N)];
      const over = (n: number) => () => {
        kernel(x, y, n);
      };
      return {
        yardstick: { kind: "copy", source: BYTES, target: BYTES },
        run: over(N),
        warmUp: over(FEW),
      };
    },
  };
}

/** Returns the work of a gradient, which reads dy and x or y, and writes dx. */
function backward(name: FunctionName): Work {
  return {
    name: `${name}Grad ${N}`,
    bytes: 3 * BYTES,
    prepare(bench) {
      const kernel = bench.kernels[`${name}Grad`];
      const [x, dy, dx] = [bench.floats(N), bench.floats(N), bench.zeros(N)];
      const over = (n: number) => () => {
        kernel(x, dy, dx, n);
      };
      return {
        yardstick: { kind: "copy", source: 2 * BYTES, target: BYTES },
        run: over(N),
        warmUp: over(FEW),
      };
    },
  };
}

export const elementwiseWorks: WorkGroup = {
  name: "activations",
  summary: `over ${N} floats; Grad: the gradient`,
  works: FUNCTIONS.flatMap((name) => [forward(name), backward(name)]),
};
