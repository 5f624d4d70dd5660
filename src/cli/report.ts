import { createHash } from "node:crypto";
import { formatLoss } from "../base/format.ts";
import type { EpochResult } from "../training/progress-text.ts";
import { lossChart, type LossCurves } from "./chart.ts";
import { alignPairs, formatCount, formatSeconds, wrap, wrapText } from "./format.ts";
import { confusionLines, type Verdicts } from "./matrix.ts";
import type { Task } from "./task.ts";
import type { Colors } from "./terminal.ts";
import type { TrainOptions } from "./train-options.ts";

export interface Result {
  readonly accuracy: number;
  readonly loss: number;
  readonly epochs: readonly EpochResult[];
  readonly steps: number;
  readonly seconds: number;
  readonly samplesPerSecond: number;
  readonly verdicts: Verdicts;
  readonly weightsSha256: string;
}

/** Formats what is trained on what. @param network text of sizeText */
export function headerLines(
  { name, train, test }: Task,
  options: TrainOptions,
  network: string,
  columns: number,
): string[] {
  const { optimizer, lr, batch, seed } = options;
  return alignPairs(
    [
      [
        "data",
        `${name}, ${formatCount(train.count)} to train on, ${formatCount(test.count)} to test on`,
      ],
      ["network", network],
      ["training", `${optimizer} lr ${lr}, batch ${batch}, seed ${seed}`],
    ],
    columns,
    "",
    /(?<=,) /,
  );
}

export function reportLines(
  result: Result,
  task: Task,
  options: TrainOptions,
  columns: number,
  colors: Colors,
): string[] {
  const curves = curvesOf(result.epochs);
  const blocks = [
    warningLines(result, options, columns, colors),
    lossChart(curves, columns, colors),
    confusionLines(result.verdicts, columns, colors),
    summaryLines(result, task, columns, colors),
    options.save === undefined ? [] : wrap(["saved", options.save], columns, " ", "  "),
  ];
  const shown = blocks.filter((block) => block.length > 0);
  return shown.flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function warningLines(
  { epochs }: Result,
  options: TrainOptions,
  columns: number,
  colors: Colors,
): string[] {
  const ranAway = epochs.findIndex(({ loss }) => !Number.isFinite(loss));
  const stopped = epochs.length < options.epochs;
  return [
    ...(stopped ? [`stopped in epoch ${epochs.length + 1} of ${options.epochs}`] : []),
    ...(ranAway < 0 ? [] : [`the loss ran away in epoch ${ranAway + 1}: try a lower --lr`]),
  ]
    .flatMap((line) => wrapText(line, columns))
    .map((line) => colors.yellow(line));
}

function curvesOf(epochs: readonly EpochResult[]): LossCurves {
  return {
    training: epochs.map(({ loss }) => loss),
    validation: epochs.flatMap(({ validationLoss }) => validationLoss ?? []),
  };
}

function summaryLines(result: Result, task: Task, columns: number, colors: Colors): string[] {
  const test = [
    `accuracy ${result.accuracy.toFixed(4)}`,
    `loss ${formatLoss(result.loss)}`,
    `on ${formatCount(task.test.count)} test examples`,
  ];
  const speed = [
    `${formatCount(result.steps)} steps`,
    formatSeconds(result.seconds),
    `${formatCount(result.samplesPerSecond)} samples/s`,
  ];
  return [
    ...wrap(test, columns, "  ").map((line) => colors.bold(line)),
    ...wrap(speed, columns, "  "),
  ];
}

export function resultJson(result: Result): string {
  const { accuracy, loss, epochs, steps, samplesPerSecond, seconds, weightsSha256 } = result;
  const counted = { accuracy, loss, epochs: epochs.length, steps };
  return JSON.stringify({ ...counted, samplesPerSecond, seconds, weightsSha256 });
}

/** Returns the SHA-256 of the bytes of all parameters, in order. */
export function hashOf(parameters: readonly { readonly data: Float32Array }[]): string {
  const hash = createHash("sha256");
  for (const { data } of parameters) {
    // A copy, because the engine's memory may be shared between threads.
    hash.update(new Uint8Array(data.slice().buffer));
  }
  return hash.digest("hex");
}
