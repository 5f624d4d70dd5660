import { size } from "../graph/node.ts";
import { describeValue } from "../base/arguments.ts";
import { type NamedTensor, decodeSafetensors, encodeSafetensors } from "../io/safetensors.ts";
import { checkArrays } from "./tensor-checks.ts";
import type { Trainee } from "../training/trainee.ts";
import type { LoadOptions, LoadReport } from "../training/options.ts";
import { choosesParameter } from "../compile/parameter-groups.ts";
import { type ModelParts, trainingOf } from "../compile/tasks.ts";
import type { Training } from "../compile/training.ts";
import type { StateCopy } from "../training/optimizer-state.ts";

export { readFile, writeFileAtomic } from "../io/files.ts";

/** Key of the metadata for all of the optimizer's state that is not an array, as JSON. */
const STATE = "gradlane.training";

/** JSON that is stored under STATE. */
interface StateText {
  readonly optimizer: string;
  /** Names of the parameters of each group, if there are several. */
  readonly groups?: readonly (readonly string[])[];
  /** Numbers as texts, because JSON has no infinities. */
  readonly rates: readonly string[];
  readonly random: readonly number[];
  readonly seed: number;
  readonly steps: number;
  readonly epochs: number;
}

type SafetensorsFile = ReturnType<typeof decodeSafetensors>;
type Tensors = SafetensorsFile["tensors"];

/** Returns the arrays of the moments, which have the names of the parameters that are trained. */
function momentArrays({ block }: Training, moments: StateCopy["moments"]) {
  const { specs, offsets } = block;
  return moments.flatMap(({ buffer }, i) =>
    specs.map(({ name, shape }, k): NamedTensor => {
      const data = new Float32Array(buffer, offsets[k], size(shape));
      return { name: `moment${i}:${name}`, shape, data };
    }),
  );
}

/** Returns the names of the groups' parameters, if there are several. */
function groupNames({ groups }: Training): Pick<StateText, "groups"> {
  return groups.length > 1 ? { groups: groups.map(({ names }) => names) } : {};
}

/** Pattern of the names that momentArrays and checkpoints give, and no layer has. */
const BESIDE = /^(moment\d+|state|callback\d+):/;

