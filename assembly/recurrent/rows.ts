import { blockOfK } from "../gemm/gemm";
import { roundUp } from "../gemm/kernel";
import { Panel } from "../conv/panel";
import { stripFor } from "../conv/weights";
import { bytes } from "../simd";

/**
 * The products of recurrent layers: a few rows by a packed weight, added to what is there. The tile is that of
 * convolutions (conv/tile.ts), which reads rows where they lie, and the weight is packed once for all
 * steps. Every element is summed as sgemm sums it.
 */

/** Bytes of a product's own numbers, for sums of k steps. */
export function productBytes(k: i32): usize {
  return (Panel.bytes + bytes(k) + 15) & ~15;
}

/** Rows by a packed weight of k x n. */
@unmanaged
export class Product extends Panel {

  @inline
  private get offsets(): usize {
    return changetype<usize>(this) + Panel.bytes;
  }

  setSizes(k: i32, n: i32): void {
    this.set(stripFor(n), n);
    for (let i = 0; i < k; i++) store<i32>(this.offsets + bytes(i), i << 2);
  }

  /** Adds rows of a source, `sourceStep` bytes apart, times the weight to rows of a target. */
  add(
    source: usize,
    sourceStep: usize,
    target: usize,
    targetStep: usize,
    rows: i32,
    k: i32,
    packed: usize,
  ): void {
    const padded = roundUp(this.n, this.width);
    const block = blockOfK(max(1, k));
    const whole = rows & ~3;
    this.next = 4 * sourceStep;
    this.nextTarget = 4 * targetStep;
    for (let done = 0; done < k; done += block) {
      const count = min(block, k - done);
      const offsets = this.offsets + bytes(done);
      const strips = packed + bytes(done * padded);
      this.depth = count;
      if (whole) {
        this.setRows(source, sourceStep, target, targetStep, 4);
        this.sum(4, whole >> 2, count, offsets, strips, true);
      }
      if (whole == rows) continue;
      const from = source + <usize>whole * sourceStep;
      this.setRows(from, sourceStep, target + <usize>whole * targetStep, targetStep, rows - whole);
      this.sum(rows - whole, 1, count, offsets, strips, true);
    }
  }

  /** Rows beyond the last one compute it again; nobody reads what they give. */
  private setRows(
    source: usize,
    sourceStep: usize,
    target: usize,
    targetStep: usize,
    rows: i32,
  ): void {
    for (let r = 0; r < 4; r++) {
      const at = <usize>min(r, rows - 1);
      this.setRow(r, source + at * sourceStep, target + at * targetStep);
    }
  }
}
