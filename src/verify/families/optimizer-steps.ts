import type { Optimizer } from "../../optimizers/index.ts";
import { type OptimizerName, type Settings, factories } from "../../reference/optimizers.ts";
import { HEADER_WORDS } from "../../../build/constants.ts";
import type { InstructionWords } from "../../../build/instructions.ts";
import type { Exports, FunctionName } from "../../wasm/build.ts";
import { fillTable } from "../../wasm/function-table.ts";
import type { Instruction } from "../../wasm/instruction.ts";

/** Addresses of parameters, gradients, three blocks of state, and room for STEP_NUMBERS float64. */
export interface Blocks {
  readonly p: number;
  readonly g: number;
  readonly m: number;
  readonly v: number;
  readonly w: number;
  readonly room: number;
}

/** Float64 numbers that hold the hyperparameters of a step and its instructions. */
export const STEP_NUMBERS = 64;

/** Kernels of optimizers: those whose instructions have parameters and hyperparameters. */
export type OptimizerKernel = {
  [K in keyof InstructionWords<number>]: InstructionWords<number>[K] extends {
    readonly p: number;
    readonly hyperparameters: number;
  }
    ? K
    : never;
}[keyof InstructionWords<number>];

const tables = new WeakMap<Exports, Map<FunctionName, number>>();

/** Returns the table indices of all functions of an instance. */
function tableOf(kernels: Exports): Map<FunctionName, number> {
  const table = tables.get(kernels) ?? fillTable(kernels);
  tables.set(kernels, table);
  return table;
}

/** Writes an instruction to an address and runs it. */
function run(kernels: Exports, [unpack, ...words]: Instruction, at: number): void {
  const length = HEADER_WORDS + words.length;
  const header = [tableOf(kernels).get(unpack)!, 4 * length, 1];
  new Uint32Array(kernels.memory.buffer, at, length).set([...header, ...words.map(Number)]);
  kernels.runProgram(at, at + 4 * length, 0, 1);
}

/** Creates an optimizer by its name. */
export function createOptimizer(name: OptimizerName, settings: Settings): Optimizer {
  return (factories[name] as (options: object) => Optimizer)(settings);
}

/** Returns the instructions of a step: the last one updates parameters, the others count steps. */
function instructionsOf(optimizer: Optimizer, { p, g, m, v, w, room }: Blocks, count: number) {
  const moments = [m, v, w].slice(0, optimizer.moments);
  const blocks = { parameters: p, gradients: g, moments, hyperparameters: room, count };
  return [...optimizer.advance(room), optimizer.update(blocks)];
}

/** Returns the kernel that updates the parameters of an optimizer. */
export function kernelOf(optimizer: Optimizer): OptimizerKernel {
  const nowhere = { p: 0, g: 0, m: 0, v: 0, w: 0, room: 0 };
  const [unpack] = instructionsOf(optimizer, nowhere, 0).at(-1)!;
  return unpack.replace(/Instruction$/, "") as OptimizerKernel;
}

/** Takes step t, counted from 1, of n parameters in the way that a program does. */
export function takeStep(
  kernels: Exports,
  optimizer: Optimizer,
  blocks: Blocks,
  n: number,
  t: number,
): void {
  const { hyperparameters } = optimizer;
  const numbers = new Float64Array(kernels.memory.buffer, blocks.room, STEP_NUMBERS);
  numbers.set(hyperparameters);
  const at = blocks.room + 8 * hyperparameters.length;
  const instructions = instructionsOf(optimizer, blocks, n);
  for (let step = 1; step <= t; step++) {
    for (const advance of instructions.slice(0, -1)) run(kernels, advance, at);
  }
  run(kernels, instructions.at(-1)!, at);
}
