import { checkArguments, checkOptions, checkWhole, positive, whole } from "../base/arguments.ts";
import { cosPi, pow } from "../base/portable-math.ts";
import { call, immutable } from "../base/printable.ts";
import { type Node, describe } from "../graph/node.ts";
import { slice } from "../graph/ops/shape.ts";
import { type Initializer, initializer, uniform } from "../initializers.ts";
import { type Layer, type LayerGraph, newSteps } from "./layer.ts";

/** Base of the wavelengths of positions, in Vaswani et al. and in llama. */
const BASE = 10_000;

/** @throws RangeError unless x is [batch, time, width]; returns time and width */
function stepsOf(g: LayerGraph, op: string, { shape }: Node): [time: number, width: number] {
  const [, time, width] = shape;
  if (shape.length === 3 && time !== undefined && width) return [time, width];
  throw g.fail(op, `expected x of [batch, time, width], got ${describe(shape)}`);
}

/**
 * Returns the rows of a table for the steps: the first ones, or those at which a decoder is.
 * @param fill returns as many rows as it is given, of `columns` elements each
 */
function rowsOfSteps(
  g: LayerGraph,
  op: string,
  x: Node,
  columns: number,
  fill: (rows: number) => Float32Array,
): Node {
  const time = x.shape[1]!;
  if (!g.decoding) return g.constant(fill(time), [time, columns]);
  const { positions, length } = newSteps(g, op, x);
  return g.embedding(positions, g.constant(fill(length), [length, columns]));
}

/** Options of positionEmbedding. */
export interface PositionEmbeddingOptions {
  /** First values of the table; U(±0.05) by default, as those of embedding. */
  readonly weightInitializer?: Initializer;
}

/**
 * Adds a trained vector for each position: x [batch, time, width] + weight [length, width], of which it takes
 * the first `time` rows.
 * @param length number of positions; a batch may have fewer steps
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if length is not a whole number ≥ 1, or an option is unknown; when a model is compiled
 * or called, if there are more steps than positions
 * @example
 * const net = sequential([embedding(17, 16), positionEmbedding(20), flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function positionEmbedding(length: number, options: PositionEmbeddingOptions = {}): Layer {
  checkWhole("positionEmbedding", "length", length, 1);
  const label = `positionEmbedding(${length})`;
  const chosen = checkOptions(label, options, { weightInitializer: initializer() });
  const { weightInitializer = uniform(-0.05, 0.05) } = chosen;
  return immutable<Layer>(
    {
      kind: "positionEmbedding",
      label,
      record(g, x) {
        const [time, width] = stepsOf(g, "positionEmbedding", x);
        if (time > length) {
          const received = `${time} of ${describe(x.shape)}`;
          throw g.fail("positionEmbedding", `expected at most ${length} steps, got ${received}`);
        }
        if (g.decoding && g.decoding.length > length) {
          const received = `a decoder of ${g.decoding.length}`;
          throw g.fail("positionEmbedding", `expected at most ${length} steps, got ${received}`);
        }
        const table = g.parameter("weight", [length, width], weightInitializer);
        if (g.decoding) {
          const { positions } = newSteps(g, "positionEmbedding", x);
          return g.add(x, g.embedding(positions, table));
        }
        return g.add(x, time === length ? table : slice(g, table, [0], [time]));
      },
    },
    call("positionEmbedding", length, chosen),
  );
}

/** sin or cos of the angle of each position and pair of columns: position / base^(2 · pair / width). */
function waves(time: number, width: number, base: number, shift: 0 | 0.5): Float64Array {
  const pairs = Math.ceil(width / 2);
  const speeds = Array.from({ length: pairs }, (_, pair) => pow(base, -(2 * pair) / width));
  return Float64Array.from({ length: time * pairs }, (_, i) => {
    const angle = Math.floor(i / pairs) * speeds[i % pairs]!;
    return cosPi(angle / Math.PI - shift);
  });
}

/** Returns sines in the even columns of each position, and cosines in the odd ones. */
function sinusoids(time: number, width: number): Float32Array {
  const [sines, cosines] = [waves(time, width, BASE, 0.5), waves(time, width, BASE, 0)];
  const pairs = Math.ceil(width / 2);
  return Float32Array.from({ length: time * width }, (_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    const at = row * pairs + Math.floor(column / 2);
    return column % 2 === 0 ? sines[at]! : cosines[at]!;
  });
}

