import type { OnDemand } from "../base/on-demand.ts";
import { check, hasMethod } from "../base/arguments.ts";
import { allocateParts } from "../compile/allocation.ts";
import type { CompileOptions, Purpose } from "../compile/options.ts";
import { resolveGroups } from "../compile/parameter-groups.ts";
import type { ModelBuffer, Parameter } from "../compile/parameters.ts";
import { blueprint, liveBuffers, liveParameters } from "../compile/parameters.ts";
import { checkOptions } from "../compile/settings.ts";
import { allocateTraining, layGroups, releaseTraining } from "../compile/training.ts";
import { Workspace } from "../compile/workspace.ts";
import { type Network, isLayer } from "../layers/layer.ts";
import { Allocations } from "../memory/allocations.ts";
import { Batches } from "../training/batches.ts";
import type { CheckpointCode, Trainee } from "../training/trainee.ts";
import { Stepper } from "../training/stepper.ts";
import { trainingOf } from "../compile/tasks.ts";
import type { ParameterGroup } from "../compile/parameter-groups.ts";
import type { Runtime } from "../wasm/runtime.ts";

/** Code for checkpoints, loaded on demand: most fits make none. */
export const checkpoints: OnDemand<CheckpointCode> = { import: () => import("./checkpoint.ts") };

/** Parts of a model. */
export interface BuiltModel {
  readonly trainee: Trainee;
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly ModelBuffer[];
}

/**
 * Allocates the memory of a model, draws its first weights and makes its first program.
 * @param model the model as callbacks will see it
 * @throws RangeError or TypeError for wrong options, for layers that do not fit each other, or
 * where the memory has no room; the engine is then as before
 */
export function buildModel(
  runtime: Runtime,
  network: Network,
  chosen: CompileOptions,
  model: Trainee["model"],
): BuiltModel {
  const options = checkOptions(chosen);
  check("compile", "network", network, {
    expected: "a network such as sequential([...])",
    is: (value) => hasMethod(value, "record") && !isLayer(value),
  });
  const { seed, batchSize, loss, optimizer, metrics } = options;
  const traced = blueprint(runtime.kernels, network, options.inputs, batchSize);
  const names = traced.parameters.specs.map(({ name }) => name);
  const groups = optimizer
    ? resolveGroups("compile", options.parameterGroups, names, optimizer)
    : [];
  const plan = optimizer ? { ...traced, parameters: layGroups(traced.parameters, groups) } : traced;
  const allocations = new Allocations<Purpose>(runtime.heap, "model");
  try {
    const parts = allocateParts(runtime, allocations, plan, options, groups);
    const workspace = new Workspace(parts, allocations);
    const batches = new Batches(parts, allocations);
    const stepper = new Stepper(parts, allocations);
    const shared = { parts, workspace, allocations, batches, stepper, metrics, model, checkpoints };
    const fresh = { epochs: 0, fitting: false, lastRecovery: undefined };
    const task = optimizer ? "train" : loss ? "evaluate" : "predict";
    const targets = loss?.takesClasses ? "classes" : "values";
    workspace.program(task, batchSize, { byteInputs: 0, targets });
    const gradientAt = (name: string): number | undefined => {
      const { block, gradients } = parts.training ?? {};
      const i = block?.specs.findIndex((spec) => spec.name === name) ?? -1;
      return i < 0 ? undefined : gradients! + block!.offsets[i]!;
    };
    const { parameters, buffers } = parts.memory;
    return {
      trainee: { ...shared, seed, batchSize, ...fresh },
      parameters: liveParameters(allocations, plan.parameters, parameters, gradientAt),
      buffers: liveBuffers(allocations, plan.buffers, buffers),
    };
  } catch (error) {
    allocations.releaseAll();
    throw error;
  }
}

/**
 * Gives a model other parameter groups.
 * @throws as Model.setParameterGroups; nothing is changed then
 */
export function regroup(trainee: Trainee, groups: readonly ParameterGroup[]): void {
  const who = "setParameterGroups";
  const { parts, allocations, workspace, stepper } = trainee;
  const before = trainingOf(parts, who);
  if (trainee.fitting) throw new Error(`${who}: expected no fit of this model, one is under way`);
  const { parameters } = parts.blueprint;
  const { optimizer } = parts.settings;
  const names = parameters.specs.map(({ name }) => name);
  const options = resolveGroups(who, groups, names, optimizer!);
  workspace.checkAlive();
  parts.training = allocateTraining(
    parts.runtime,
    allocations,
    parameters,
    optimizer!,
    options,
    before,
  );
  try {
    stepper.prepare();
  } catch (error) {
    releaseTraining(allocations, parts.training);
    parts.training = before;
    throw error;
  }
  releaseTraining(allocations, before);
  workspace.forgetTraining();
  trainee.lastRecovery = undefined;
}
