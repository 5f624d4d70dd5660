import { describe, expect, it } from "vitest";
import { adam, batchNorm, createEngine, crossEntropy, dense, mse } from "../../src/index.ts";
import { ThreadError, sequential } from "../../src/index.ts";
import type { Engine, FitContext, Graph, Model, Node, Parameter, Step } from "../../src/index.ts";
import { floats } from "../engine/fixtures.ts";
import { CLASSES, FEATURES, data } from "./networks.ts";

const batch = { x: data.x.subarray(0, 8 * FEATURES), y: data.y.subarray(0, 8) };

function compile(engine: Engine): Model {
  return engine.compile(sequential([dense(8), batchNorm(), dense(CLASSES)]), {
    inputShape: [FEATURES],
    loss: crossEntropy(),
    optimizer: adam(),
    batchSize: 8,
  });
}

const gone = (what: string): string => `${what}: expected a live ${what}, it has been disposed`;

/** Returns the first position at which a memory differs from its copy; -1 if there is none. */
function changed({ buffer }: WebAssembly.Memory, before: Uint8Array): number {
  return new Uint8Array(buffer).findIndex((byte, i) => byte !== before[i]);
}

/** All that reaches the memory of a model, by what was taken from it while it lived. */
function reaches(model: Model): Record<string, () => unknown> {
  const { parameters, buffers } = model;
  const [parameter, buffer] = [parameters[0]!, buffers[0]!];
  return {
    "a parameter's data": () => parameter.data.fill(77),
    "a parameter's gradient": () => parameter.grad.fill(77),
    "a buffer": () => buffer.data.fill(77),
    "the list of parameters": () => model.parameters[0]!.data,
    "the list of buffers": () => model.buffers[0]!.data,
    "the learning rate": () => model.learningRate,
    "another learning rate": () => (model.learningRate = 1),
    trainStep: () => model.trainStep(batch.x, batch.y),
    predict: () => model.predict(batch.x),
    fit: () => model.fit(batch),
    evaluate: () => model.evaluate(batch),
    toSafetensors: () => model.toSafetensors(),
    fromSafetensors: () => model.fromSafetensors(new Uint8Array(8)),
    save: () => model.save("never.safetensors"),
    load: () => model.load("never.safetensors"),
  };
}

async function expectGone(calls: Record<string, () => unknown>, error: string): Promise<void> {
  for (const [name, call] of Object.entries(calls)) {
    const thrown: unknown = await Promise.resolve()
      .then(call)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(thrown, name).toEqual(new Error(error));
  }
}

describe("a model that has been disposed", () => {
  it("throws for all that outlives it, and leaves the next model alone", async () => {
    const engine = await createEngine();
    const model = compile(engine);
    model.trainStep(batch.x, batch.y);
    await model.fit(batch);
    const calls = reaches(model);
    model.dispose();
    const next = compile(engine);
    const before = new Uint8Array(engine.memory.buffer).slice();
    await expectGone(calls, gone("model"));
    expect(changed(engine.memory, before)).toBe(-1);
    expect(next.trainStep(batch.x, batch.y)).toBe(compile(engine).trainStep(batch.x, batch.y));
    // What is no memory is still told.
    expect(model.parameters.map(({ name }) => name)[0]).toBe("dense1.weight");
    expect(model.memoryPlan.total).toBe(0);
    model.dispose();
  });

  it("is not put back by a thread that another engine has lost", async () => {
    const engine = await createEngine();
    const model = compile(engine);
    const lost = new ThreadError("thread 1 has ended");
    let before: Uint8Array | undefined;
    const onBatchEnd = (): never => {
      model.dispose();
      compile(engine);
      before = new Uint8Array(engine.memory.buffer).slice();
      throw lost;
    };
    await expect(model.fit(data, { batchSize: 8, onBatchEnd })).rejects.toBe(lost);
    expect(changed(engine.memory, before!)).toBe(-1);
  });

  it("throws for what a callback has kept of it", async () => {
    const engine = await createEngine();
    const model = compile(engine);
    let context: FitContext | undefined;
    await model.fit(batch, {
      callbacks: [{ onTrainBegin: (_: unknown) => void (context = _ as FitContext) }],
    });
    const { model: kept } = context!;
    model.dispose();
    const calls = {
      parameters: () => kept.parameters[0]!.data,
      buffers: () => kept.buffers![0]!.data,
      rate: () => kept.learningRate,
    };
    await expectGone(calls, gone("model"));
  });
});

