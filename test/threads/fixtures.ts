import { afterEach } from "vitest";
import { type Engine, type EngineOptions, type Model, createEngine } from "../../src/index.ts";
import { adam, crossEntropy, dense, sequential } from "../../src/index.ts";

/** The workers' module as it is built: Node 20 does not run TypeScript. */
export const workerUrl = new URL("../../dist/worker.js", import.meta.url);

const engines: Engine[] = [];

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** Creates an engine with `threads` threads, which is disposed after the test. */
export async function engineOf(threads: number, options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine({ threads, workerUrl, ...options });
  engines.push(engine);
  return engine;
}

/** A workers' module of which one thread fails in the n-th part of a product that it takes. */
export function failing(how: "exit" | "trap" | "early", thread: number, call: number): URL {
  const failure = JSON.stringify({ how, thread, call });
  const { href } = new URL("failing-worker.mjs", import.meta.url);
  const text = `globalThis.failure = ${failure}; await import("${href}");`;
  return new URL(`data:text/javascript,${encodeURIComponent(text)}`);
}

/** A classifier of the digits that is wide enough for threads to share its instructions. */
export function classifier(engine: Engine, seed = 1): Model {
  const layers = [dense(128, { activation: "relu" }), dense(64, { activation: "tanh" }), dense(10)];
  return engine.compile(sequential(layers), {
    inputShape: [64],
    loss: crossEntropy(),
    optimizer: adam({ clipNorm: 1 }),
    seed,
    batchSize: 64,
  });
}
