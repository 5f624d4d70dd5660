import { afterEach, beforeEach, vi } from "vitest";
import { adam, createEngine, crossEntropy, dense, network } from "../../src/index.ts";
import type { CompileOptions, Engine, LayerGraph, Model, Node } from "../../src/index.ts";
import { classLabels, floats } from "../engine/fixtures.ts";
import { Regions, expectRefused } from "./regions.ts";

export const [IN, OUT, ROWS] = [5, 3, 8] as const;
export const x = floats(ROWS * IN, 1);
export const y = classLabels(ROWS, OUT, 2);

/** The function of a network with one input. */
export type Record = (g: LayerGraph, x: Node) => Node;

/** The engine of the current test. */
export let engine: Engine;
let regions: Regions;

/** Compiles a network of one's own for batches of 1, unless options say otherwise. */
export function compile(record: Record, options: Partial<CompileOptions> = {}): Model {
  return engine.compile(
    network((g, inputs) => record(g, inputs.x)),
    {
      inputShape: [IN],
      loss: crossEntropy(),
      optimizer: adam(),
      batchSize: 1,
      seed: 1,
      ...options,
    },
  );
}

/** Gives each test of the file an engine, whose regions are watched. */
export function watchRegions(): void {
  beforeEach(async () => {
    engine = await createEngine();
    regions = new Regions();
    // A neighbour below, whose bytes are looked at too.
    compile((g, x) => g.use(dense(OUT), x));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}

/** A call is refused with this text, and changes nothing. */
export function refuses(call: () => unknown, error: string): Promise<void> {
  return expectRefused(engine, regions, call, new RangeError(error));
}
