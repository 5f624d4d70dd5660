import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createEngine, mse, network, sgd, zeros } from "../../src/index.ts";
import type { Layer } from "../../src/index.ts";
import { loadKernels } from "../../src/kernels.ts";
import { type Reference, expectClose } from "./reference.ts";

interface ClipCase {
  readonly name: string;
  readonly attrs: { readonly maxNorm: number };
  readonly inputs: readonly [Reference, Reference];
  readonly norm: number;
  readonly outputs: readonly [Reference, Reference];
}

const { cases } = JSON.parse(readFileSync(new URL("clip.json", import.meta.url), "utf8")) as {
  readonly cases: readonly ClipCase[];
};
const named = cases.map((example) => [example.name, example] as const);

const engine = await createEngine();

/** Adds Σ w ∘ x to the loss, so that the gradient of w is x, and passes x on. */
const linear = (): Layer => ({
  kind: "linear",
  label: "linear",
  record(g, x) {
    g.addLoss(g.sum(g.mul(g.parameter("w", x.shape, zeros()), x)));
    return x;
  },
});

describe("clip_grad_norm_ as in PyTorch", () => {
  it.each(named)("%s over all parameters of a model", (_, { inputs, outputs, attrs }) => {
    const [a, b] = inputs;
    const layers = [linear(), linear()] as const;
    const model = engine.compile(
      network((g, x) => {
        g.use(layers[0], x.a!);
        return g.use(layers[1], x.b!);
      }),
      {
        inputShape: { a: a.shape, b: b.shape },
        loss: mse(),
        optimizer: sgd({ learningRate: 1, clipNorm: attrs.maxNorm }),
        batchSize: 1,
      },
    );
    const batch = { a: Float32Array.from(a.data), b: Float32Array.from(b.data) };
    model.trainStep(batch, batch.b);
    model.parameters.forEach(({ grad, data }, i) => {
      expectClose(`gradient ${i}`, grad, outputs[i]!.data);
      expectClose(
        `parameter ${i}`,
        data,
        outputs[i]!.data.map((x) => -x),
      );
    });
  });

  it.each(named)("%s, the kernel", async (_, { inputs, outputs, norm, attrs }) => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const kernels = await loadKernels({ memory });
    const all = inputs.flatMap(({ data }) => data);
    const floats = new Float32Array(memory.buffer, 64, all.length);
    floats.set(all);
    expect(kernels.clipNorm(64, all.length, attrs.maxNorm)).toBeCloseTo(norm, 6);
    expectClose(
      "all",
      floats,
      outputs.flatMap(({ data }) => data),
    );
  });
});
