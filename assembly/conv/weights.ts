import { blockOfK } from "../gemm/gemm";
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
  isDepthwise: bool;
  /** Steps of the sum for each tap. */
  inner: i32;
  groups: i32;
  /** Columns of a group. */
  n: i32;
  /** Kind of the strips, as tile.ts has them. */
  kind: i32;
  /** Columns of a strip. */
  width: i32;
  /** Strips of a group. */
  strips: i32;
  /** Columns of a group's strips. */
  padded: i32;

  set(g: Geometry, isGradient: bool): void {
    const isDepthwise = g.isDepthwise;
    const outputs = g.filters / g.groups;
    const inputs = isDepthwise ? 1 : g.channels / g.groups;
    const groups = isDepthwise ? 1 : g.groups;
    const n = (isGradient ? g.channels : g.filters) / groups;
    const kind = isDepthwise ? DEPTHWISE : stripFor(n);
    this.isDepthwise = isDepthwise;
    this.inner = isGradient ? outputs : inputs;
    this.groups = groups;
    this.n = n;
    this.kind = kind;
    this.width = kind == WIDE ? WIDE : NARROW;
    this.strips = (n + this.width - 1) / this.width;
    this.padded = this.strips * this.width;
  }

  /** Floats of all groups' strips for a sum of k steps. */
  sizeOf(k: i32): i32 {
    return this.groups * k * this.padded;
  }
}

/** Packing of a weight at work, in a thread's scratch. Its sizes and axes lie behind it. */
@unmanaged
export class Packing {
  geometry: Geometry;
  isGradient: bool;


  @inline
  private get weights(): Weights {
    return changetype<Weights>(changetype<usize>(this) + offsetof<Packing>());
  }


  @inline
  private get rows(): Axis {
    return changetype<Axis>(changetype<usize>(this.weights) + offsetof<Weights>());
  }


  @inline
  private get columns(): Axis {
    return changetype<Axis>(changetype<usize>(this.rows) + offsetof<Axis>());
  }

  static at(scratch: usize, g: Geometry, isGradient: bool): Packing {
    const self = changetype<Packing>(scratch);
    self.geometry = g;
    self.isGradient = isGradient;
    self.weights.set(g, isGradient);
    setAxes(g, isGradient, self.rows, self.columns);
    return self;
  }

  /** Number of strips of all groups. */
  get strips(): i32 {
    return this.weights.groups * this.weights.strips;
  }

  /** Packs strips `from` to `to` of all groups' strips, of every phase. */
  run(weight: usize, packed: usize, from: i32, to: i32): void {
    const w = this.weights;
    for (let fy = 0; fy < this.rows.phases; fy++) {
      for (let fx = 0; fx < this.columns.phases; fx++) {
        if (this.isGradient) this.rows.choose(fy);
        if (this.isGradient) this.columns.choose(fx);
        const k = this.rows.taps * this.columns.taps * w.inner;
        for (let i = from; i < to; i++) {
          const group = i / w.strips;
          this.packStrip(weight, k, group, i % w.strips, packed + bytes(group * k * w.padded));
        }
        packed += bytes(w.sizeOf(k));
      }
    }
  }

  /** Packs the k steps of one strip of the phase that the axes have chosen. */
  private packStrip(weight: usize, k: i32, group: i32, strip: i32, packed: usize): void {
    const g = this.geometry;
    const isGradient = this.isGradient;
    const w = this.weights;
    const rows = this.rows;
    const columns = this.columns;
    const inner = w.inner;
    const width = w.width;
    const j = strip * width;
    const wide = min(width, w.n - j);
    const block = blockOfK(max(1, k));
    const tap = bytes((g.channels / g.groups) * g.filters);
    const ld = bytes(isGradient && w.isDepthwise ? inner : g.filters);
    const step: usize = isGradient ? 4 : ld;
    weight += isGradient ? <usize>j * ld + bytes(group * inner) : bytes(group * w.n + j);
    let at = 0;
    for (let y = 0; y < rows.taps; y++) {
      for (let x = 0; x < columns.taps; x++) {
        const row = rows.kernel + y * rows.kernelStep;
        const column = columns.kernel + x * columns.kernelStep;
        const src = weight + <usize>(row * g.kernelColumns + column) * tap;
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
}
