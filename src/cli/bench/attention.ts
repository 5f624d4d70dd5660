import type { Work, WorkGroup } from "./work.ts";
import type { Workbench } from "./workbench.ts";

/** Attention of heads of one length to themselves. */
interface Heads {
  readonly batch: number;
  readonly heads: number;
  readonly time: number;
  readonly depth: number;
  readonly isCausal: boolean;
}

const HEADS: readonly Heads[] = [
  // nanoGPT's recipe for a CPU.
  { batch: 12, heads: 4, time: 64, depth: 32, isCausal: true },
  { batch: 12, heads: 4, time: 64, depth: 32, isCausal: false },
  // Two heads of GPT-2.
  { batch: 1, heads: 2, time: 1024, depth: 64, isCausal: true },
  { batch: 1, heads: 2, time: 1024, depth: 64, isCausal: false },
];

/** Returns sizes and strides of q, k, v and y, [batch, heads, time, depth], as kernels read them. */
function geometryOf({ batch, heads, time, depth, isCausal }: Heads): number[] {
  const strides = [heads * time * depth, time * depth, depth];
  const sizes = [batch, heads, time, time, depth, depth, isCausal ? 0 : time];
  return [...sizes, ...strides, ...strides, ...strides, ...strides, 0, 0, 0, 0];
}

/** Returns the floating-point operations of `products` products over the pairs that are seen. */
function flopsOf({ batch, heads, time, depth, isCausal }: Heads, products: number): number {
  const pairs = isCausal ? (time * (time + 1)) / 2 : time * time;
  return 2 * products * batch * heads * pairs * depth;
}

/** Places the operands, and returns functions that run both passes over heads. */
function place(bench: Workbench, of: Heads) {
  const { batch, heads, time, depth } = of;
  const { attention, attentionGrad, attentionScratchBytes } = bench.kernels;
  const n = batch * heads * time * depth;
  const [q, k, v, dy] = [bench.floats(n), bench.floats(n), bench.floats(n), bench.floats(n)];
  const [y, dq, dk, dv] = [bench.zeros(n), bench.zeros(n), bench.zeros(n), bench.zeros(n)];
  const logSumExp = bench.zeros(batch * heads * time);
  const scratch = bench.allocate(attentionScratchBytes(time, depth, depth));
  const given = [q, k, v, 0, y, logSumExp] as const;
  const last = [1 / Math.sqrt(depth), 0, 0, 0, 1, scratch] as const;
  const forward = (geometry: number): void => {
    attention(...given, geometry, ...last);
  };
  const backward = (geometry: number): void => {
    attentionGrad(...given, dy, dq, dk, dv, geometry, ...last);
  };
  return { forward, backward };
}

function work(of: Heads, isBackward: boolean): Work {
  const { batch, heads, time, depth, isCausal } = of;
  const name = `attention ${batch}x${heads}x${time}x${depth}${isCausal ? " causal" : ""}`;
  return {
    name: isBackward ? `${name} grad` : name,
    flops: flopsOf(of, isBackward ? 5 : 2),
    prepare(bench) {
      const { forward, backward } = place(bench, of);
      const whole = bench.ints(geometryOf(of));
      // The same code on the first head of the first example.
      const [, , ...rest] = geometryOf(of);
      const one = bench.ints([1, 1, ...rest]);
      forward(whole);
      const run = isBackward ? backward : forward;
      return {
        yardstick: { kind: "multiply-add" },
        run: () => {
          run(whole);
        },
        warmUp: () => {
          run(one);
        },
      };
    },
  };
}

/** Works of attention on one thread, forward and backward. */
export const attentionWorks: WorkGroup = {
  name: "attention",
  summary:
    "batch x heads x time x depth: of nanoGPT's recipe and of GPT-2; causal: operations on pairs " +
    "that are seen; grad: the gradients of queries, keys and values",
  works: HEADS.flatMap((of) => [work(of, false), work(of, true)]),
};
