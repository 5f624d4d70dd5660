import { type Runtime, Session } from "node:inspector";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { readIdx } from "../../src/data/idx.ts";
import * as gradlane from "../../src/index.ts";
import { decodeSafetensors } from "../../src/io/safetensors.ts";
import { imageBytes } from "../data/idx-bytes.ts";

const { adam, createEngine, crossEntropy, dense, mse, sequential } = gradlane;

const compiled = { inputShape: [64], loss: crossEntropy(), optimizer: adam(), seed: 1 };
const { train } = await loadDigits();

async function digitsModel() {
  const engine = await createEngine({ tile: "4x8" });
  const net = sequential([dense(64, { activation: "relu" }), dense(10)]);
  return { engine, net, model: engine.compile(net, { ...compiled, metrics: ["accuracy"] }) };
}

describe("console.log in Node", () => {
  it("prints one line each inside of arrays and objects, at any depth and in any form", async () => {
    const { engine, net, model } = await digitsModel();
    const values = { engine, net, model, optimizer: adam() };
    const lines = [
      "engine: Engine(strict, 1 thread, tile 4x8)",
      'net: sequential([dense(64, { activation: "relu" }), dense(10)])',
      "model: Model([64] → [10], 4,810 parameters)",
      "optimizer: adam({ learningRate: 0.001 })",
    ];
    const deep = inspect({ a: { b: { c: { d: values } } } }, { depth: null });
    for (const text of [inspect(values), inspect(values, { colors: true }), deep]) {
      for (const line of lines)
        expect(text.split("\n").map((one) => one.trim())).toContain(
          text.includes(`${line},`) ? `${line},` : line,
        );
    }
    for (const options of [
      { compact: true },
      { compact: false },
      { depth: 0 },
      { depth: Infinity },
    ]) {
      expect(inspect(values, { ...options, breakLength: Infinity })).toContain(lines[2]);
    }
    expect(inspect([adam()], { depth: 0 })).toBe("[ adam({ learningRate: 0.001 }) ]");
    expect(inspect(adam(), { depth: -1 })).toBe("adam({ learningRate: 0.001 })");
    expect(inspect(gradlane.cosineDecay({ learningRate: 1, steps: 5 }))).toBe(
      "cosineDecay({ learningRate: 1, steps: 5 })",
    );
  });

  it("prints a model as the table of its summary", async () => {
    const { model } = await digitsModel();
    expect(inspect(model)).toBe(`Model([64] → [10], 4,810 parameters)\n${model.summary()}`);
    model.dispose();
    expect(inspect(model)).toBe("Model([64] → [10], 4,810 parameters) (disposed)");
    expect(inspect([model])).toBe("[ Model([64] → [10], 4,810 parameters) (disposed) ]");
  });

  it("prints the parameters of a model as a list with a line for each", async () => {
    const { model } = await digitsModel();
    model.parameters[0]!.data.fill(0.25);
    model.parameters[2]!.data.fill(-1 / 3);
    const quarters = new Array<number>(10).fill(0.25).join(", ");
    const thirds = new Array<number>(10).fill(-0.3333).join(", ");
    const zeros = new Array<number>(10).fill(0).join(", ");
    expect(inspect(model.parameters)).toBe(
      [
        "[",
        `  Parameter(dense1.weight [64, 64]: ${quarters}, …),`,
        `  Parameter(dense1.bias [64]: ${zeros}, …),`,
        `  Parameter(dense2.weight [64, 10]: ${thirds}, …),`,
        `  Parameter(dense2.bias [10]: ${zeros})`,
        "]",
      ].join("\n"),
    );
  });

  it("prints a history as a table of its last 20 epochs", async () => {
    const { model } = await digitsModel();
    const history = await model.fit(train, { epochs: 2, batchSize: 32 });
    const cells = inspect(history)
      .split("\n")
      .map((line) => line.trim().split(/ +/));
    expect(cells[0]!.join(" ")).toBe("History(2 epochs)");
    expect(cells[1]).toEqual(["epoch", "loss", "accuracy", "seconds"]);
    const rows = history.epochs.map(({ epoch, loss, accuracy, seconds }) =>
      [epoch, loss, accuracy!, seconds].map((value) => String(Number(value.toPrecision(4)))),
    );
    expect(cells.slice(2)).toEqual(rows);
    expect(inspect({ history })).toBe("{ history: History(2 epochs) }");
    const long = await model.fit(train, { epochs: 22, batchSize: 512 });
    expect(inspect(long).split("\n")).toHaveLength(22);
    expect(inspect(long).split("\n").at(-1)).toMatch(/^ +21 /);
  });

  it("prints data sets and arrays that are read in one line", async () => {
    const table = await gradlane.readCsv("1.5,2,0\n3,4.5,1\n");
    expect(inspect(table)).toBe(
      "{ x: Float32Array(4) [1.5, 2, 3, 4.5], y: Int32Array(2) [0, 1], " +
        "count: 2, shape: [2], classes: 2 }",
    );
    const [first] = gradlane.splitAt(train, 1000);
    expect(inspect(first)).toMatch(/^\{ x: Float32Array\(64000\) \[0, .*, …\], .* classes: 10 \}$/);
    expect(inspect(await readIdx(imageBytes(4, 2, 2)))).toMatch(
      /^\{ data: Uint8Array\(16\) \[.*, …\], shape: \[4, 2, 2\] \}$/,
    );
  });

  it("leaves plain data to Node, which is short: info, memory, measures, files", async () => {
    const { engine, model } = await digitsModel();
    expect(inspect(engine.info)).toBe(
      "{\n  build: 'strict',\n  revectorize: false,\n  notes: [],\n  tile: '4x8',\n" +
        "  math: 'strict',\n  threads: 1\n}",
    );
    expect(inspect(model.memoryPlan).split("\n")).toHaveLength(8);
    expect(inspect(await model.evaluate(train))).toMatch(/^\{ loss: [\d.]+, accuracy: [\d.]+ \}$/);
    const one = model.predict(train.x.subarray(0, 64));
    expect(inspect(one)).toMatch(
      /^\{\n {2}data: Float32Array\(10\) \[.*\],\n {2}shape: \[ 1, 10 \]\n\}$/s,
    );
    const file = decodeSafetensors(await model.toSafetensors(), "digits");
    expect(inspect(file).split("\n").length).toBeLessThan(10);
  });

  it("prints prototypes too", async () => {
    const { engine, model } = await digitsModel();
    const node = engine.graph().input("x", [2]);
    for (const value of [engine, model, node]) {
      expect(inspect(Object.getPrototypeOf(value))).toMatch(/^\S/);
    }
  });
});

