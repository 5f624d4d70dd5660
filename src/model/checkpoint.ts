import { describeValue } from "../base/arguments.ts";
import { size } from "../base/shape.ts";
import type { NamedTensor } from "../io/safetensors.ts";
import type { CallbackState } from "../training/callbacks.ts";
import type { FitProgress } from "../training/fit-progress.ts";
import { copyState } from "../training/optimizer-state.ts";
import type { Position } from "../training/position.ts";
import type { Trainee } from "../training/trainee.ts";
import { checkArrays } from "./tensor-checks.ts";
import { packModel, unpackModel } from "./weights.ts";

/** Key of the metadata for how far a fit has come, as JSON. */
const FIT = "gradlane.fit";

/** Writes numbers that JSON has no text for as objects. */
function encode(_key: string, value: unknown): unknown {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  return { number: String(value) };
}

/** Reads what encode wrote. */
function decode(_key: string, value: unknown): unknown {
  const { number } = Object(value) as { number?: unknown };
  return typeof number === "string" ? Number(number) : value;
}

/** Returns the states that layers go on from in training. */
function stateArrays({ parts }: Trainee): NamedTensor[] {
  const { specs, offsets } = parts.blueprint.states;
  const { training } = parts.memory.states;
  return specs.map(({ name, shape }, i) => {
    const at = (training + offsets[i]!) / 4;
    const data = parts.runtime.heap.floats.subarray(at, at + size(shape));
    return { name: `state:${name}`, shape, data };
  });
}

/** Returns parameters and buffers. */
function weightsOf({ model: { parameters, buffers } }: Trainee): NamedTensor[] {
  return [...parameters, ...buffers].map(({ name, shape, data }) => ({ name, shape, data }));
}

/** Packs a model in training, and how far its fit has come. */
export function packCheckpoint(
  trainee: Trainee,
  { callbacks, ...progress }: FitProgress,
): Uint8Array<ArrayBuffer> {
  const arrays = stateArrays(trainee);
  const states = callbacks.map((state, i) => {
    const entries = Object.entries(state).map(([key, value]) => {
      if (!(value instanceof Float32Array)) return [key, value];
      const name = `callback${i}:${key}`;
      arrays.push({ name, shape: [value.length], data: value });
      return [key, { array: name }];
    });
    return Object.fromEntries(entries) as object;
  });
  const text = JSON.stringify({ ...progress, callbacks: states }, encode);
  const state = copyState(trainee);
  return packModel(weightsOf(trainee), trainee.parts, state, { arrays, metadata: { [FIT]: text } });
}

/** Returns true for the fields that packCheckpoint writes. */
function isProgress(value: unknown): value is FitProgress {
  const { position, epochs, callbacks } = Object(value) as Partial<FitProgress>;
  const { epoch, batch, step, sums } = Object(position) as Partial<Position>;
  const counts = [epoch, batch, step].every((n) => Number.isSafeInteger(n) && n! >= 0);
  const { loss, weight, correct, answers, spent } = Object(sums) as Partial<Position["sums"]>;
  const areNumbers = [loss, weight, correct, answers, spent].every((n) => typeof n === "number");
  return counts && areNumbers && Array.isArray(epochs) && Array.isArray(callbacks);
}

function parseProgress(text: string | undefined, source: string): FitProgress {
  let progress: unknown;
  try {
    progress = JSON.parse(text ?? "", decode);
  } catch {
    progress = undefined;
  }
  if (isProgress(progress)) return progress;
  const came = text === undefined ? "none" : describeValue(text);
  throw new RangeError(`${source}: expected the progress of a fit in "${FIT}", got ${came}`);
}

/**
 * Fills a model from a checkpoint, and returns how far the fit had come.
 * @param check looks at the progress before anything is changed
 * @throws RangeError as unpackModel, or if the file has no progress of a fit; and as check
 */
export function unpackCheckpoint(
  trainee: Trainee,
  bytes: Uint8Array,
  source: string,
  check: (progress: FitProgress) => void,
): FitProgress {
  const states = stateArrays(trainee);
  let progress: FitProgress | undefined;
  const copies: Float32Array[] = [];
  unpackModel(weightsOf(trainee), trainee, bytes, { source, includeOptimizer: true }, (file) => {
    const parsed = parseProgress(file.metadata[FIT], source);
    const callbacks = parsed.callbacks.map((state) => {
      const entries = Object.entries(state).map(([key, value]) => {
        const { array } = Object(value) as { array?: string };
        return [key, array === undefined ? value : file.tensors.get(array)?.data.slice()];
      });
      return Object.fromEntries(entries) as CallbackState;
    });
    checkArrays(states, file.tensors, source);
    copies.push(...states.map(({ name }) => file.tensors.get(name)!.data.slice() as Float32Array));
    progress = { ...parsed, callbacks };
    check(progress);
  });
  stateArrays(trainee).forEach(({ data }, i) => {
    data.set(copies[i]!);
  });
  return progress!;
}
