import { anything, checkOptions as check, finite, flag, describeValue } from "../base/arguments.ts";
import { hasMethod, list, objectWith, whole } from "../base/arguments.ts";
import type { ModelMetric } from "../metrics/metric.ts";
import type { CompileOptions, Metric } from "./options.ts";
import type { InputSpec } from "./parameters.ts";

type Left = "inputShape" | "metrics" | "loss" | "optimizer";

/** Options of compile after their checks, with defaults filled in. */
export interface Settings extends Required<Omit<CompileOptions, Left>> {
  readonly inputs: readonly InputSpec[];
  readonly loss: CompileOptions["loss"];
  readonly optimizer: CompileOptions["optimizer"];
  /** True if right answers are counted in every step. */
  readonly accuracy: boolean;
  /** Metrics that evaluation computes. */
  readonly metrics: readonly ModelMetric<unknown>[];
}

/**
 * Returns the inputs; one that is given without a name is called x.
 * @throws RangeError if there are none or too many, or if a shape is not valid
 */
function parseInputs(inputShape: CompileOptions["inputShape"]): InputSpec[] {
  const named = typeof inputShape === "object" && inputShape !== null && !Array.isArray(inputShape);
  const shapes = Object.entries<unknown>(named ? inputShape : { x: inputShape });
  if (shapes.length === 0) {
    throw new RangeError("compile: expected inputShape to name an input, got an empty object");
  }
  // The mask of inputs that come as bytes (Task.byteInputs) has 31 bits.
  if (shapes.length > 31) {
    throw new RangeError(`compile: expected at most 31 inputs, got ${shapes.length}`);
  }
  return shapes.map(([name, shape]) => {
    const isLength = (length: unknown): boolean => Number.isInteger(length) && Number(length) > 0;
    if (!Array.isArray(shape) || shape.length === 0 || !shape.every(isLength)) {
      const of = named ? ` of ${name}` : "";
      const expected = `inputShape${of} to be a list of sizes such as [784]`;
      throw new RangeError(`compile: expected ${expected}, got ${describeValue(shape)}`);
    }
    return { name, shape: Object.freeze((shape as number[]).slice()) };
  });
}

/** @throws RangeError if two results of an evaluation would have the same name */
function checkMetricNames(metrics: readonly Metric[]): void {
  const names = [
    "loss",
    ...metrics.map((metric) => (metric === "accuracy" ? metric : metric.name)),
  ];
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice)
    throw new RangeError(`compile: expected metrics of different names, got "${twice}" twice`);
}

function isMetric(value: unknown): boolean {
  return value === "accuracy" || hasMethod(value, "create", "name");
}

/** @throws TypeError for options that have no meaning without another */
function checkTogether({ loss, optimizer, metrics = [], parameterGroups }: CompileOptions): void {
  if (optimizer && !loss) {
    throw new TypeError("compile: expected a loss for the optimizer to minimise, got none");
  }
  if (metrics.length > 0 && !loss) {
    throw new TypeError("compile: expected a loss with metrics, which evaluate computes, got none");
  }
  if (parameterGroups && !optimizer) {
    throw new TypeError("compile: expected an optimizer for parameterGroups, got none");
  }
}

/**
 * Checks the options of compile and fills in defaults.
 * @throws TypeError or RangeError naming the option that is wrong
 */
export function checkOptions(options: CompileOptions): Settings {
  const metric = 'a list of "accuracy" and metrics such as f1()';
  const chosen = check("compile", options, {
    inputShape: anything,
    // A penalty has a name and records itself as well, but no reduction.
    loss: objectWith("record", "a loss such as crossEntropy()", "name", "reduction"),
    optimizer: objectWith("update", "an optimizer such as adam()", "name"),
    parameterGroups: list("a list of parameter groups"),
    metrics: { expected: metric, is: (list) => Array.isArray(list) && list.every(isMetric) },
    seed: whole(0),
    batchSize: whole(1),
    byteScale: finite(),
    checkFinite: flag(),
  });
  const { loss, optimizer, metrics: counted = [], seed = 0, batchSize = 32 } = chosen;
  const { byteScale = 1 / 255, checkFinite = false, parameterGroups = [] } = chosen;
  checkTogether(chosen);
  const inputs = parseInputs(chosen.inputShape);
  checkMetricNames(counted);
  const accuracy = counted.includes("accuracy");
  const metrics = counted.filter((metric) => metric !== "accuracy");
  const training = { loss, optimizer, parameterGroups, accuracy, metrics, checkFinite };
  return { inputs, seed, batchSize, byteScale, ...training };
}
