import manifest from "../../../package.json" with { type: "json" };
import { adam, crossEntropy } from "../../index.ts";
import type { Engine, Network, Optimizer } from "../../index.ts";
import type { Timed } from "./timing.ts";
import type { Work, Yardstick } from "./work.ts";

/** Network, the shape of its examples, and the number of their classes. */
export interface Classifier {
  readonly network: Network;
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** True if examples are ids of classes, with a label for each; numbers and one label by default. */
  readonly isText?: boolean;
  /** Adam with its defaults, unless told. */
  readonly optimizer?: Optimizer;
}

/** Whole step over a batch. */
interface Step {
  readonly name: string;
  readonly flops: number;
  readonly batch: number;
  readonly classifier: () => Classifier;
  /** Returns a small network of the same layers, for the calls that warm up. */
  readonly small: () => Classifier;
}

/** Returns a training step over one batch, with cross-entropy. */
function stepOf(engine: Engine, classifier: Classifier, batch: number): () => void {
  const { network, inputShape, classes, isText = false, optimizer = adam() } = classifier;
  const options = { inputShape, loss: crossEntropy(), optimizer };
  const model = engine.compile(network, { ...options, batchSize: batch });
  const length = batch * inputShape.reduce((size, axis) => size * axis, 1);
  const x = Float32Array.from({ length }, (_, i) => {
    return isText ? (i * 7919) % classes : ((i * 7919) % 1000) / 1000;
  });
  const y = Int32Array.from({ length: isText ? length : batch }, (_, i) => i % classes);
  return () => {
    model.trainStep(x, y);
  };
}

/** Returns the work of a training step. */
export function training({ name, flops, batch, classifier, small }: Step): Work {
  return {
    name,
    flops,
    prepare({ engine, threaded }) {
      const step = (engine: Engine): Timed => ({
        run: stepOf(engine, classifier(), batch),
        warmUp: stepOf(engine, small(), 4),
      });
      if (threaded) return { ...step(threaded), yardstick: oneThread(step(engine)) };
      return { ...step(engine), yardstick: { kind: "multiply-add" } };
    },
  };
}

/** Returns the same step on one thread as a rival, which shows what more threads gain. */
export function oneThread(timed: Timed): Yardstick {
  return { kind: "rival", peer: "1 thread", version: manifest.version, timed };
}
