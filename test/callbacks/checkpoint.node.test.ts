import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { type Callback, type CheckpointOptions, type CheckpointStore } from "../../src/index.ts";
import { type FitOptions, exponentialMovingAverage, reduceOnPlateau } from "../../src/index.ts";
import { type Model, adam, batchNorm, checkpoint, createEngine } from "../../src/index.ts";
import { crossEntropy, dense, dropout, earlyStopping, sequential, sgd } from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

const root = await mkdtemp(join(tmpdir(), "checkpoint-"));
afterAll(() => rm(root, { recursive: true }));

const engine = await createEngine();
const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

const COUNT = 40;
const data = {
  x: floats(COUNT * 5, 1),
  y: Int32Array.from({ length: COUNT }, (_, i) => (i * 7) % 3),
};

function compile(seed = 1, units = 7, optimizer = adam({ learningRate: 0.01 })): Model {
  const net = sequential([dense(units), batchNorm(), dropout(0.3), dense(3)]);
  const model = engine.compile(net, { inputShape: [5], loss: crossEntropy(), optimizer, seed });
  models.push(model);
  return model;
}

/** Parts of callbacks that show what they have done. */
type Shown = Callback & {
  readonly bestEpoch?: number;
  readonly reductions?: unknown;
  readonly averages?: readonly { readonly data: Float32Array }[];
};

const weights = (model: Model): number[][] =>
  [...model.parameters, ...model.buffers].map(({ data }) => [...data]);

let folders = 0;
const newFolder = (): string => join(root, `run${folders++}`);

const options: FitOptions = { epochs: 3, batchSize: 8, validation: data };

/** Fits a new model with checkpoints; returns it with its callback and history. */
async function fit(checkpoints: CheckpointOptions, more: FitOptions = {}, model = compile()) {
  const saved = checkpoint(checkpoints);
  const callbacks = [...(more.callbacks ?? []), saved];
  const history = await model.fit(data, { ...options, ...more, callbacks });
  return { model, saved, history };
}

const expected = await (async () => {
  const model = compile();
  const history = await model.fit(data, options);
  return { weights: weights(model), losses: history.epochs.map(({ loss }) => loss) };
})();

