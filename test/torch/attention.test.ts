import { describe, expect, it } from "vitest";
import * as gradlane from "../../src/index.ts";
import { createEngine } from "../../src/index.ts";
import { mul } from "../../src/graph/ops/binary.ts";
import { sum } from "../../src/graph/ops/reduce.ts";
import { arrayFormulas } from "../../src/reference/arrays.ts";
import type { Bounds } from "./bounds.ts";
import { casesOf, check } from "./recorded.ts";
import { type Case, type Reference, expectClose } from "./reference.ts";

const engine = await createEngine();

const all = casesOf("attention-cases.json");

/** A case by hand; one of them aligns its queries with the last keys. */
interface AttentionCase extends Case {
  readonly attrs: {
    readonly causal: boolean;
    readonly note?: string;
    readonly mask?: Reference;
  };
}

const byHand = all.filter(([, { name }]) => name === "scaledDotProductAttention");

/** Values and gradients as a share of the largest of the case, as the cases ask for. */
function bounds({ output, grads }: Case): Bounds {
  const largest = ({ data }: Reference): number => Math.max(...data.map(Math.abs));
  const of = (share: number, array: Reference) => {
    const bound = share * largest(array);
    return () => bound;
  };
  const gradients = Object.entries(grads).map(([name, array]) => [name, of(2e-6, array)]);
  return { output: of(1e-6, output), ...(Object.fromEntries(gradients) as Bounds) };
}

describe("attention as in PyTorch", () => {
  it.each(byHand)("%s", (_, example) => {
    const { causal, mask } = (example as AttentionCase).attrs;
    check(
      engine,
      example,
      (g, { q, k, v }) =>
        g.scaledDotProductAttention(q!, k!, v!, {
          causal,
          ...(mask && { mask: g.constant(Float32Array.from(mask.data), mask.shape) }),
        }),
      bounds(example),
    );
  });

  it("is tried with masks, causal or not, of one length or two", () => {
    const attrs = byHand.map(([, example]) => (example as AttentionCase).attrs);
    expect(attrs.length).toBe(7);
    expect(attrs.filter(({ mask }) => mask).length).toBe(1);
    expect(attrs.filter(({ note = "" }) => note.endsWith("aligned at the end")).length).toBe(1);
  });
});

const inLayers = all.filter(([, { name }]) => name !== "scaledDotProductAttention");

/** Layers of each case. */
const layers: Readonly<Record<string, (attrs: Case["attrs"]) => gradlane.Layer>> = {
  multiHeadAttention: ({ heads, causal }) =>
    gradlane.multiHeadAttention(Number(heads), { causal: Boolean(causal) }),
  transformerEncoderLayer: ({ heads, hidden, normFirst }) =>
    gradlane.transformerBlock(Number(heads), Number(hidden), {
      normFirst: Boolean(normFirst),
      activation: "gelu",
    }),
};

/** PyTorch's names of parameters, by the ends of ours. */
const names: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/^input1.x$/, "x"],
  [/attention.inProjection.(weight|bias)$/, "self_attn.in_proj_$1"],
  [/attention.outProjection.(weight|bias)$/, "self_attn.out_proj.$1"],
  [/inProjection.(weight|bias)$/, "in_proj_$1"],
  [/outProjection.(weight|bias)$/, "out_proj.$1"],
  [/dense(\d).(weight|bias)$/, "linear$1.$2"],
  [/(norm\d).(weight|bias)$/, "$1.$2"],
];

function theirName(name: string): string {
  const [ours, theirs] = names.find(([ours]) => ours.test(name))!;
  return ours.exec(name)![0].replace(ours, theirs);
}

/** [out, in] to [in, out]. */
function turned(array: Reference): Reference {
  if (array.shape.length !== 2) return array;
  const { shape, data } = array;
  const moved = arrayFormulas.transpose([{ shape, data: Float64Array.from(data) }]);
  return { shape: moved.shape, data: [...moved.data] };
}

/** Σ prediction · target: the target is the gradient of the prediction. */
const inner: gradlane.Loss = {
  ...gradlane.mse({ reduction: "sum" }),
  record: (g, prediction, target) => sum(g, mul(g, prediction, target)),
};

describe("layers of attention as in PyTorch", () => {
  it.each(inLayers)("%s", (_, example) => {
    const { name: kind, attrs, inputs, output, upstream, grads } = example;
    const { shape } = inputs.x!;
    // A parameter that is added to the input has the input's gradient.
    const input: gradlane.Layer = {
      kind: "input",
      label: "input",
      record: (g, x) => g.add(x, g.parameter("x", shape, gradlane.zeros())),
    };
    const model = engine.compile(gradlane.sequential([input, layers[kind]!(attrs)]), {
      inputShape: shape.slice(1),
      loss: inner,
      optimizer: gradlane.sgd({ learningRate: 0 }),
      batchSize: shape[0]!,
    });
    for (const { name, shape, data } of model.parameters) {
      const value = turned(inputs[theirName(name)]!);
      expect(value.shape, name).toEqual(shape);
      data.set(value.data);
    }
    expect(model.parameters.length).toBe(Object.keys(inputs).length);
    const nothing = new Float32Array(inputs.x!.data.length);
    model.trainStep(nothing, Float32Array.from(upstream.data));
    const bound = bounds(example);
    expectClose("output", model.predict(nothing), output, bound.output);
    for (const { name, shape, grad } of model.parameters) {
      const expected = turned(grads[theirName(name)]!);
      expectClose(name, { shape, data: grad }, expected, bound[theirName(name)]);
    }
    model.dispose();
  });

  it("are two of each", () => {
    expect(inLayers.map(([, { name }]) => name).sort()).toEqual([
      ...["multiHeadAttention", "multiHeadAttention"],
      ...["transformerEncoderLayer", "transformerEncoderLayer"],
    ]);
  });
});
