import { callable, check, checkOptions, describeValue, either, flag } from "../base/arguments.ts";
import { type Rule, list, needed, numberFrom } from "../base/arguments.ts";
import type { Optimizer } from "../optimizers/index.ts";
import type { Schedule } from "../schedules/index.ts";

/**
 * Parameters of a model: the name of a layer ("conv2d1") or of one parameter ("dense1.bias"), a pattern
 * of names, or a function that returns true for the names of those that are meant.
 */
export type ParameterChoice = string | RegExp | ((name: string) => boolean);

/**
 * Options of the training of some parameters. A parameter that several groups name takes the options of
 * all; where two give the same option, the later group counts.
 */
export interface ParameterGroup {
  /** The parameters; a list names those of each of its elements. */
  readonly parameters: ParameterChoice | readonly ParameterChoice[];
  /**
   * True to leave the parameters as they are: they have no gradients and no state of the optimizer, and
   * batchNorm normalises by its running statistics, and keeps these. False by default.
   */
  readonly frozen?: boolean;
  /**
   * Learning rate of the group's first step, which follows changes of the model's learning rate in
   * proportion (a schedule, `model.learningRate`), as PyTorch's schedulers do; or a schedule of its own.
   */
  readonly learningRate?: number | Schedule;
  /** Weight decay instead of the optimizer's. */
  readonly weightDecay?: number;
}

/** Options of one parameter, from all groups that name it. */
export type ParameterOptions = Omit<ParameterGroup, "parameters">;

/** Rule for a choice of parameters. */
export const parameterChoice = (): Rule => ({
  expected: "a name, a pattern, a function of a name, or a list of these",
  is(value) {
    const choices: unknown[] = Array.isArray(value) ? value : [value];
    return choices.every(
      (one) => typeof one === "string" || one instanceof RegExp || typeof one === "function",
    );
  },
  allows: (value) => !Array.isArray(value) || value.length > 0,
});

/** Returns true if a choice names a parameter. */
export function choosesParameter(choice: ParameterChoice, name: string): boolean {
  if (typeof choice === "function") return choice(name);
  // A pattern with the flag g or y goes on from where its last match ended.
  if (choice instanceof RegExp) return name.search(choice) >= 0;
  return name === choice || name.startsWith(`${choice}.`);
}

/** @throws RangeError for a rate that has no proportion to the optimizer's, or a decay that it cannot take */
function checkAgainst(optimizer: Optimizer, who: string, group: ParameterOptions): void {
  if (typeof group.learningRate === "number" && optimizer.learningRate === 0) {
    const expected = "learningRate to be a schedule, as the optimizer's rate is 0 at first";
    throw new RangeError(`${who}: expected ${expected}, got ${group.learningRate}`);
  }
  if (group.weightDecay !== undefined) optimizer.withWeightDecay(group.weightDecay);
}

/**
 * Checks parameter groups.
 * @param who name of the function that they were given to
 * @param known names of all parameters
 * @returns the options of each parameter, in the order of their names
 * @throws TypeError or RangeError that names the group and its option, such as parameters that there
 * are none of; RangeError if no parameter is left to train
 */
export function resolveGroups(
  who: string,
  groups: readonly ParameterGroup[],
  known: readonly string[],
  optimizer: Optimizer,
): ParameterOptions[] {
  check(who, "parameterGroups", groups, list("a list of parameter groups"));
  const options: ParameterOptions[] = known.map(() => ({}));
  groups.forEach((group, i) => {
    const what = `${who}: parameterGroups[${i}]`;
    const { parameters, ...own } = checkOptions(what, group, {
      parameters: needed(parameterChoice()),
      frozen: flag(),
      learningRate: either(numberFrom(0), callable("a schedule")),
      weightDecay: numberFrom(0),
    });
    checkAgainst(optimizer, what, own);
    for (const choice of [parameters].flat()) {
      const named = known.map((name) => choosesParameter(choice, name));
      if (!named.includes(true)) {
        const came = choice instanceof RegExp ? String(choice) : describeValue(choice);
        const some = known.length > 0 ? known.join(", ") : "none";
        throw new RangeError(`${what}: expected parameters among ${some}, got ${came}`);
      }
      named.forEach((isNamed, k) => {
        if (isNamed) options[k] = { ...options[k], ...own };
      });
    }
  });
  if (known.length > 0 && options.every(({ frozen }) => frozen)) {
    throw new RangeError(
      `${who}: expected parameterGroups that leave parameters to train, got none`,
    );
  }
  return options;
}
