import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEngine, csvLog, dense, mse, sequential, sgd } from "../../src/index.ts";
import { Callbacks } from "../../src/training/callbacks.ts";
import { floats, wrong } from "../engine/fixtures.ts";
import { noSaving } from "./no-saving.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gradlane-"));
  path = join(folder, "log.csv");
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const read = (): Promise<string> => readFile(path, "utf8");

/** Ends epochs with these numbers. */
async function log(epochs: readonly Record<string, unknown>[], options = {}): Promise<void> {
  const hooks = new Callbacks(
    [csvLog(path, options)],
    { parameters: [], learningRate: 1 },
    noSaving,
  );
  await hooks.trainBegin();
  for (const [epoch, more] of epochs.entries()) {
    await hooks.epochEnd({ epoch, loss: 1 / (epoch + 1), seconds: 2, ...more });
  }
}

describe("csvLog", () => {
  it("has the numbers of a fit, a row for each epoch, when the epoch ends", async () => {
    const engine = await createEngine();
    const model = engine.compile(sequential([dense(1)]), {
      inputShape: [2],
      loss: mse(),
      optimizer: sgd(),
    });
    const data = { x: floats(8, 1), y: floats(4, 2) };
    const rows: string[] = [];
    const { epochs } = await model.fit(data, {
      epochs: 2,
      validation: data,
      callbacks: [csvLog(path)],
      onEpochEnd: async () => rows.push(await read()),
    });
    const header = "epoch,loss,seconds,validationLoss\n";
    const lines = epochs.map(
      (end) => `${end.epoch},${end.loss},${end.seconds},${end.validationLoss}\n`,
    );
    expect(rows).toEqual([header + lines[0], header + lines[0] + lines[1]]);
    engine.dispose();
  });

  it("leaves out what is no number, and what the first epoch lacks", async () => {
    await log([{ matrix: [[1]], "a,b": NaN }, {}, { loss: Infinity, other: 3 }]);
    expect(await read()).toBe('epoch,loss,seconds,"a,b"\n0,1,2,NaN\n1,0.5,2,\n2,Infinity,2,\n');
  });

  it("starts anew in each fit, or goes on with the same columns", async () => {
    await writeFile(path, "something else\n");
    await log([{}]);
    await log([{}], { append: true });
    expect(await read()).toBe("epoch,loss,seconds\n0,1,2\n0,1,2\n");
    await log([{}]);
    expect(await read()).toBe("epoch,loss,seconds\n0,1,2\n");
    await rm(path);
    await log([{}, {}], { append: true });
    expect(await read()).toBe("epoch,loss,seconds\n0,1,2\n1,0.5,2\n");
  });

  it("goes on behind a row that a crash has cut off", async () => {
    await writeFile(path, "epoch,loss,seconds\r\n0,1,2\r\n1,0.5");
    await log([{}], { append: true });
    expect(await read()).toBe("epoch,loss,seconds\r\n0,1,2\r\n1,0.5\n0,1,2\n");
  });

  it("refuses a file with other columns, which stays as it is", async () => {
    await writeFile(path, "epoch,loss\n0,1\n");
    await expect(log([{}], { append: true })).rejects.toThrow(
      new RangeError(
        `csvLog: ${path}: expected a file with the columns epoch,loss,seconds, got epoch,loss`,
      ),
    );
    expect(await read()).toBe("epoch,loss\n0,1\n");
  });

  it("names a file that cannot be written before the first step", async () => {
    const away = new Callbacks([csvLog(join(folder, "none", "log.csv"))], wrong({}), noSaving);
    await expect(away.trainBegin()).rejects.toThrow(
      `${join(folder, "none", "log.csv")}: expected a file that can be written, got no such folder`,
    );
    const inside = new Callbacks([csvLog(folder, { append: true })], wrong({}), noSaving);
    await expect(inside.trainBegin()).rejects.toThrow(
      `${folder}: expected a file that can be written, got a folder`,
    );
  });

  it.runIf(existsSync("/dev/full"))("names a file whose disk is full", async () => {
    const full = new Callbacks([csvLog("/dev/full")], wrong({}), noSaving);
    await expect(full.epochEnd({ epoch: 0, loss: 1, seconds: 1 })).rejects.toThrow(
      "/dev/full: expected a file that can be written, got a full disk",
    );
  });
});
