import { describe, expect, it } from "vitest";
import {
  type Layer,
  type LayerGraph,
  type Node,
  batchNorm,
  createEngine,
  dense,
  gelu,
  groupNorm,
  layerNorm,
  mse,
  network,
  relu,
  residual,
  rmsNorm,
  sgd,
  softmax,
  zeros,
} from "../../src/index.ts";

const engine = await createEngine();

/** Compiles a network of one layer of outputs, and one more thing that is recorded. */
function compile(record: (g: LayerGraph, x: Node) => Node) {
  const net = network((g, { x }) => record(g, x));
  return engine.compile(net, { inputShape: [4, 2], loss: mse(), optimizer: sgd() });
}

describe("ints in a network", () => {
  const layers: [string, Layer][] = [
    ["dense", dense(3)],
    ["relu", relu()],
    ["gelu", gelu()],
    ["softmax", softmax()],
    ["batchNorm", batchNorm()],
    ["layerNorm", layerNorm()],
    ["rmsNorm", rmsNorm()],
    ["groupNorm", groupNorm(2)],
    ["residual", residual([dense(4)])],
  ];

  it.each(layers)("are refused by %s", (kind, layer) => {
    const ids = (g: LayerGraph, x: Node): Node => g.argmax(x, 2);
    expect(() => compile((g, x) => g.use(layer, ids(g, x)))).toThrow(/floats.*of ints/s);
    expect(kind).toBe(layer.kind);
    const model = compile((g, x) => g.use(layer, g.toFloat(ids(g, x))));
    model.dispose();
  });

  it("are no loss and no update of a buffer", () => {
    const first = (g: LayerGraph, x: Node): Node => g.argmax(g.slice(x, [0], [1]));
    expect(() =>
      compile((g, x) => {
        g.addLoss(first(g, x));
        return g.use(dense(1), x);
      }),
    ).toThrow(/addLoss: expected floats, got "\w+" of ints; toFloat converts them/);
    const counter: Layer = {
      kind: "counter",
      label: "counter",
      record(g, x) {
        const buffer = g.buffer("count", [], zeros());
        g.update(buffer, first(g, x));
        return x;
      },
    };
    expect(() => compile((g, x) => g.use(counter, x))).toThrow(
      /: expected floats, got "\w+" of ints/,
    );
  });
});