/** Returns the name of an object in a console of V8, such as Chromium's. */
async function describedByV8(value: object): Promise<string | undefined> {
  const session = new Session();
  session.connect();
  Object.assign(globalThis, { described: value });
  try {
    const { result } = await new Promise<Runtime.EvaluateReturnType>((resolve, reject) => {
      session.post("Runtime.evaluate", { expression: "described" }, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
    return result.description;
  } finally {
    session.disconnect();
    Reflect.deleteProperty(globalThis, "described");
  }
}

describe("the console of V8's inspector, which Chromium shows", () => {
  it("names objects by what they are", async () => {
    const { engine, net, model } = await digitsModel();
    const g = engine.graph();
    const node = g.relu(g.input("x", [2]));
    const step = g.compile(g.sum(node));
    const expected: readonly [object, string][] = [
      [engine, "Engine(strict, 1 thread, tile 4x8)"],
      [model, "Model([64] → [10], 4,810 parameters)"],
      [model.parameters[0]!, "Parameter(dense1.weight [64, 64])"],
      [net, 'sequential([dense(64, { activation: "relu" }), dense(10)])'],
      [adam(), "adam({ learningRate: 0.001 })"],
      [mse(), "mse()"],
      [engine.tensor([2]), "Tensor([2])"],
      [g, "Graph"],
      [node, "Node"],
      [step, "Step(sum, 0 gradients)"],
    ];
    for (const [value, text] of expected) expect(await describedByV8(value)).toBe(text);
    engine.dispose();
    expect(await describedByV8(engine)).toBe("Engine(strict, 1 thread, tile 4x8) (disposed)");
  });
});
