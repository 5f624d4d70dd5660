import { seedWords } from "../initializers.ts";
import { align } from "../memory/heap.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { type Blueprint, initialise } from "./parameters.ts";
import { RESULT_BYTES, Results } from "./results.ts";
import type { ModelParts } from "./tasks.ts";
import type { Settings } from "./settings.ts";
import type { Purpose } from "./options.ts";

/** Allocates the parallel blocks and draws the first weights. */
export function allocateParts(
  runtime: Runtime,
  allocations: Allocations<Purpose>,
  plan: Blueprint,
  settings: Settings,
): ModelParts {
  const { optimizer, seed } = settings;
  const { heap } = runtime;
  const { bytes } = plan.parameters;
  const allocate = (purpose: Purpose, size: number): number => {
    const at = allocations.allocate(purpose, size, "compile");
    heap.bytes.fill(0, at, at + size);
    return at;
  };
  heap.reserve((2 + optimizer.moments) * align(bytes), "compile");
  const parameters = allocate("parameters", bytes);
  const gradients = allocate("gradients", bytes);
  const moments = Array.from({ length: optimizer.moments }, () => allocate("state", bytes));
  const hyperparameters = allocate("state", optimizer.hyperparameters.length * 8);
  const buffers = allocate("state", plan.buffers.bytes);
  const random = allocate("state", 16);
  const results = new Results(heap, allocate("activations", RESULT_BYTES));
  heap.doubles.set(optimizer.hyperparameters, hyperparameters / 8);
  heap.words.set(seedWords(seed), random / 4);
  initialise(runtime, plan.parameters, parameters, seed, 0);
  initialise(runtime, plan.buffers, buffers, seed, plan.parameters.specs.length);
  const memory = { parameters, gradients, moments, hyperparameters, buffers, random };
  return { runtime, blueprint: plan, settings, memory, results };
}