/** Arrays and metadata of a checkpoint besides a model's state. */
export interface Extras {
  readonly arrays: readonly NamedTensor[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Packs weights and buffers, and the state of training if it is given, as safetensors. */
export function packModel(
  arrays: readonly NamedTensor[],
  parts: ModelParts,
  state: StateCopy | undefined,
  more: Extras = { arrays: [], metadata: {} },
): Uint8Array<ArrayBuffer> {
  if (!state) return encodeSafetensors(arrays);
  const { moments, hyperparameters, random, ...counts } = state;
  const training = trainingOf(parts, "toSafetensors");
  const text: StateText = {
    optimizer: parts.settings.optimizer!.name,
    ...groupNames(training),
    rates: Array.from(new Float64Array(hyperparameters.buffer), String),
    random: [...new Uint32Array(random.buffer)],
    ...counts,
  };
  const all = [...arrays, ...momentArrays(training, moments), ...more.arrays];
  return encodeSafetensors(all, { ...more.metadata, [STATE]: JSON.stringify(text) });
}

/**
 * Fills a model's arrays from a safetensors file that holds just them, and maybe an optimizer's
 * state.
 * @param readMore reads what else the file has, before anything is changed
 * @throws RangeError if the file is damaged, names or shapes differ, or it has no state of such an
 * optimizer and that is wanted; and as readMore; nothing is changed then
 */
export function unpackModel(
  arrays: readonly NamedTensor[],
  trainee: Trainee,
  bytes: Uint8Array,
  { source = "safetensors", includeOptimizer = false, strict = true, parameters }: LoadOptions,
  readMore?: (file: Pick<SafetensorsFile, "tensors" | "metadata">) => void,
): LoadReport {
  const { tensors, metadata } = decodeSafetensors(bytes, source);
  const text = metadata[STATE];
  const wanted = chosenArrays(arrays, parameters, source);
  const found = strict ? wanted : wanted.filter(({ name }) => tensors.has(name));
  checkArrays(found, tensors, source);
  const state = includeOptimizer ? readState(trainee.parts, text, tensors, source) : undefined;
  const known = new Set(arrays.map(({ name }) => name));
  const isOwn = (name: string): boolean => known.has(name) || (!!text && BESIDE.test(name));
  const unexpected = [...tensors.keys()].filter((name) => !isOwn(name));
  if (strict && parameters === undefined && unexpected.length > 0) {
    const came = `got "${unexpected[0]}" as well`;
    throw new RangeError(`${source}: expected only this model's arrays, ${came}`);
  }
  readMore?.({ tensors, metadata });
  for (const { name, data } of found) data.set(tensors.get(name)!.data);
  if (state) restore(trainee, state);
  const missing = wanted.map(({ name }) => name).filter((name) => !tensors.has(name));
  return Object.freeze({ missing, unexpected });
}

/** Returns the arrays that a choice names. @throws RangeError if it names none */
function chosenArrays(
  arrays: readonly NamedTensor[],
  choice: LoadOptions["parameters"],
  source: string,
): readonly NamedTensor[] {
  if (choice === undefined) return arrays;
  const choices = [choice].flat();
  const chosen = arrays.filter(({ name }) => choices.some((one) => choosesParameter(one, name)));
  if (chosen.length > 0) return chosen;
  const known = arrays.map(({ name }) => name).join(", ");
  throw new RangeError(`${source}: expected parameters among ${known}, got none of them`);
}

/** Returns true for a text that String makes of a number. */
function isNumberText(text: unknown): boolean {
  return typeof text === "string" && String(Number(text)) === text;
}

function isCount(value: unknown, most = Number.MAX_SAFE_INTEGER): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
}

/** Returns true if a value from a file has the form that packModel writes. */
function isState(value: unknown): value is StateText {
  const { optimizer, rates, random, seed, steps, epochs } = Object(value) as Partial<StateText>;
  if (typeof optimizer !== "string" || !Array.isArray(rates) || !Array.isArray(random))
    return false;
  const areWords = random.length === 4 && random.every((word) => isCount(word, 2 ** 32 - 1));
  return rates.every(isNumberText) && areWords && [seed, steps, epochs].every((n) => isCount(n));
}

function parseState(text: string, source: string): StateText {
  let state: unknown;
  try {
    state = JSON.parse(text);
  } catch {
    state = undefined;
  }
  if (isState(state)) return state;
  throw new RangeError(
    `${source}: expected an optimizer's state in "${STATE}", got ${describeValue(text)}`,
  );
}

/** @throws RangeError unless the file has the state of an optimizer like the model's */
function readState(
  parts: ModelParts,
  text: string | undefined,
  tensors: Tensors,
  source: string,
): StateCopy {
  if (text === undefined) {
    throw new RangeError(`${source}: expected an optimizer's state beside the weights, got none`);
  }
  const { optimizer, groups, rates, random, ...counts } = parseState(text, source);
  const training = trainingOf(parts, "includeOptimizer");
  const own = parts.settings.optimizer!;
  const numbers = own.hyperparameters.length * training.groups.length;
  if (optimizer !== own.name || rates.length !== numbers) {
    const expected = `${own.name} with ${numbers} numbers`;
    const came = `${optimizer} with ${rates.length}`;
    throw new RangeError(`${source}: expected the state of ${expected}, got that of ${came}`);
  }
  if (JSON.stringify(groups) !== JSON.stringify(groupNames(training).groups)) {
    const expected = "an optimizer's state for this model's parameterGroups";
    throw new RangeError(`${source}: expected ${expected}, got one for others`);
  }
  const { bytes } = training.block;
  const moments = Array.from({ length: own.moments }, () => new Uint8Array(bytes));
  const arrays = momentArrays(training, moments);
  checkArrays(arrays, tensors, source);
  for (const { name, data } of arrays) data.set(tensors.get(name)!.data);
  const hyperparameters = new Uint8Array(Float64Array.from(rates, Number).buffer);
  return {
    moments,
    hyperparameters,
    random: new Uint8Array(Uint32Array.from(random).buffer),
    ...counts,
  };
}

/** Writes a copied state over a model's own. */
function restore(trainee: Trainee, state: StateCopy): void {
  const { bytes } = trainee.parts.runtime.heap;
  const { moments, hyperparameters } = trainingOf(trainee.parts, "includeOptimizer");
  const { random } = trainee.parts.memory;
  state.moments.forEach((block, i) => {
    bytes.set(block, moments[i]);
  });
  bytes.set(state.hyperparameters, hyperparameters);
  bytes.set(state.random, random);
  trainee.seed = state.seed;
  trainee.epochs = state.epochs;
  trainee.stepper.steps = state.steps;
}