/** Returns the sines of each position twice, first with the other sign. */
function signedSines(time: number, depth: number, base: number): Float32Array {
  const sines = waves(time, depth, base, 0.5);
  const half = depth / 2;
  return Float32Array.from({ length: 2 * sines.length }, (_, i) => {
    const [row, sign, column] = [Math.floor(i / depth), Math.floor(i / half) % 2, i % half];
    return (sign ? 1 : -1) * sines[row * half + column]!;
  });
}

/**
 * Adds sines and cosines of each position to x [batch, time, width]: column 2i has sin(position /
 * 10000^(2i / width)) and column 2i + 1 the cosine (Vaswani et al., "Attention is all you need", 2017). It
 * has no parameters, and takes any number of steps.
 * @example
 * const net = sequential([embedding(17, 16), sinusoidalPositions(), flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function sinusoidalPositions(): Layer;
export function sinusoidalPositions(...none: unknown[]): Layer {
  checkArguments("sinusoidalPositions", none);
  return immutable<Layer>(
    {
      kind: "sinusoidalPositions",
      label: "sinusoidalPositions",
      record(g, x) {
        const op = "sinusoidalPositions";
        const [, width] = stepsOf(g, op, x);
        return g.add(
          x,
          rowsOfSteps(g, op, x, width, (rows) => sinusoids(rows, width)),
        );
      },
    },
    call("sinusoidalPositions"),
  );
}

/**
 * Rotates heads of x [batch, time, heads · depth] by their positions: columns i and i + depth / 2 of a head by
 * the angle position / base^(2i / depth) (Su et al., "RoFormer", 2021, in two halves, as llama does).
 * @throws RangeError unless the depth is even
 */
export function rotate(g: LayerGraph, op: string, x: Node, depth: number, base = BASE): Node {
  const [time, width] = stepsOf(g, op, x);
  if (depth % 2 > 0) {
    throw g.fail(
      op,
      `expected heads of an even number of columns to rotate, got heads of ${depth}`,
    );
  }
  const half = depth / 2;
  const halves = g.reshape(x, [x.shape[0]!, time, width / depth, 2, half]);
  const cosines = rowsOfSteps(g, op, x, half, (rows) =>
    Float32Array.from(waves(rows, depth, base, 0)),
  );
  const sines = rowsOfSteps(g, op, x, depth, (rows) => signedSines(rows, depth, base));
  const swapped = g.concat(
    [
      g.slice(halves, [0, 0, 0, 1]),
      g.slice(halves, [0, 0, 0, 0], [undefined, undefined, undefined, 1]),
    ],
    3,
  );
  const cosine = g.reshape(cosines, [time, 1, 1, half]);
  const sine = g.reshape(sines, [time, 1, 2, half]);
  const turned = g.add(g.mul(halves, cosine), g.mul(swapped, sine));
  return g.reshape(turned, x.shape);
}

/** Options of rotaryPositions. */
export interface RotaryPositionsOptions {
  /** Number of heads that lie side by side in x; 1 by default. */
  readonly heads?: number;
  /** Base of the wavelengths, above 0; 10,000 by default, as in llama. */
  readonly base?: number;
}

/**
 * Rotates x [batch, time, width] by the positions of its steps: in each head columns i and i + depth / 2 by
 * the angle position / base^(2i / depth), depth being the columns of a head (Su et al., "RoFormer", 2021, in two
 * halves, as llama does). Products of rotated queries and keys depend on the distance of their positions alone.
 * The option `rotary` of multiHeadAttention does this with queries and keys; the layer is for attentions of
 * your own.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if one is out of range or unknown; when a model is compiled, unless heads of an even
 * number of columns fill the width
 * @example
 * const net = sequential([embedding(17, 16), rotaryPositions({ heads: 2 }), flatten(), dense(2)]);
 * engine.compile(net, { inputShape: [20], loss: crossEntropy(), optimizer: adam() });
 */
export function rotaryPositions(options: RotaryPositionsOptions = {}): Layer {
  const chosen = checkOptions("rotaryPositions", options, { heads: whole(1), base: positive() });
  const { heads = 1, base = BASE } = chosen;
  const label = call("rotaryPositions", chosen);
  return immutable<Layer>(
    {
      kind: "rotaryPositions",
      label,
      record(g, x) {
        const [, width] = stepsOf(g, "rotaryPositions", x);
        if (width % heads === 0) return rotate(g, "rotaryPositions", x, width / heads, base);
        const received = `${heads} heads for ${describe(x.shape)}`;
        throw g.fail("rotaryPositions", `expected heads that divide the width, got ${received}`);
      },
    },
    label,
  );
}
