import type { AttentionDropout, AttentionSizes } from "../../reference/attention.ts";

/** Layout of the rows of a part: [batch, heads, rows, columns], or [batch, rows, heads, columns]. */
export type AttentionLayout = "heads" | "rows";

/** An attention to try. */
export interface AttentionTrial extends AttentionSizes {
  readonly layout: AttentionLayout;
  /** Query i sees keys 0 to i + diagonal; all of them if it is undefined. */
  readonly diagonal?: number;
  /** Axes along which there is a mask: batch, heads, queries, keys. */
  readonly mask?: readonly [boolean, boolean, boolean, boolean];
  readonly dropout?: AttentionDropout;
}

const DROPOUT: AttentionDropout = { rate: 0.3, low: 5, high: 7, stream: 3, step: 11 };

function trial(
  [batch, heads, queries, keys, depth, valueDepth]: readonly number[],
  more: Partial<AttentionTrial> = {},
): AttentionTrial {
  const sizes = { batch, heads, queries, keys, depth, valueDepth } as AttentionSizes;
  return { layout: "heads", ...sizes, ...more };
}

/** Every remainder of lanes, tiles and strips, of each size; some of them causal. */
const remainders = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18].flatMap((n, i) => [
  trial([1, 2, n, 5, 6, 3], { layout: i % 2 ? "rows" : "heads" }),
  trial([2, 1, 5, n, 3, 7], { ...(i % 3 === 0 && { diagonal: 0 }) }),
  trial([1, 2, 6, 7, n, 4], { layout: "rows", diagonal: 1 }),
  trial([1, 1, 7, 6, 4, n], { diagonal: -1 }),
]);

const KEYS = [true, false, false, true] as const;

export const attentions: readonly AttentionTrial[] = [
  ...remainders,
  // Nothing to do, and nothing to see.
  trial([0, 2, 3, 4, 5, 6]),
  trial([2, 2, 0, 4, 5, 6]),
  trial([2, 1, 3, 0, 5, 6]),
  trial([1, 2, 3, 4, 0, 5]),
  trial([1, 2, 3, 4, 5, 0]),
  trial([1, 2, 6, 3, 4, 4], { diagonal: -4 }),
  // Around a block of queries and one of keys.
  trial([1, 1, 63, 64, 8, 8], { diagonal: 0 }),
  trial([1, 2, 64, 64, 16, 16], { diagonal: 0, layout: "rows" }),
  trial([1, 1, 65, 65, 9, 5], { diagonal: 0 }),
  trial([1, 1, 70, 255, 5, 9]),
  trial([1, 1, 33, 256, 8, 16], { diagonal: 223 }),
  trial([1, 1, 130, 257, 4, 17], { diagonal: 127 }),
  trial([1, 1, 67, 521, 3, 4], { layout: "rows" }),
  trial([1, 1, 300, 290, 4, 3], { diagonal: 0 }),
  // Diagonals that are no multiples of four.
  ...[1, 2, 3, 5].map((diagonal) => trial([1, 2, 21, 25, 4, 6], { diagonal })),
  // Masks along some axes.
  trial([2, 3, 6, 7, 4, 5], { mask: KEYS }),
  trial([2, 2, 9, 6, 4, 5], { mask: [false, false, true, true], layout: "rows" }),
  trial([2, 2, 5, 9, 3, 4], { mask: [true, true, true, true], diagonal: 2 }),
  trial([2, 2, 5, 9, 3, 4], { mask: [false, true, true, false] }),
  trial([1, 1, 70, 270, 4, 4], { mask: [true, false, true, true], diagonal: 200 }),
  trial([3, 2, 66, 300, 5, 4], { mask: KEYS, layout: "rows" }),
  // Dropout.
  trial([1, 2, 7, 9, 4, 5], { dropout: DROPOUT }),
  trial([2, 1, 66, 33, 5, 4], { dropout: DROPOUT, diagonal: 3, layout: "rows" }),
  trial([1, 1, 20, 259, 4, 4], { dropout: { ...DROPOUT, rate: 0.75 }, mask: KEYS }),
];
