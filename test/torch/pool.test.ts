import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import type { Graph, Layer, LayerGraph, Node } from "../../src/index.ts";
import { UNIT } from "./bounds.ts";
import type { Case, Reference } from "./reference.ts";
import { casesOf, check } from "./recorded.ts";

const engine = await gradlane.createEngine();

const all = casesOf("pool-cases.json");

type Pool2dArguments = Parameters<typeof gradlane.avgPool2d>;
type Pool1dArguments = Parameters<typeof gradlane.avgPool1d>;
type UpsampleArguments = Parameters<typeof gradlane.upsample2d>;

/** Returns a pool's size and options. */
function poolOf({ attrs }: Case): [unknown, object] {
  const { poolSize, stride, padding, countPadding } = attrs;
  return [poolSize, { stride, padding, ...(countPadding !== undefined && { countPadding }) }];
}

const pool2d = (example: Case) => poolOf(example) as Pool2dArguments;
const pool1d = (example: Case) => poolOf(example) as Pool1dArguments;
const sizeOf = ({ attrs }: Case) => attrs.outputSize as [number, number];

function upsampling({ attrs: { scale, interpolation } }: Case): UpsampleArguments {
  return [scale, { interpolation }] as UpsampleArguments;
}

/** Functions that record the op of each case by hand. */
const ops: Readonly<Record<string, (g: Graph, x: Node, example: Case) => Node>> = {
  maxPool2d: (g, x, example) => g.maxPool2d(x, ...pool2d(example)),
  avgPool2d: (g, x, example) => g.avgPool2d(x, ...pool2d(example)),
  maxPool1d: (g, x, example) => g.maxPool1d(x, ...pool1d(example)),
  avgPool1d: (g, x, example) => g.avgPool1d(x, ...pool1d(example)),
  globalMaxPool2d: (g, x) => g.globalMaxPool2d(x),
  adaptiveAvgPool2d: (g, x, example) => g.adaptiveAvgPool2d(x, sizeOf(example)),
  upsample2d: (g, x, example) => g.upsample2d(x, ...upsampling(example)),
};

/** The same as layers. */
const layers: Readonly<Record<string, (example: Case) => Layer>> = {
  maxPool2d: (example) => gradlane.maxPool2d(...pool2d(example)),
  avgPool2d: (example) => gradlane.avgPool2d(...pool2d(example)),
  maxPool1d: (example) => gradlane.maxPool1d(...pool1d(example)),
  avgPool1d: (example) => gradlane.avgPool1d(...pool1d(example)),
  globalMaxPool2d: () => gradlane.globalMaxPool2d(),
  adaptiveAvgPool2d: (example) => gradlane.adaptiveAvgPool2d(sizeOf(example)),
  upsample2d: (example) => gradlane.upsample2d(...upsampling(example)),
};

function largest({ data }: Reference): number {
  return data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/**
 * Returns bounds for sums that cancel. A mean has at most 9 terms here, and each goes through 2
 * products and 4 sums. Up to 36 elements of an enlarged image, of weights that add up to 9, have a part
 * in the gradient of one, each with 2 products and 10 sums.
 */
function boundsOf({ inputs, upstream }: Case) {
  return {
    output: () => 8 * UNIT * largest(inputs.x!),
    x: () => 9 * 14 * UNIT * largest(upstream),
  };
}

describe("as in PyTorch", () => {
  it.each(all)("%s, by hand", (_, example) => {
    check(engine, example, (g, { x }) => ops[example.name]!(g, x!, example), boundsOf(example));
  });

  it.each(all)("%s, as a layer", (_, example) => {
    const layer = layers[example.name]!(example);
    const record = (g: Graph, { x }: Readonly<Record<string, Node>>): Node =>
      layer.record(g as unknown as LayerGraph, x!);
    check(engine, example, record, boundsOf(example));
  });

  it("knows every op of the file", () => {
    const names = new Set(all.map(([, { name }]) => name));
    expect(names).toEqual(new Set(Object.keys(ops)));
    expect(names).toEqual(new Set(Object.keys(layers)));
  });
});
