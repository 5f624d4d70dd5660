import type { Exports, FunctionName } from "./build.ts";

/**
 * Puts every function into the function table of its instance, for call_indirect. The order is that
 * of the module's exports, so that all instances of a module agree on the indices.
 */
export function fillTable(kernels: Exports): Map<FunctionName, number> {
  const { table } = kernels;
  const functions = Object.entries(kernels).filter(([, f]) => typeof f === "function");
  const indices = new Map<FunctionName, number>();
  let index = table.grow(functions.length);
  for (const [name, kernel] of functions) {
    table.set(index, kernel);
    indices.set(name as FunctionName, index++);
  }
  return indices;
}