describe("checkpoint", () => {
  it("keeps the latest of each epoch, by default two", async () => {
    const path = newFolder();
    const { model, saved } = await fit({ path });
    expect(weights(model)).toEqual(expected.weights);
    expect(saved.resumedFrom).toBeUndefined();
    const names = ["step-0000000010.safetensors", "step-0000000015.safetensors"];
    expect(await readdir(path)).toEqual(names);
    const other = compile(5);
    await other.load(join(path, names[1]!));
    expect(weights(other)).toEqual(expected.weights);
  });

  it("keeps some within an epoch, as many as are asked for", async () => {
    const path = newFolder();
    await fit({ path, every: 2, keep: 4 }, { epochs: 2 });
    // Steps 2 and 4 of each epoch of five, and its end.
    const steps = [5, 7, 9, 10].map((step) => `step-${String(step).padStart(10, "0")}.safetensors`);
    expect(await readdir(path)).toEqual(steps);
  });

  it("keeps the best epoch", async () => {
    const path = newFolder();
    const more = { epochs: 6 };
    const { saved, history } = await fit({ path, best: "validationLoss" }, more);
    const losses = history.epochs.map(({ validationLoss }) => validationLoss!);
    expect(saved.bestEpoch).toBe(losses.indexOf(Math.min(...losses)));
    const best = compile(5);
    await best.load(join(path, "best.safetensors"));
    expect((await best.evaluate(data, { batchSize: 8 })).loss).toBe(Math.min(...losses));
  });

  it.each([1, 2, 6, 9, 10, 14])("goes on after an error at step %d", async (stop) => {
    const path = newFolder();
    const onBatchEnd = ({ step }: { step: number }) => {
      if (step === stop) throw new Error("power cut");
    };
    const broken = { callbacks: [{ onBatchEnd }] };
    await expect(fit({ path, every: 2 }, broken)).rejects.toThrow("power cut");
    const { model, saved, history } = await fit({ path, every: 2 }, {}, compile(99));
    if (stop > 2) expect(saved.resumedFrom).toMatch(/^step-00000000\d\d\.safetensors$/);
    else expect(saved.resumedFrom).toBeUndefined();
    // A model of another seed has other first weights, which nothing but a checkpoint replaces.
    if (saved.resumedFrom === undefined) return;
    expect(weights(model)).toEqual(expected.weights);
    expect(history.epochs.map(({ loss }) => loss)).toEqual(expected.losses);
  });

  const monitor = { monitor: "loss", mode: "max" } as const;
  it.each<[string, () => Callback, (callback: Callback) => unknown]>([
    [
      "earlyStopping",
      () => earlyStopping({ ...monitor, patience: 3 }),
      ({ bestEpoch }: Shown) => bestEpoch,
    ],
    [
      "reduceOnPlateau",
      () => reduceOnPlateau({ ...monitor, patience: 1, cooldown: 1 }),
      ({ reductions }: Shown) => reductions,
    ],
    [
      "exponentialMovingAverage",
      () => exponentialMovingAverage({ decay: 0.9 }),
      ({ averages }: Shown) => averages!.map(({ data }) => [...data]),
    ],
  ])("goes on with the state of %s", async (_, make, resultOf) => {
    const trial = async (path: string, at: number) => {
      const callback = make();
      const cut: Callback = {
        onEpochEnd({ epoch }) {
          if (epoch === at) throw new Error("power cut");
        },
      };
      const { model, history } = await fit({ path }, { epochs: 6, callbacks: [callback, cut] });
      return [history.epochs.length, resultOf(callback), weights(model)];
    };
    const whole = await trial(newFolder(), -1);
    for (const at of [1, 2]) {
      const path = newFolder();
      await expect(trial(path, at)).rejects.toThrow("power cut");
      expect(await trial(path, -1)).toEqual(whole);
    }
  });

  it("takes a store, and goes on with more epochs", async () => {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    const store: CheckpointStore = {
      read: (name) => Promise.resolve(files.get(name)),
      write: (name, bytes) => Promise.resolve(void files.set(name, Uint8Array.from(bytes))),
      remove: (name) => Promise.resolve(void files.delete(name)),
      list: () => Promise.resolve([...files.keys()]),
    };
    await fit({ store, keep: 1 }, { epochs: 2 });
    expect([...files.keys()]).toEqual(["step-0000000010.safetensors"]);
    const { model, history } = await fit({ store, keep: 1 }, {}, compile(99));
    expect(weights(model)).toEqual(expected.weights);
    expect(history.epochs.length).toBe(3);
    const again = await fit({ store }, {}, compile(99));
    expect(again.history.epochs).toEqual(history.epochs);
  });
});

describe("checkpoint refuses", () => {
  it("no place, two places, and wrong options", () => {
    const make = (chosen: object) => () => checkpoint(chosen);
    const store = { write: () => undefined };
    expect(make({})).toThrow(new TypeError("checkpoint: expected a path or a store, got none"));
    expect(make({ path: "a", store })).toThrow(
      new TypeError("checkpoint: expected a path or a store, got both"),
    );
    expect(make({ path: "a", every: 0 })).toThrow(/every to be a whole number from 1 on, got 0/);
    expect(make({ path: "a", keep: 0 })).toThrow(/keep to be a whole number from 1 on, got 0/);
    expect(make({ path: 1 })).toThrow(/path to be a text, got 1/);
    expect(make({ store: {} })).toThrow(/store to be a store such as opfsStore/);
    expect(make({ path: "a", best: "speed" })).toThrow(/expected mode "min" or "max"/);
  });

  it("a checkpoint of another network or optimizer, and names it", async () => {
    const path = newFolder();
    await fit({ path });
    const model = compile(1, 6);
    const before = weights(model);
    await expect(fit({ path }, {}, model)).rejects.toThrow(
      'checkpoint step-0000000015.safetensors: expected "dense1.weight" of shape [5, 6], got [5, 7]',
    );
    expect(weights(model)).toEqual(before);
    await expect(fit({ path }, {}, compile(1, 7, sgd()))).rejects.toThrow(
      "checkpoint step-0000000015.safetensors: expected the state of sgd",
    );
    await expect(fit({ path }, { batchSize: 10 })).rejects.toThrow(
      "checkpoint step-0000000015.safetensors: expected 4 batches in an epoch, got 5",
    );
    await expect(fit({ path, resume: false })).rejects.toThrow(
      "expected a place without checkpoints for resume: false, it has step-0000000015.safetensors",
    );
    expect((await readdir(path)).length).toBe(2);
  });

  it("a damaged checkpoint, and a folder that cannot be", async () => {
    const path = newFolder();
    await fit({ path });
    const name = join(path, "step-0000000015.safetensors");
    await writeFile(name, (await readFile(name)).subarray(0, 100));
    await expect(fit({ path })).rejects.toThrow(
      /^checkpoint step-0000000015.safetensors: expected/,
    );
    const file = join(root, "file");
    await writeFile(file, "");
    await expect(fit({ path: file })).rejects.toThrow(
      `${file}: expected a folder that can be made`,
    );
  });

  it("a full disk: the fit ends with its error, and keeps model and checkpoints", async () => {
    const files = new Map<string, Uint8Array<ArrayBuffer>>();
    let room = 1;
    const full = new RangeError("run/step: expected a file that can be written, got a full disk");
    const store: CheckpointStore = {
      read: (name) => Promise.resolve(files.get(name)),
      write(name, bytes) {
        if (room-- === 0) return Promise.reject(full);
        return Promise.resolve(void files.set(name, Uint8Array.from(bytes)));
      },
      remove: (name) => Promise.resolve(void files.delete(name)),
      list: () => Promise.resolve([...files.keys()]),
    };
    const model = compile();
    await expect(fit({ store, keep: 1 }, {}, model)).rejects.toBe(full);
    expect([...files.keys()]).toEqual(["step-0000000005.safetensors"]);
    const two = compile();
    await two.fit(data, { ...options, epochs: 2 });
    expect(weights(model)).toEqual(weights(two));
    room = Infinity;
    const { model: resumed } = await fit({ store }, {}, compile(99));
    expect(weights(resumed)).toEqual(expected.weights);
  });
});

