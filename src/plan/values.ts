import { type Node, type Values, describe, size } from "../graph/node.ts";
import type { Runtime } from "../wasm/runtime.ts";

/** Writes the values of a node at an address: one for all elements, or one for each. */
export function writeValues(runtime: Runtime, node: Node, at: number, values: Values): void {
  const { floats, words } = runtime.heap;
  const view = (node.type === "int" ? words : floats).subarray(at / 4, at / 4 + size(node.shape));
  if (typeof values === "number") view.fill(values);
  else view.set(values);
}

/** @throws RangeError if one of the values of a node at an address is NaN or infinite */
export function checkFinite(who: string, runtime: Runtime, node: Node, address: number): void {
  if (node.type !== "float") return;
  const values = runtime.heap.floats.subarray(address / 4, address / 4 + size(node.shape));
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at < 0) return;
  const { op } = node.computation!;
  const what = op === node.name ? op : `${op} of ${node.name}`;
  const where = `element ${at} of ${describe(node.shape)}`;
  throw new RangeError(`${who}: expected finite values, ${what} gave ${values[at]} in ${where}`);
}
