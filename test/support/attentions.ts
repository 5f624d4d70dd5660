import type { Kernel } from "../../scripts/abi/read.ts";
import type { Arena } from "../../src/verify/arena.ts";
import {
  type Call,
  type Drawn,
  type Next,
  drawCall,
  drawFloats,
  drawIntegers,
  pick,
} from "./draw.ts";

/** Random calls of the kernels of attention. */

/** Rows of all parts, of `columns` columns each: [batch, heads, rows], or [batch, rows, heads] with gaps. */
function drawRows(batch: number, heads: number, rows: number, columns: number, next: Next) {
  if (next() < 0.5) {
    const cols = batch * heads * rows * columns;
    const strides = [heads * rows * columns, rows * columns, columns];
    return { strides, extent: { rows: 1, cols, stride: cols } };
  }
  const stride = heads * columns + Math.floor(4 * next());
  const extent = { rows: batch * rows, cols: heads * columns, stride };
  return { strides: [rows * stride, columns, stride], extent };
}

type Rows = ReturnType<typeof drawRows>;

function operand(name: string, access: Drawn["access"], { extent }: Rows, next: Next): Drawn {
  const drawn = { name, access, ...extent, type: "f32" as const, mayBe: [], isNone: false };
  if (access === "writes") return drawn;
  const { rows, stride, cols } = extent;
  const content = drawFloats(Math.max(0, rows * stride), next);
  return { ...drawn, content: content.map((x, i) => (i % stride < cols ? x : NaN)) };
}

/** An array of one row. */
function array(
  name: string,
  access: Drawn["access"],
  content: Drawn["content"],
  cols: number,
): Drawn {
  const shape = { rows: 1, cols, stride: cols, type: "f32" as const, mayBe: [], isNone: false };
  return { name, access, ...shape, ...(content && { content }) };
}

const mostly = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const;

/** Draws a call of the forward pass, or of the gradients. */
export function drawAttentionCall(isGradient: boolean) {
  return (kernel: Kernel, next: Next, { kernels }: Arena): Call => {
    const [batch, heads] = [pick([0, 1, 1, 2], next), pick([1, 2, 3], next)];
    const length = () => pick([...mostly, ...mostly, 17, 33, 70], next);
    const [queries, keys, depth, valueDepth] = [length(), length(), length(), length()];
    const rows = (count: number, columns: number) => drawRows(batch, heads, count, columns, next);
    const [q, k] = [rows(queries, depth), rows(keys, depth)];
    const [v, y] = [rows(keys, valueDepth), rows(queries, valueDepth)];
    const axes = [batch, heads, queries, keys].map((n) => (next() < 0.5 ? n : 1));
    const steps = axes.map((n, i) => (n > 1 ? axes.slice(i + 1).reduce((p, m) => p * m, 1) : 0));
    const diagonal = next() < 0.5 ? keys : Math.floor(9 * next()) - 3;
    const sizes = [batch, heads, queries, keys, depth, valueDepth, diagonal];
    const layouts = [q, k, v, y].flatMap(({ strides }) => strides);
    const geometry = Int32Array.from([...sizes, ...layouts, ...steps]);
    const elements = axes.reduce((p, n) => p * n, 1);
    const count = batch * heads * queries;
    const bytes = kernels.attentionScratchBytes(keys, depth, valueDepth);
    const logs = drawFloats(count, next);
    const none = { isNone: next() < 1 / 3 };
    const shared = [
      array("geometry", "reads", geometry, geometry.length),
      array("scratch", "scratch", undefined, bytes / 4),
      { ...array("mask", "reads", drawIntegers(elements, 2, next), elements), ...none },
      { ...array("random", "reads", drawIntegers(3, 2 ** 31, next), 3), isNone: next() < 0.5 },
      operand("q", "reads", q, next),
      operand("k", "reads", k, next),
      operand("v", "reads", v, next),
    ];
    if (!isGradient) {
      const log = { ...array("logSumExp", "writes", undefined, count), isNone: next() < 1 / 3 };
      return drawCall(kernel, next, {}, [...shared, operand("y", "writes", y, next), log]);
    }
    const gradients = [q, k, v].map((of, i): Drawn => {
      return { ...operand(`d${"qkv"[i]}`, "writes", of, next), isNone: next() < 0.2 };
    });
    return drawCall(kernel, next, {}, [
      ...shared,
      operand("y", "reads", y, next),
      array("logSumExp", "reads", logs, count),
      operand("dy", "reads", y, next),
      ...gradients,
    ]);
  };
}
