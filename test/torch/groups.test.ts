import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { type Layer, adamW, constant, createEngine, mse, network } from "../../src/index.ts";
import { type Reference, expectClose } from "./reference.ts";

/** Arrays by the names of parameters. */
type Arrays = Readonly<Record<string, Reference>>;

const example = JSON.parse(readFileSync(new URL("groups.json", import.meta.url), "utf8")) as {
  readonly attrs: {
    readonly groups: readonly {
      readonly parameters: readonly string[];
      readonly learningRate: number;
      readonly weightDecay: number;
    }[];
    readonly frozen: readonly string[];
  };
  readonly start: Arrays;
  readonly gradients: readonly Arrays[];
  readonly parameters: readonly Arrays[];
};

/** A layer whose loss has x as the gradients of its parameters, side by side. */
const given: Layer = {
  kind: "given",
  label: "given",
  record(g, x) {
    const names = Object.entries(example.start);
    const all = names.map(([name, { shape, data }]) =>
      g.reshape(g.parameter(name, shape, constant(0)), [data.length]),
    );
    g.addLoss(g.sum(g.mul(g.concat(all, 0), g.reshape(x, [x.shape[1]!]))));
    return g.mul(x, g.scalar(0));
  },
};

it("trains groups of parameters as PyTorch's AdamW does", async () => {
  const engine = await createEngine();
  const { start, gradients, parameters, attrs } = example;
  const names = Object.keys(start);
  const width = names.reduce((sum, name) => sum + start[name]!.data.length, 0);
  const ownName = (name: string): string => `given1.${name}`;
  const model = engine.compile(
    network((g, { x }) => g.use(given, x)),
    {
      inputShape: [width],
      batchSize: 1,
      loss: mse(),
      optimizer: adamW({ learningRate: 0.1 }),
      parameterGroups: [
        ...attrs.groups.map((group) => ({ ...group, parameters: group.parameters.map(ownName) })),
        { parameters: attrs.frozen.map(ownName), frozen: true },
      ],
    },
  );
  expect(model.parameters.map(({ name }) => name)).toEqual(names.map(ownName));
  for (const { name, data } of model.parameters) data.set(start[name.slice(7)]!.data);
  expect(gradients.length).toBe(6);
  gradients.forEach((step, t) => {
    const x = Float32Array.from(names.flatMap((name) => [...step[name]!.data]));
    model.trainStep(x, new Float32Array(width));
    for (const { name, data } of model.parameters) {
      expectClose(`${name} after step ${t + 1}`, data, parameters[t]![name.slice(7)]!);
    }
  });
  const frozen = model.parameters.find(({ name }) => name === ownName(attrs.frozen[0]!))!;
  expect([...frozen.data]).toEqual([...Float32Array.from(start[attrs.frozen[0]!]!.data)]);
});
