import { afterEach } from "vitest";
import { type Engine, type EngineOptions, createEngine } from "../../src/index.ts";

/** The workers' module as it is built: Node 20 does not run TypeScript. */
export const workerUrl = new URL("../../dist/worker.js", import.meta.url);

const engines: Engine[] = [];

afterEach(() => {
  for (const engine of engines.splice(0)) engine.dispose();
});

/** An engine with so many lanes, which is disposed after the test. */
export async function engineOf(threads: number, options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine({ threads, workerUrl, ...options });
  engines.push(engine);
  return engine;
}
