import { describe, size } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";
import type { Bases, Plan } from "./plan.ts";

/**
 * Looks through what a program has computed, which its plan must keep (keepsAll).
 * @throws RangeError at the first value, in order of computation, that is NaN or infinite
 */
export function checkComputed(who: string, runtime: Runtime, plan: Plan, bases: Bases): void {
  for (const node of plan.computed) {
    if (node.type !== "float") continue;
    const first = plan.address(node, bases) / 4;
    const values = runtime.heap.floats.subarray(first, first + size(node.shape));
    const at = values.findIndex((value) => !Number.isFinite(value));
    if (at < 0) continue;
    const { op } = node.computation!;
    const what = op === node.name ? op : `${op} of ${node.name}`;
    const where = `element ${at} of ${describe(node.shape)}`;
    throw new RangeError(`${who}: expected finite values, ${what} gave ${values[at]} in ${where}`);
  }
}
