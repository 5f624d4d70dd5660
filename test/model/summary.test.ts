import { expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";

const { adam, batchNorm, conv2d, createEngine, crossEntropy, dense, flatten, network } = gradlane;
const { bidirectional, embedding, gru, multiHeadAttention, relu, sequential } = gradlane;
const { transformerBlock, unembedding } = gradlane;

const engine = await createEngine({ tile: "4x8" });

/** The lines of a model's summary down to the total. */
function linesOf(net: gradlane.Network, inputShape: number[]): string[] {
  const model = engine.compile(net, { inputShape, loss: crossEntropy(), optimizer: adam() });
  const lines = model.summary().split("\n");
  model.dispose();
  return lines.slice(0, lines.indexOf(""));
}

it("lists layers with their parameters, and their multiply-adds for one example", () => {
  const net = sequential([flatten(), dense(128), batchNorm(), relu(), dense(10)]);
  expect(linesOf(net, [28, 28])).toEqual([
    "layer                   output           parameters  multiply-adds",
    "──────────────────────────────────────────────────────────────────",
    "input       x           [batch, 28, 28]           0              0",
    "flatten1    flatten     [batch, 784]              0              0",
    "dense1      dense(128)  [batch, 128]        100,480        100,352",
    "batchNorm1  batchNorm   [batch, 128]            256              0",
    "relu1       relu        [batch, 128]              0              0",
    "dense2      dense(10)   [batch, 10]           1,290          1,280",
    "──────────────────────────────────────────────────────────────────",
    "total                                       102,026        101,632",
  ]);
});

it("counts a layer that acts along the last axis for every place, and products outside of layers", () => {
  const net = network((g, { x }) => {
    const h = g.use(dense(4), x);
    return g.mean(g.matmul(h, h, false, true), 1);
  });
  const cells = linesOf(net, [7, 3]).map((line) => line.split(/ {2,}/));
  expect(cells).toContainEqual(["dense1", "dense(4)", "[batch, 7, 4]", "16", "84"]);
  expect(cells.at(-1)).toEqual(["total", "16", String(84 + 7 * 7 * 4)]);
});

it("fits a terminal: labels that are too long end in an ellipsis", () => {
  const options = { padding: "same", dilation: 2, activation: "relu" } as const;
  const layers = [conv2d(32, 3, options), conv2d(64, 3, options), flatten(), dense(10)];
  const lines = linesOf(sequential(layers), [28, 28, 1]);
  expect(Math.max(...lines.map((line) => line.length))).toBe(80);
  expect(lines[3]).toMatch(/^conv2d1 +…\(32, 3, \{ padding: ".*… +\[batch, 28, 28, 32\]/);
});

it("leaves the kind out of a long label before its sizes", () => {
  const table = embedding(27, 16);
  const read = bidirectional(gru(8, { returnSequences: true }));
  const layers = [table, transformerBlock(4, 64), multiHeadAttention(4), read, unembedding(table)];
  const lines = linesOf(sequential(layers), [8]);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  const labels = lines.slice(3, -2).map((line) => line.split(/ {2,}/)[1]);
  expect(labels).toEqual(["…(27, 16)", "…(4, 64)", "…(4)", "…(gru(8))", "…(embedding(27,…"]);
});
