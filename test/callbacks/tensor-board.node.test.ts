import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEngine, dense, meanAbsoluteError, mse, sequential, sgd } from "../../src/index.ts";
import { tensorBoard } from "../../src/index.ts";
import { Callbacks } from "../../src/training/callbacks.ts";
import { floats, wrong } from "../engine/fixtures.ts";
import { noSaving } from "./no-saving.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Reads the events of a run: their step and scalars. */
async function eventsOf(run: string) {
  const [name, ...others] = await readdir(join(folder, "run", run));
  expect(others).toEqual([]);
  expect(name).toMatch(/^events\.out\.tfevents\.\d{10}\.gradlane\./);
  const bytes = await readFile(join(folder, "run", run, name!));
  const events: { step: number; scalars: Record<string, number> }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    const data = bytes.subarray(at + 12, at + 12 + length);
    if (data[9] === 0x10) {
      const scalars: Record<string, number> = {};
      // Steps and lengths of this test are below 128, which is one byte.
      for (let from = 13; from < data.length; from += 2 + data[from + 1]!) {
        const tag = data.subarray(from + 4, from + 4 + data[from + 3]!).toString();
        scalars[tag] = data.readFloatLE(from + 5 + data[from + 3]!);
      }
      events.push({ step: data[10]!, scalars });
    }
    at += length + 16;
  }
  return events;
}

describe("tensorBoard", () => {
  it("has the numbers of each epoch in two runs", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dense(1)]), {
      inputShape: [2],
      loss: mse(),
      optimizer: sgd({ learningRate: 0.25 }),
      metrics: [meanAbsoluteError()],
    });
    const data = { x: floats(8, 1), y: floats(4, 2) };
    const callbacks = [tensorBoard(join(folder, "run"))];
    const { epochs } = await model.fit(data, { epochs: 2, validation: data, callbacks });
    expect(await eventsOf("train")).toEqual(
      epochs.map(({ epoch, loss, seconds }) => ({
        step: epoch,
        scalars: { loss: Math.fround(loss), seconds: Math.fround(seconds), learningRate: 0.25 },
      })),
    );
    expect(await eventsOf("validation")).toEqual(
      epochs.map(({ epoch, validationLoss, validationMae }) => ({
        step: epoch,
        scalars: { loss: Math.fround(validationLoss!), mae: Math.fround(Number(validationMae)) },
      })),
    );
    engine.dispose();
  });

  it("has no folder for a validation that there is none of", async () => {
    const model = { parameters: [], learningRate: 1 };
    const hooks = new Callbacks([tensorBoard(join(folder, "run"))], model, noSaving);
    await hooks.trainBegin();
    await hooks.epochEnd({ epoch: 0, loss: NaN, seconds: 1 });
    expect(await readdir(join(folder, "run"))).toEqual(["train"]);
    expect((await eventsOf("train"))[0]!.scalars.loss).toBeNaN();
  });

  it("names a folder that cannot be made before the first step", async () => {
    const path = join(folder, "file");
    await writeFile(path, "");
    const begin = (at: string) =>
      new Callbacks([tensorBoard(at)], wrong({}), noSaving).trainBegin();
    await expect(begin(path)).rejects.toThrow(
      new RangeError(`${path}: expected a folder that can be made, got a file`),
    );
    await expect(begin(join(path, "run"))).rejects.toThrow("got a path that leads through a file");
  });
});
