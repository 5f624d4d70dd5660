import { expect, it } from "vitest";
import * as G from "../../src/index.ts";

/** Never called: the compiler refuses each line, or this file does not pass `tsc`. */
export function refusedByTypes(model: G.Model, g: G.Graph, x: G.Node, data: G.Dataset): unknown[] {
  return [
    // @ts-expect-error a number is no options
    G.leakyRelu(0.2),
    // @ts-expect-error a number is no options
    G.elu(2),
    // @ts-expect-error a name is no options
    G.gelu("tanh"),
    // @ts-expect-error no arguments
    G.tanh(x),
    // @ts-expect-error no arguments
    G.softmax(-1),
    // @ts-expect-error no arguments
    G.heNormal({ seed: 1 }),
    // @ts-expect-error a name is no options
    G.f1("macro"),
    // @ts-expect-error a number is no options
    G.binaryAccuracy(0.7),
    // @ts-expect-error a number is no options
    G.earlyStopping(5),
    // @ts-expect-error null is no options
    G.adam(null),
    // @ts-expect-error no such option
    G.adam({ lr: 1 }),
    // @ts-expect-error a switch is true or false
    G.sgd({ nesterov: "false" }),
    // @ts-expect-error no such option
    G.embedding(3, 2, { maskZero: true }),
    // @ts-expect-error options are an object
    model.save("path", true),
    // @ts-expect-error options are an object
    model.evaluate(data, 32),
    // @ts-expect-error one argument
    model.predict(new Float32Array(2), 32),
    // @ts-expect-error no signal
    model.fit(data, { signal: {} }),
    // @ts-expect-error no such field
    model.fit({ x: new Float32Array(2), y: new Float32Array(2), sampleWeights: [] }),
    // @ts-expect-error options are an object
    g.sum(x, 0, true),
    // @ts-expect-error two nodes
    g.matmul(x),
    // @ts-expect-error two nodes
    g.dense(x),
    // @ts-expect-error a rate is a number
    (model.learningRate = null),
    // @ts-expect-error read-only
    (model.parameters = []),
    // @ts-expect-error read-only
    (G.dense(2).label = "mine"),
  ];
}

it("wrong calls are refused by types too", () => {
  expect(refusedByTypes).toBeTypeOf("function");
});
