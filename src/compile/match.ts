import { type Node, type Shape, describe } from "../graph/node.ts";
import type { Layer } from "../layers/layer.ts";
import type { Block, Blueprint } from "./parameters.ts";
import type { ParameterSpec, Scope, Trace } from "./trace.ts";

/*
 * A network is recorded anew for each batch size and for training, evaluation and prediction, while
 * its memory is planned by the first recording: here the others are compared with that.
 */

/** An error about what is another in a recording than in the first. */
function differs(name: string, where: string, came: string): RangeError {
  const expected = `the same in training on a batch of 1 and in ${where}`;
  return new RangeError(`${name}: expected ${expected}, ${came}`);
}

/** @throws RangeError unless a prediction has the shape that the model is planned for */
export function checkOutput(where: string, { shape }: Node, expected: Shape): void {
  const [wanted, came] = [describe(expected), describe(shape)];
  if (wanted === came) return;
  throw new RangeError(`network: expected an output of ${wanted} in ${where}, got ${came}`);
}

/**
 * Finds the arrays of a recording among those that memory was planned for, in their order.
 * @param needsAll whether it may leave none out
 * @returns the offset of each in its block
 * @throws RangeError naming an array that is new, missing, of another shape or out of order
 */
export function matchArrays(
  where: string,
  { specs, offsets }: Block,
  asked: readonly ParameterSpec[],
  needsAll: boolean,
): number[] {
  const fail = (name: string): RangeError => {
    const [first, here] = [specs, asked].map((list) => {
      const spec = list.find((spec) => spec.name === name);
      return spec ? describe(spec.shape) : "none";
    });
    const isOrder = first === here;
    return differs(name, where, isOrder ? "got another order" : `got ${first} and ${here}`);
  };
  let next = 0;
  const found = asked.map(({ name, shape }) => {
    while (next < specs.length && specs[next]!.name !== name) next++;
    const spec = specs[next];
    if (!spec || describe(spec.shape) !== describe(shape)) throw fail(name);
    return offsets[next++]!;
  });
  const names = new Set(asked.map(({ name }) => name));
  const missing = specs.find(({ name }) => !names.has(name));
  if (needsAll && missing) throw fail(missing.name);
  return found;
}

/** What a layer has in common with those that could stand for it. */
function likeness([{ kind }, { arrays }]: readonly [Layer, Scope]): string {
  return kind + arrays.map(({ shape }) => shape).join(";");
}

/**
 * Looks for a layer that the network's function makes anew and leaves out in this recording, while
 * it makes another like it: nothing tells which of the two is left.
 * @throws RangeError naming the layer
 */
function checkLeftOut(where: string, { scopes, names }: Blueprint, traced: Trace): void {
  const anew = [...traced.scopes].filter(([layer]) => !names.has(layer));
  const used = new Set(anew.map(([, { name }]) => name));
  const kinds = new Set(anew.map(likeness));
  for (const entry of scopes) {
    const [layer, { name, arrays }] = entry;
    const isThere = names.has(layer) || used.has(name) || arrays.length === 0;
    if (isThere || !kinds.has(likeness(entry))) continue;
    throw differs(name, where, "got one less; make it outside of the network's function");
  }
}

/**
 * Compares a recording with the first. One that does not train may leave layers out.
 * @returns the offset of each parameter and of each buffer in its block
 * @throws RangeError naming the array, layer or output that is another
 */
export function matchRecording(
  where: string,
  blueprint: Blueprint,
  traced: Trace,
  trains: boolean,
): { parameters: number[]; buffers: number[] } {
  const found = {
    parameters: matchArrays(where, blueprint.parameters, traced.parameters.specs, trains),
    buffers: matchArrays(where, blueprint.buffers, traced.buffers.specs, trains),
  };
  checkLeftOut(where, blueprint, traced);
  return found;
}
