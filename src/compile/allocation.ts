import { seedWords } from "../initializers.ts";
import { align } from "../memory/heap.ts";
import type { Allocations } from "../memory/allocations.ts";
import type { Runtime } from "../wasm/runtime.ts";
import { type Blueprint, initialise } from "./parameters.ts";
import { RESULT_BYTES, Results } from "./results.ts";
import { type ModelMemory, type ModelParts, STATE_USES } from "./tasks.ts";
import type { ParameterOptions } from "./parameter-groups.ts";
import { allocateTraining } from "./training.ts";
import type { Settings } from "./settings.ts";
import type { MemoryPlan, Purpose } from "./options.ts";

/** Returns the bytes that a model holds, by purpose. */
export function memoryPlanOf(allocations: Allocations<Purpose>): MemoryPlan {
  const purposes = ["parameters", "gradients", "state", "activations", "scratch"] as const;
  const bytes = purposes.map((purpose) => [purpose, allocations.bytes(purpose)] as const);
  const total = bytes.reduce((sum, [, amount]) => sum + amount, 0);
  return { ...(Object.fromEntries(bytes) as Omit<MemoryPlan, "total">), total };
}

/** Allocates the states of layers for each use of the model, unless there are none. */
function allocateStates(
  { states: { bytes } }: Blueprint,
  allocate: (bytes: number) => number,
): ModelMemory["states"] {
  const blocks = STATE_USES.map((use) => [use, bytes > 0 ? allocate(bytes) : 0] as const);
  return Object.fromEntries(blocks) as ModelMemory["states"];
}

/**
 * Allocates the blocks of a model and draws its first weights.
 * @param options of each parameter
 * @throws RangeError if the memory has no room
 */
export function allocateParts(
  runtime: Runtime,
  allocations: Allocations<Purpose>,
  blueprint: Blueprint,
  settings: Settings,
  options: readonly ParameterOptions[],
): ModelParts {
  const { optimizer, seed } = settings;
  const { heap } = runtime;
  const { bytes } = blueprint.parameters;
  const allocate = (purpose: Purpose, size: number): number => {
    const at = allocations.allocate(purpose, size, "compile");
    heap.bytes.fill(0, at, at + size);
    return at;
  };
  heap.reserve((optimizer ? 2 + optimizer.moments : 1) * align(bytes), "compile");
  const parameters = allocate("parameters", bytes);
  const training =
    optimizer && allocateTraining(runtime, allocations, blueprint.parameters, optimizer, options);
  const buffers = allocate("state", blueprint.buffers.bytes);
  const states = allocateStates(blueprint, (bytes) => allocate("state", bytes));
  const random = allocate("state", 16);
  const results = new Results(heap, allocate("activations", RESULT_BYTES));
  heap.words.set(seedWords(seed), random / 4);
  initialise(runtime, blueprint.parameters, parameters, seed, 0);
  const stream = blueprint.parameters.specs.length;
  initialise(runtime, blueprint.buffers, buffers, seed, stream);
  const memory = { parameters, buffers, states, random };
  return { runtime, blueprint, settings, memory, results, training };
}
