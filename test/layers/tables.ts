import { createEngine, mse, sequential, sgd } from "../../src/index.ts";
import type { Layer, TableColumn } from "../../src/index.ts";

const engine = await createEngine();

/** A model of layers, for prediction and for training. */
export function modelOf(layers: readonly Layer[], inputShape: readonly number[]) {
  const optimizer = sgd({ learningRate: 0.01 });
  return engine.compile(sequential(layers), { inputShape, loss: mse(), optimizer, seed: 1 });
}

/** Returns what layers make of examples. */
export function outputOf(
  layers: readonly Layer[],
  x: Float32Array,
  inputShape: readonly number[],
): number[] {
  const model = modelOf(layers, inputShape);
  const output = [...model.predict(x).data];
  model.dispose();
  return output;
}

/** A table as table reads it: null is a missing cell, texts are categories. */
export function tableOf(names: readonly string[], ...rows: readonly (number | string | null)[][]) {
  const columns = names.map((name, i): TableColumn => {
    const texts = rows.map((row) => row[i]).filter((cell) => typeof cell === "string");
    if (texts.length === 0) return { name, kind: "number" };
    return { name, kind: "category", categories: [...new Set(texts)].sort() };
  });
  const code = (cell: number | string | null, i: number): number =>
    typeof cell === "string" ? columns[i]!.categories!.indexOf(cell) : (cell ?? NaN);
  const x = Float32Array.from(rows.flatMap((row) => row.map(code)));
  return { x, shape: [names.length], columns };
}

/** A table of people, with each kind of missing cell. */
export const people = tableOf(
  ["age", "town", "fare", "deck"],
  [20, "Rome", 7, "A"],
  [null, "Oslo", 9, null],
  [40, null, 9, "B"],
  [30, "Rome", null, "A"],
  [30, "Bonn", 8, "C"],
);
