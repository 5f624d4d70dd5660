import {
  type CompileOptions,
  type Model,
  type ParameterGroup,
  adam,
  batchNorm,
  createEngine,
  crossEntropy,
  dense,
  dropout,
  relu,
  sequential,
} from "../../src/index.ts";
import { floats } from "../../src/verify/numbers.ts";

/** Models whose parameters are trained in groups. */

export const engine = await createEngine();
export const x = floats(6 * 5, 1);
export const y = Int32Array.from({ length: 6 }, (_, i) => i % 3);

/** Models to dispose of after each test. */
export const models: Model[] = [];

export const BIASES = /bias$/;

/** A network of two dense layers with what stands between them. */
export function compile(options: Partial<CompileOptions>): Model {
  const net = sequential([dense(7), batchNorm(), relu(), dropout(0.2), dense(3)]);
  const common = { inputShape: [5], loss: crossEntropy(), optimizer: adam(), batchSize: 6 };
  const model = engine.compile(net, { ...common, ...options });
  models.push(model);
  return model;
}

export function grouped(parameterGroups: readonly ParameterGroup[], options = {}): Model {
  return compile({ parameterGroups, ...options });
}

export function train(model: Model, steps = 3): Model {
  for (let i = 0; i < steps; i++) model.trainStep(x, y);
  return model;
}

/** Copies of all weights and buffers by name. */
export function weights({ parameters, buffers }: Model): Record<string, number[]> {
  return Object.fromEntries([...parameters, ...buffers].map(({ name, data }) => [name, [...data]]));
}
