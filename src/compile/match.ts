import { type Node, type Shape, describe } from "../graph/node.ts";
import type { Layer } from "../layers/layer.ts";
import type { Block, Blueprint } from "./parameters.ts";
import type { ParameterSpec, Scope, Trace } from "./traced.ts";

/*
 * A network is recorded again for each batch size and mode, but its memory is laid out for the
 * first recording. This file compares the later recordings with the first.
 */

/** Returns an error that names a difference between a recording and the first one. */
function differs(name: string, where: string, came: string): RangeError {
  const expected = `the same in training on a batch of 1 and in ${where}`;
  return new RangeError(`${name}: expected ${expected}, ${came}`);
}

/** Returns the name of the layer that an array belongs to. */
export function layerOf(array: string): string {
  return array.slice(0, array.indexOf("."));
}

/**
 * Checks the shape of a prediction.
 * @param steps number of steps that a decoder has instead of the planned one
 * @throws RangeError unless it is the shape that the model was planned for, of a decoder with its own steps
 */
export function checkOutput(where: string, { shape }: Node, expected: Shape, steps?: number): void {
  const [wanted, came] = [describe(expected), describe(shape)];
  const [batch, , ...rest] = expected;
  if (wanted === came || (steps && describe([batch!, steps, ...rest]) === came)) return;
  throw new RangeError(`network: expected an output of ${wanted} in ${where}, got ${came}`);
}

/**
 * Finds the arrays of a recording in the block of the first recording; both are in order of use.
 * @param needsAll true if no array of the block may be left out
 * @returns offset in bytes of each array in the block
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

/** Returns a key that layers of the same kind with arrays of the same shapes share. */
function kindAndShapes([{ kind }, { arrays }]: readonly [Layer, Scope]): string {
  return kind + arrays.map(({ shape }) => shape).join(";");
}

/**
 * Checks the layers that the network's function makes anew in each recording. If one is left out
 * while another of the same kind and shapes is there, nothing tells which of the two was left out.
 * @throws RangeError naming the layer
 */
function checkLeftOut(where: string, { scopes, names }: Blueprint, traced: Trace): void {
  const anew = [...traced.scopes].filter(([layer]) => !names.has(layer));
  const used = new Set(anew.map(([, { name }]) => name));
  const kinds = new Set(anew.map(kindAndShapes));
  for (const entry of scopes) {
    const [layer, { name, arrays }] = entry;
    const isThere = names.has(layer) || used.has(name) || arrays.length === 0;
    if (isThere || !kinds.has(kindAndShapes(entry))) continue;
    throw differs(name, where, "got one less; make it outside of the network's function");
  }
}

/**
 * Compares a recording with the first one. A recording that does not train may leave layers out.
 * @returns offset in bytes of each parameter and of each buffer in its block
 * @throws RangeError naming the array or layer that differs
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
