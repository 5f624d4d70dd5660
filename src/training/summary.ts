import { type Shape, describe, size } from "../graph/node.ts";
import { inspectable, plural, short } from "../base/printable.ts";
import type { MemoryPlan } from "../compile/options.ts";
import type { History } from "./callbacks.ts";
import type { Blueprint } from "../compile/parameters.ts";

/** Formats rows of cells in columns as wide as their widest cell, with numbers to the right. */
function table(rows: readonly (readonly string[])[], numeric: readonly number[]): string[] {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows.map((row) => {
    const cells = row.map((cell, i) =>
      numeric.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!),
    );
    return cells.join("  ").trimEnd();
  });
}

/** Width of a terminal, which a table of layers fits. */
const COLUMNS = 80;

/** Characters of a label that are shown however wide the other columns are. */
const LABEL = 12;

/** Leaves out of a label what the layer's name says, too: `…(4, 64)` for `transformerBlock(4, 64)`. */
function withoutKind(name: string, label: string): string {
  const kind = name.replace(/\d+$/, "");
  return label.startsWith(`${kind}(`) ? `…${label.slice(kind.length)}` : label;
}

/** Shortens the labels of layers, the second column, so that the table fits a terminal. */
function fitted(rows: readonly (readonly string[])[]): string[][] {
  const excess = Math.max(...table(rows, [3, 4]).map((line) => line.length)) - COLUMNS;
  const room = Math.max(LABEL, Math.max(...rows.map(([, label]) => label!.length)) - excess);
  return rows.map(([name, label, ...others]) => {
    const fit = label!.length > room ? withoutKind(name!, label!) : label!;
    return [name!, fit.length > room ? `${fit.slice(0, room - 1)}…` : fit, ...others];
  });
}

function batched(shape: Shape): string {
  return `[batch, ${shape.join(", ")}]`;
}

const thousands = (value: number): string => value.toLocaleString("en-US");

/** Returns the printed form: `Model([64] → [10], 4,810 parameters)`. */
export function title({ inputs, outputShape, parameters }: Blueprint): string {
  const count = parameters.specs.reduce((sum, { shape }) => sum + size(shape), 0);
  const from = inputs.map(({ shape }) => describe(shape)).join(", ");
  return `Model(${from} → ${describe(outputShape)}, ${plural(count, "parameter")})`;
}

/** Number of epochs that a history prints, counted from the end. */
const PRINTED_EPOCHS = 20;

/** Prints a history as a table with a line for each of its last epochs. */
export function printableHistory(history: History): History {
  return inspectable(history, "History", ({ epochs }, whole) => {
    const head = `History(${plural(epochs.length, "epoch")})`;
    if (!whole) return head;
    const names = Object.keys(epochs[0] ?? {});
    const rows = epochs.slice(-PRINTED_EPOCHS).map((end) => names.map((name) => short(end[name])));
    return [head, ...table([names, ...rows], [...names.keys()])].join("\n");
  });
}

/**
 * Formats layers with their shapes, parameters and multiply-adds for one example, and the memory of the
 * model as a table.
 */
export function summary(blueprint: Blueprint, memory: MemoryPlan): string {
  const { layers, inputs, multiplyAdds } = blueprint;
  const { specs } = blueprint.parameters;
  const counts = layers.map((layer) =>
    layer.parameters.reduce((sum, i) => sum + size(specs[i]!.shape), 0),
  );
  const rows = [
    ["layer", "", "output", "parameters", "multiply-adds"],
    ...inputs.map(({ name, shape }) => ["input", name, batched(shape), "0", "0"]),
    ...layers.map(({ name, label, outputShape, multiplyAdds }, i) => [
      ...[name, label, batched(outputShape.slice(1))],
      ...[counts[i]!, multiplyAdds].map(thousands),
    ]),
    [
      "total",
      "",
      "",
      ...[counts.reduce((sum, count) => sum + count, 0), multiplyAdds].map(thousands),
    ],
  ];
  const lines = table(fitted(rows), [3, 4]);
  const rule = "─".repeat(Math.max(...lines.map((line) => line.length)));
  const bytes = Object.entries<number>({ ...memory }).map(([purpose, amount]) => [
    purpose,
    `${thousands(amount)} bytes`,
  ]);
  const layersPart = [lines[0]!, rule, ...lines.slice(1, -1), rule, lines.at(-1)!];
  return [...layersPart, "", "memory", rule, ...table(bytes, [1])].join("\n");
}
