import type { Engine, Graph, Node, Step } from "gradlane";
import { EDGE, FILTER_EDGE } from "./network.ts";

/**
 * The first convolution alone, as a graph by hand: a model returns what its last layer makes of an image,
 * and the page also shows what the first one does. Its weights are inputs, copied before each run.
 */
export class FeatureMaps {
  readonly #graph: Graph;
  readonly #maps: Node;
  readonly #step: Step;

  constructor(engine: Engine, filters: number) {
    const g = engine.graph();
    const image = g.input("image", [1, EDGE, EDGE, 1]);
    const weight = g.input("weight", [FILTER_EDGE, FILTER_EDGE, 1, filters]);
    const bias = g.input("bias", [filters]);
    this.#graph = g;
    this.#maps = g.relu(g.conv2d(image, weight, bias, { padding: "same" }));
    // A step computes a scalar; the maps are read beside it.
    this.#step = g.compile(g.sum(this.#maps), { outputs: [this.#maps] });
  }

  /** Returns the maps of an image, [pixels, filters], until the next call. */
  of(image: Float32Array, weight: Float32Array, bias: Float32Array): Float32Array {
    this.#step.run({ image, weight, bias });
    return (this.#step.value(this.#maps) as { data: Float32Array }).data;
  }

  dispose(): void {
    this.#graph.dispose();
  }
}