/** A program that trains with checkpoints, and says when it has taken a step. */
const PROGRAM = `
import { writeFileSync } from "node:fs";
const { adam, batchNorm, checkpoint, cosineDecay, createEngine, crossEntropy, dense, dropout, sequential } =
  await import(process.argv[2]);
const engine = await createEngine();
const net = sequential([dense(32), batchNorm(), dropout(0.2), dense(10)]);
const optimizer = adam({ learningRate: cosineDecay({ learningRate: 0.01, steps: 60 }) });
const model = engine.compile(net, { inputShape: [16], loss: crossEntropy(), optimizer, seed: 3 });
const x = Float32Array.from({ length: 160 * 16 }, (_, i) => ((i * 7919) % 1000) / 1000);
const y = Int32Array.from({ length: 160 }, (_, i) => (i * 31) % 10);
const saved = checkpoint({ path: process.argv[3], every: 3 });
const onBatchEnd = async ({ step }) => {
  process.stdout.write(step + "\\n");
  await new Promise((resolve) => setTimeout(resolve, 2));
};
await model.fit({ x, y }, { epochs: 6, batchSize: 16, callbacks: [saved, { onBatchEnd }] });
writeFileSync(process.argv[4], await model.toSafetensors({ includeOptimizer: true }));
`;

describe("a program that is killed", () => {
  it("ends with the bytes of one that is not, after some kills", { timeout: 120_000 }, async () => {
    const program = join(root, "program.mjs");
    await writeFile(program, PROGRAM);
    const dist = new URL("../../dist/index.js", import.meta.url).href;
    /** Runs the program, and kills it after a number of its steps. */
    const run = (folder: string, out: string, steps = Infinity) =>
      new Promise<NodeJS.Signals | null>((resolve, reject) => {
        const child = spawn(process.execPath, [program, dist, folder, out]);
        let seen = 0;
        child.stdout.on("data", (text: Buffer) => {
          seen += String(text).trim().split("\n").length;
          if (seen >= steps) child.kill("SIGKILL");
        });
        child.stderr.on("data", (text: Buffer) => {
          reject(new Error(String(text)));
        });
        child.on("exit", (_code, signal) => {
          resolve(signal);
        });
      });
    const [whole, killed] = [join(root, "whole"), join(root, "killed")];
    expect(await run(newFolder(), whole)).toBeNull();
    const folder = newFolder();
    const signals: unknown[] = [];
    for (const steps of [5, 8, 11, 7]) signals.push(await run(folder, killed, steps));
    expect(signals).toEqual(signals.map(() => "SIGKILL"));
    expect(await run(folder, killed)).toBeNull();
    expect(Buffer.compare(await readFile(killed), await readFile(whole))).toBe(0);
  });
});
