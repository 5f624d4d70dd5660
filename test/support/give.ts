import type { Kernel } from "../../scripts/abi/read.ts";
import type { Arena } from "../../src/verify/arena.ts";
import type { Call, Drawn, Next, NumberArray } from "./draw.ts";

/** Draws a call of a kernel. */
export type Give = (kernel: Kernel, next: Next, arena: Arena) => Call;

/** Returns an operand of one row. */
export function row(name: string, access: Drawn["access"], content: NumberArray | number): Drawn {
  const cols = typeof content === "number" ? content : content.length;
  const shape = { rows: 1, cols, stride: cols, type: "f32" as const, mayBe: [], isNone: false };
  return { name, access, ...shape, ...(typeof content !== "number" && { content }) };
}

/** Returns one of the items. */
export function pick<T>(items: readonly [T, ...T[]], next: Next): T {
  return items[Math.floor(next() * items.length)]!;
}
