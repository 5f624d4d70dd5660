import { afterEach, expect, it, vi } from "vitest";
import { createEngine } from "../../src/index.ts";
import { FEATURES, classifier, data } from "./networks.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

type Exported = (...args: unknown[]) => unknown;

/** An engine, and the names of the exports that JavaScript has called, in order. */
async function watchedEngine() {
  const calls: string[] = [];
  const original = WebAssembly.instantiate as (
    module: WebAssembly.Module,
    imports: WebAssembly.Imports,
  ) => Promise<WebAssembly.Instance>;
  const spy = vi.spyOn(WebAssembly, "instantiate") as unknown as {
    mockImplementation(f: typeof original): void;
  };
  spy.mockImplementation(async (module, imports) => {
    const { exports: real } = await original(module, imports);
    const plain = new Map<unknown, unknown>();
    const wrap = (name: string, kernel: Exported): Exported => {
      const wrapped: Exported = (...args) => {
        calls.push(name);
        return kernel(...args);
      };
      plain.set(wrapped, kernel);
      return wrapped;
    };
    const exports: Record<string, unknown> = { ...real };
    for (const [name, value] of Object.entries(real)) {
      if (typeof value === "function") exports[name] = wrap(name, value as Exported);
    }
    // A table takes nothing but functions of WebAssembly.
    const table = real.table as WebAssembly.Table;
    exports.table = {
      grow: (by: number) => table.grow(by),
      set: (index: number, kernel: unknown) => {
        table.set(index, plain.get(kernel) ?? kernel);
      },
    };
    return { exports } as WebAssembly.Instance;
  });
  const engine = await createEngine();
  return { engine, calls };
}

it("a training step is one WebAssembly call", async () => {
  const { engine, calls } = await watchedEngine();
  const model = classifier(engine);
  expect(calls.length).toBeGreaterThan(0);
  const x = engine.tensor([16, FEATURES]);
  for (const rows of [16, 16, 3]) {
    const batch = data.x.subarray(0, rows * FEATURES);
    model.trainStep(batch, data.y.subarray(0, rows)); // The first of its size makes a program.
    calls.length = 0;
    model.trainStep(batch, data.y.subarray(0, rows));
    expect(calls).toEqual(["runProgram"]);
  }
  calls.length = 0;
  model.trainStep(x, data.y.subarray(0, 16));
  expect(calls).toEqual(["runProgram"]);
});

it("a step of fit is one WebAssembly call, and so is a batch of evaluate", async () => {
  const { engine, calls } = await watchedEngine();
  const model = classifier(engine);
  await model.fit(data);
  await model.evaluate(data);
  calls.length = 0;
  await model.evaluate(data);
  expect(calls).toEqual(["runProgram", "runProgram", "runProgram", "runProgram"]);
  calls.length = 0;
  const perStep: string[][] = [];
  const onBatchEnd = (): void => void perStep.push(calls.splice(0));
  await model.fit(data, { epochs: 2, onBatchEnd });
  const epoch = [["shuffle", "runProgram"], ["runProgram"], ["runProgram"], ["runProgram"]];
  expect(perStep).toEqual([...epoch, ...epoch]);
  expect(calls).toEqual([]);
  await model.fit(data, { epochs: 1, shuffle: false });
  expect(calls).toEqual(["runProgram", "runProgram", "runProgram", "runProgram"]);
});