describe("an engine that has been disposed", () => {
  it("leaves the next engine on its memory alone", async () => {
    const memory = new WebAssembly.Memory({ initial: 4 });
    const engine = await createEngine({ memory });
    const model = compile(engine);
    const tensor = engine.tensor([8, FEATURES]);
    const { graph, step, nodes } = recorded(engine);
    model.trainStep(batch.x, batch.y);
    engine.dispose();
    const next = await createEngine({ memory });
    const other = compile(next);
    const before = new Uint8Array(memory.buffer).slice();
    const calls = {
      ...reaches(model),
      "the memory plan": () => model.memoryPlan,
      summary: () => model.summary(),
      "a tensor": () => tensor.data.fill(77),
      "a tensor's address": () => tensor.at,
      tensor: () => engine.tensor([1]),
      graph: () => engine.graph(),
      compile: () => compile(engine),
      memory: () => engine.memory,
      memoryUsage: () => engine.memoryUsage,
      ...graphReaches(graph, step, nodes),
    };
    await expectGone(calls, gone("engine"));
    for (const each of [model, tensor, step, graph]) each.dispose();
    expect(changed(memory, before)).toBe(-1);
    const twin = compile(await createEngine());
    expect(other.trainStep(batch.x, batch.y)).toBe(twin.trainStep(batch.x, batch.y));
  });

  it.each(["onBatchEnd", "onEpochEnd"] as const)("in %s ends a fit", async (name) => {
    const memory = new WebAssembly.Memory({ initial: 8 });
    const engine = await createEngine({ memory });
    const model = compile(engine);
    let before: Uint8Array | undefined;
    const dispose = (): void => {
      engine.dispose();
      before = new Uint8Array(memory.buffer).slice();
    };
    const options = { epochs: 3, validation: batch, [name]: dispose };
    await expect(model.fit(data, options)).rejects.toThrow(new Error(gone("engine")));
    expect(changed(memory, before!)).toBe(-1);
  });

  it("in a metric ends an evaluation", async () => {
    const engine = await createEngine();
    const metric = {
      name: "ends",
      of: () => 0,
      create: () => ({
        update: () => {
          engine.dispose();
        },
        result: () => 0,
      }),
    };
    const model = engine.compile(sequential([dense(CLASSES)]), {
      inputShape: [FEATURES],
      loss: crossEntropy(),
      optimizer: adam(),
      metrics: [metric],
    });
    await expect(model.evaluate(data, { batchSize: 16 })).rejects.toThrow(gone("engine"));
  });
});

interface Nodes {
  readonly a: Node;
  readonly x: Node;
  readonly loss: Node;
  readonly constant: Node;
}

function recorded(engine: Engine): { graph: Graph; step: Step; nodes: Nodes } {
  const graph = engine.graph();
  const a = graph.parameter([16], 2);
  const x = graph.input("x", [16]);
  const constant = graph.constant(3);
  const loss = graph.mul(constant, graph.sum(graph.mul(a, x)));
  const step = graph.compile(loss);
  step.run({ x: floats(16, 1) });
  return { graph, step, nodes: { a, x, loss, constant } };
}

/** Calls that reach the memory of a step. */
function stepReaches(step: Step, { a, x, loss, constant }: Nodes): Record<string, () => unknown> {
  return {
    run: () => {
      step.run();
    },
    "run with values": () => {
      step.run({ x: 1 });
    },
    "value of the loss": () => step.value(loss),
    "value of a parameter": () => step.value(a),
    "value of an input": () => step.value(x),
    "value of a constant": () => step.value(constant),
    gradient: () => step.gradient(a),
  };
}

/** Calls that reach the memory of a graph. */
function graphReaches(graph: Graph, step: Step, nodes: Nodes): Record<string, () => unknown> {
  return {
    ...stepReaches(step, nodes),
    set: () => {
      step.set(nodes.a, 5);
    },
    parameter: () => graph.parameter([4], 1),
    input: () => graph.input("another", [4]),
    compile: () => graph.compile(nodes.loss),
  };
}

describe("a graph by hand", () => {
  it("throws when it has been disposed", async () => {
    const engine = await createEngine();
    const { graph, step, nodes } = recorded(engine);
    graph.dispose();
    const tensor = engine.tensor([1000]);
    await expectGone(graphReaches(graph, step, nodes), gone("graph"));
    expect(tensor.data.every((value) => value === 0)).toBe(true);
  });

  it("goes on without a step that has been disposed", async () => {
    const engine = await createEngine();
    const { graph, step, nodes } = recorded(engine);
    step.dispose();
    await expectGone(stepReaches(step, nodes), gone("step"));
    step.set(nodes.a, 7);
    const again = graph.compile(nodes.loss);
    expect(again.value(nodes.a)).toEqual({ data: new Float32Array(16).fill(7), shape: [16] });
  });
});

it("a disposed tensor throws, and so does a model that is given it", async () => {
  const engine = await createEngine();
  const [x, y] = [engine.tensor([8, 2]), engine.tensor([8, 1])];
  const options = { inputShape: [2], loss: mse(), optimizer: adam(), batchSize: 8 };
  const model = engine.compile(sequential([dense(1)]), options);
  x.dispose();
  const text = "tensor[8, 2]: expected a live tensor, it has been disposed";
  const parameter: Parameter = model.parameters[0]!;
  const before = parameter.data.slice();
  for (const call of [
    () => x.data,
    () => x.at,
    () => model.trainStep(x, y),
    () => model.predict(x),
  ])
    expect(call).toThrow(new RangeError(text));
  expect(parameter.data).toEqual(before);
});
