import { blockOfK } from "../gemm/gemm";
import { roundUp } from "../gemm/kernel";
import { pack } from "../gemm/pack";
import { tileWidth } from "../gemm/tiles";
import { bytes } from "../simd";
import { Axis, Geometry, setAxes } from "./geometry";
import { DEPTHWISE, NARROW, WIDE } from "./tile";

/** Weights as correlations read them: phase by phase, group by group, in blocks of the sum, in strips. */

/** Returns the kind of strips for n columns: the wider one where it does not compute a strip needlessly. */
export function stripFor(n: i32): i32 {
  const rest = n & (WIDE - 1);
  return tileWidth() == WIDE && (rest == 0 || rest > NARROW) ? WIDE : NARROW;
}

/** Sizes of a correlation's weights. */
@unmanaged
export class Weights {
  /** Steps of the sum for each tap. */
  inner: i32;
  /** Columns of a group. */
  n: i32;
  groups: i32;
  /** Kind of the strips, as tile.ts has them. */
  kind: i32;
  /** Columns of a strip. */
  width: i32;

  set(g: Geometry, isGradient: bool): void {
    const isDepthwise = g.isDepthwise;
    const outputs = g.filters / g.groups;
    if (isDepthwise) {
      this.groups = 1;
      this.inner = isGradient ? outputs : 1;
      this.n = isGradient ? g.channels : g.filters;
    } else {
      const inputs = g.channels / g.groups;
      this.groups = g.groups;
      this.inner = isGradient ? outputs : inputs;
      this.n = isGradient ? inputs : outputs;
    }
    this.kind = isDepthwise ? DEPTHWISE : stripFor(this.n);
    this.width = this.kind == WIDE ? WIDE : NARROW;
  }

  /** Strips of a group. */
  get strips(): i32 {
    return (this.n + this.width - 1) / this.width;
  }

  /** Columns of a group's strips. */
  get padded(): i32 {
    return roundUp(this.n, this.width);
  }

  /** Floats of all groups' strips for a sum of k steps. */
  sizeOf(k: i32): i32 {
    return this.groups * k * this.padded;
  }
}

/** Packs one strip of one phase, whose taps the axes have chosen. */
function packPhase(
  g: Geometry,
  isGradient: bool,
  w: Weights,
  rows: Axis,
  columns: Axis,
  weight: usize,
  group: i32,
  strip: i32,
  packed: usize,
): void {
  const inner = w.inner;
  const width = w.width;
  const j = strip * width;
  const wide = min(width, w.n - j);
  const k = rows.taps * columns.taps * inner;
  const block = blockOfK(max(1, k));
  const tap = bytes((g.channels / g.groups) * g.filters);
  const from = isGradient
    ? bytes(g.isDepthwise ? j * inner : j * g.filters + group * inner)
    : bytes(group * w.n + j);
  const ld = bytes(isGradient && g.isDepthwise ? inner : g.filters);
  const step: usize = isGradient ? 4 : ld;
  let at = 0;
  for (let y = 0; y < rows.taps; y++) {
    for (let x = 0; x < columns.taps; x++) {
      const row = rows.kernel + y * rows.kernelStep;
      const column = columns.kernel + x * columns.kernelStep;
      const src = weight + <usize>(row * g.kernelColumns + column) * tap + from;
      for (let i = 0; i < inner;) {
        const begin = at - (at % block);
        const depth = min(block, k - begin);
        const count = min(inner - i, begin + depth - at);
        const to = begin * w.padded + depth * j + (at - begin) * width;
        pack(isGradient, src + <usize>i * step, ld, wide, count, packed + bytes(to), width);
        i += count;
        at += count;
      }
    }
  }
}

/** Packs strips `from` to `to` of all groups' strips, of every phase. */
export function packWeights(
  g: Geometry,
  isGradient: bool,
  w: Weights,
  rows: Axis,
  columns: Axis,
  weight: usize,
  packed: usize,
  from: i32,
  to: i32,
): void {
  for (let fy = 0; fy < rows.phases; fy++) {
    for (let fx = 0; fx < columns.phases; fx++) {
      if (isGradient) rows.choose(fy);
      if (isGradient) columns.choose(fx);
      const k = rows.taps * columns.taps * w.inner;
      for (let i = from; i < to; i++) {
        const group = i / w.strips;
        const at = packed + bytes(group * k * w.padded);
        packPhase(g, isGradient, w, rows, columns, weight, group, i % w.strips, at);
      }
      packed += bytes(w.sizeOf(k));
    }
  }
}

/** Packing of a weight at work, in a thread's scratch. */
@unmanaged
export class Packing {
  geometry: Geometry;
  isGradient: bool;
  weights: Weights;
  rows: Axis;
  columns: Axis;

  static at(scratch: usize, g: Geometry, isGradient: bool): Packing {
    const self = changetype<Packing>(scratch);
    self.geometry = g;
    self.isGradient = isGradient;
    self.weights = changetype<Weights>(scratch + offsetof<Packing>());
    self.rows = changetype<Axis>(changetype<usize>(self.weights) + offsetof<Weights>());
    self.columns = changetype<Axis>(changetype<usize>(self.rows) + offsetof<Axis>());
    self.weights.set(g, isGradient);
    setAxes(g, isGradient, self.rows, self.columns);
    return self;
  }

  run(weight: usize, packed: usize, from: i32, to: i32): void {
    const isGradient = this.isGradient;
    const weights = this.weights;
    packWeights(
      this.geometry,
      isGradient,
      weights,
      this.rows,
      this.columns,
      weight,
      packed,
      from,
      to,
    );
  }
}
