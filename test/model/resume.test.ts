import { afterEach, describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import {
  type Callback,
  type CompileOptions,
  type Dataset,
  type FitOptions,
} from "../../src/index.ts";
import {
  type FitSource,
  type Model,
  type Network,
  batchNorm,
  cosineDecay,
} from "../../src/index.ts";
import {
  createEngine,
  crossEntropy,
  dense,
  dropout,
  lstm,
  mse,
  relu,
  sequential,
} from "../../src/index.ts";
import { type OptimizerName, factories } from "../../src/reference/optimizers.ts";
import { createOptimizer } from "../../src/verify/families/optimizer-steps.ts";
import { floats } from "../../src/verify/numbers.ts";

/** Fits that stop at any step and go on from a checkpoint in a new model, as if they had not stopped. */

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

const COUNT = 22;
const x = floats(COUNT * 5, 1);
const y = Int32Array.from({ length: COUNT }, (_, i) => (i * 7) % 3);
const data: Dataset = { x, y };
const classifier = sequential([dense(7), batchNorm(), relu(), dropout(0.3), dense(3)]);

/** Parts of a fit; each run has a model of its own. */
interface Trial {
  readonly net?: Network;
  readonly compile?: Partial<CompileOptions>;
  readonly source?: FitSource;
  readonly fit?: FitOptions;
}

function compile({ net = classifier, compile }: Trial, seed: number): Model {
  const common = { inputShape: [5], loss: crossEntropy(), metrics: ["accuracy"] as const };
  const optimizer = gradlane.adam({ learningRate: 0.01 });
  const model = engine.compile(net, { ...common, optimizer, seed, ...compile });
  models.push(model);
  return model;
}

const options: FitOptions = { epochs: 3, batchSize: 8, validation: data };

/** All numbers that a fit leaves: weights, buffers and its history. */
function outcome({ parameters, buffers }: Model, { epochs }: gradlane.History): unknown[] {
  const arrays = [...parameters, ...buffers].map(({ name, data }) => [name, ...data]);
  return [...arrays, ...epochs.map((end) => ({ ...end, seconds: 0 }))];
}

/** Trains without a stop; collects a checkpoint after each step and each epoch. */
async function uninterrupted(trial: Trial) {
  const model = compile(trial, 1);
  const checkpoints: Uint8Array[] = [];
  const save: Callback = {
    async onBatchEnd(_batch, fit) {
      checkpoints.push(await fit.saveCheckpoint());
    },
    async onEpochEnd(_epoch, fit) {
      checkpoints.push(await fit.saveCheckpoint());
    },
    isLast: true,
  };
  const callbacks = [...(trial.fit?.callbacks ?? []), save];
  const given = { ...options, ...trial.fit, callbacks };
  const history = await model.fit(trial.source ?? data, given);
  return { checkpoints, end: outcome(model, history) };
}

/** Goes on from a checkpoint in a new model of another seed. */
async function resumed(trial: Trial, checkpoint: Uint8Array): Promise<unknown[]> {
  const model = compile(trial, 99);
  const callbacks = [
    ...(trial.fit?.callbacks ?? []),
    { onTrainBegin: (fit: gradlane.FitContext) => fit.resume(checkpoint) },
  ];
  const history = await model.fit(trial.source ?? data, { ...options, ...trial.fit, callbacks });
  return outcome(model, history);
}

/** Expects the same end from every step at which a fit may stop. */
async function expectResumes(trial: Trial): Promise<void> {
  const { checkpoints, end } = await uninterrupted(trial);
  expect(checkpoints.length).toBeGreaterThan(5);
  for (const checkpoint of checkpoints) expect(await resumed(trial, checkpoint)).toEqual(end);
}

describe("a fit that goes on from a checkpoint ends with the same bits", () => {
  it.each(Object.keys(factories) as OptimizerName[])("%s, under a schedule", async (name) => {
    const learningRate = cosineDecay({ learningRate: 0.01, steps: 9 });
    const settings = { learningRate, weightDecay: 0.01, clipNorm: 1, momentum: 0.9 };
    const { momentum, ...others } = settings;
    const own = name === "sgd" || name === "rmsprop" ? { ...others, momentum } : others;
    await expectResumes({ compile: { optimizer: createOptimizer(name, own as never) } });
  });

  const groups = [
    { parameters: "dense1", frozen: true },
    { parameters: /bias$/, learningRate: 0.1 },
  ];
  const steps = sequential([lstm(4, { stateful: true }), dense(2)]);
  const rows = { x: floats(8 * 6, 3), y: floats(8 * 2, 4) };
  const batches = [0, 1, 2].map((i) => ({
    x: x.subarray(i * 35, (i + 1) * 35),
    y: y.subarray(i * 7, (i + 1) * 7),
  }));
  const late = async function* () {
    for (const batch of batches) yield await Promise.resolve(batch);
  };
  const net = sequential([dense(7), relu(), dropout(0.3), dense(3)]);
  const stateful = { inputShape: [3, 2], loss: mse(), metrics: [], batchSize: 2 };
  it.each<[string, Trial]>([
    ["parameter groups", { compile: { parameterGroups: groups } }],
    ["in their order", { fit: { shuffle: false } }],
    ["micro-batches", { net, fit: { microBatchSize: 3 } }],
    ["snapshots", { fit: { snapshotSteps: 2 } }],
    ["a part for validation", { fit: { validation: undefined!, validationSplit: 0.2 } }],
    ["a stream", { source: late, fit: { batchSize: undefined! } }],
    [
      "a stream of given length",
      { source: batches, fit: { batchSize: undefined!, stepsPerEpoch: 2 } },
    ],
    [
      "states of layers",
      {
        ...{ net: steps, compile: stateful, source: rows },
        fit: { batchSize: 2, shuffle: false, validation: undefined! },
      },
    ],
  ])("%s", async (_, trial) => {
    await expectResumes(trial);
  });

  it("learning rates that callbacks set, and states of callbacks", async () => {
    const make = (): Callback => {
      let seen = 0;
      let values = new Float32Array(2);
      return {
        onBatchEnd({ loss }, { model }) {
          seen++;
          values[seen % 2] = loss;
          model.learningRate = 0.01 / seen + values[0]! / 1000;
        },
        getState: () => ({ seen, values, note: "a", best: Infinity }),
        setState(state) {
          seen = state.seen as number;
          values = (state.values as Float32Array).slice();
          expect([state.note, state.best]).toEqual(["a", Infinity]);
        },
      };
    };
    const trial = (): Trial => ({ fit: { callbacks: [make()] } });
    const { checkpoints, end } = await uninterrupted(trial());
    for (const bytes of checkpoints) expect(await resumed(trial(), bytes)).toEqual(end);
  });
});

describe("resume", () => {
  it("goes on with more epochs, and has nothing left to do after the last", async () => {
    const { checkpoints, end } = await uninterrupted({});
    const last = checkpoints.at(-1)!;
    expect(await resumed({}, last)).toEqual(end);
    const longer = { fit: { epochs: 5 } };
    expect(await resumed(longer, last)).toEqual((await uninterrupted(longer)).end);
  });

  it("a checkpoint is a file of weights", async () => {
    const { checkpoints, end } = await uninterrupted({});
    const model = compile({}, 4);
    await model.fromSafetensors(checkpoints.at(-1)!);
    expect(outcome(model, { epochs: [] })).toEqual(end.slice(0, -3));
  });

  const other = sequential([dense(6), batchNorm(), relu(), dropout(0.3), dense(3)]);
  const sgd = { optimizer: gradlane.sgd() };
  const state: Callback = { onEpochEnd: () => undefined, getState: () => ({}) };
  it.each<[string, Trial, string]>([
    [
      "of another network",
      { net: other },
      'run: expected "dense1.weight" of shape [5, 6], got [5, 7]',
    ],
    [
      "of another optimizer",
      { compile: sgd },
      "run: expected the state of sgd with 2 numbers, got that of adam with 9",
    ],
    ["of other batches", { fit: { batchSize: 4 } }, "run: expected 6 batches in an epoch, got 3"],
    [
      "of other callbacks",
      { fit: { callbacks: [state] } },
      "run: expected states of 1 callbacks, got 0",
    ],
  ])("refuses a checkpoint %s, and the model is as before", async (_, trial, error) => {
    const { checkpoints } = await uninterrupted({});
    const model = compile(trial, 5);
    const before = outcome(model, { epochs: [] });
    let caught: unknown;
    const onTrainBegin = async (fit: gradlane.FitContext) => {
      caught = await fit.resume(checkpoints[1]!, "run").catch((reason: unknown) => reason);
      fit.stop();
    };
    const callbacks = [...(trial.fit?.callbacks ?? []), { onTrainBegin }];
    await model.fit(data, { ...options, ...trial.fit, callbacks });
    expect(caught).toEqual(new RangeError(error));
    expect(outcome(model, { epochs: [] })).toEqual(before);
  });

  it("refuses what is no checkpoint, and to go elsewhere after the first step", async () => {
    const model = compile({}, 5);
    const weights = await model.toSafetensors({ includeOptimizer: true });
    const resume = (bytes: unknown) =>
      model.fit(data, {
        callbacks: [{ onTrainBegin: (fit) => fit.resume(bytes as Uint8Array) }],
      });
    await expect(resume(weights)).rejects.toThrow(
      new RangeError('checkpoint: expected the progress of a fit in "gradlane.fit", got none'),
    );
    await expect(resume("run")).rejects.toThrow(
      new TypeError('resume: expected checkpoint to be the bytes of a checkpoint, got "run"'),
    );
    const late = model.fit(data, { callbacks: [{ onBatchEnd: (_, fit) => fit.resume(weights) }] });
    await expect(late).rejects.toThrow(
      new Error("resume: expected no step before, the fit has started"),
    );
  });
});
