import { checkNames, checkWhole, given } from "../runtime/arguments.ts";
import type { CompileOptions, Metric } from "./options.ts";
import type { InputSpec } from "./parameters.ts";

const OPTIONS = [
  "inputShape",
  "loss",
  "optimizer",
  "metrics",
  "seed",
  "batchSize",
  "byteScale",
  "checkFinite",
] as const;

/** Options of compile, checked, with their defaults. */
export type Settings = Required<Omit<CompileOptions, "inputShape">> & {
  readonly inputs: readonly InputSpec[];
};

/** The inputs by name; one without a name is x. @throws RangeError for what is no shape */
function parseInputs(inputShape: CompileOptions["inputShape"]): InputSpec[] {
  const named = typeof inputShape === "object" && inputShape !== null && !Array.isArray(inputShape);
  const shapes = Object.entries<unknown>(named ? inputShape : { x: inputShape });
  if (shapes.length === 0) {
    throw new RangeError("compile: expected inputShape to name an input, got an empty object");
  }
  // Which of them come as bytes is a mask of 31 bits.
  if (shapes.length > 31) {
    throw new RangeError(`compile: expected at most 31 inputs, got ${shapes.length}`);
  }
  return shapes.map(([name, shape]) => {
    const whole = (length: unknown): boolean => Number.isInteger(length) && Number(length) > 0;
    if (!Array.isArray(shape) || shape.length === 0 || !shape.every(whole)) {
      const of = named ? ` of ${name}` : "";
      const expected = `inputShape${of} to be a list of sizes such as [784]`;
      throw new RangeError(`compile: expected ${expected}, got ${given(shape)}`);
    }
    return { name, shape: shape as number[] };
  });
}

/** @throws RangeError if two results of an evaluation would have one name */
function checkMetricNames(metrics: readonly Metric[]): void {
  const names = [
    "loss",
    ...metrics.map((metric) => (metric === "accuracy" ? metric : metric.name)),
  ];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice)
    throw new RangeError(`compile: expected metrics of different names, got "${twice}" twice`);
}

/** @throws TypeError or RangeError naming the option that is wrong */
export function checkOptions(options: CompileOptions): Settings {
  checkNames("compile", options, OPTIONS);
  const { loss, optimizer, metrics = [], seed = 0, batchSize = 32 } = options;
  const { byteScale = 1 / 255, checkFinite = false } = options;
  const inputs = parseInputs(options.inputShape);
  if (typeof loss?.record !== "function") {
    throw new TypeError(`compile: expected a loss such as crossEntropy(), got ${given(loss)}`);
  }
  if (typeof optimizer?.records !== "function") {
    throw new TypeError(`compile: expected an optimizer such as adam(), got ${given(optimizer)}`);
  }
  const isMetric = (metric: Metric): boolean =>
    metric === "accuracy" || typeof metric?.create === "function";
  if (!Array.isArray(metrics) || !metrics.every(isMetric)) {
    const expected = 'metrics to be a list of "accuracy" and metrics such as f1()';
    throw new RangeError(`compile: expected ${expected}, got ${given(metrics)}`);
  }
  checkMetricNames(metrics);
  checkWhole("compile", "seed", seed, 0);
  checkWhole("compile", "batchSize", batchSize, 1);
  if (!Number.isFinite(byteScale)) {
    const came = given(byteScale);
    throw new RangeError(`compile: expected byteScale to be a finite number, got ${came}`);
  }
  return { inputs, loss, optimizer, metrics, seed, batchSize, byteScale, checkFinite };
}
