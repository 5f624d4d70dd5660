import { bytes } from "../simd";

/** Floats from one row of a part to the next: a part is one head of one example. */
@unmanaged
export class Strides {
  batch: i32;
  head: i32;
  step: i32;

  /** Returns the address of the first row of a part. */
  @inline
  part(first: usize, batch: i32, head: i32): usize {
    return first + bytes(batch * this.batch + head * this.head);
  }

  /** Bytes from row to row. */
  @inline
  get row(): usize {
    return bytes(this.step);
  }
}

/** Strides of a mask, 0 along axes that broadcast. */
@unmanaged
export class MaskStrides extends Strides {
  key: i32;
}

/** Sizes of an attention, and where its rows lie: i32[23] in memory. */
@unmanaged
export class Geometry {
  batch: i32;
  heads: i32;
  /** Rows of q and y of a part. */
  queries: i32;
  /** Rows of k and v of a part. */
  keys: i32;
  /** Columns of q and k. */
  depth: i32;
  /** Columns of v and y. */
  valueDepth: i32;
  /** Query i sees keys up to i + diagonal. */
  diagonal: i32;


  @inline
  get q(): Strides {
    return this.at(0);
  }


  @inline
  get k(): Strides {
    return this.at(1);
  }


  @inline
  get v(): Strides {
    return this.at(2);
  }


  @inline
  get y(): Strides {
    return this.at(3);
  }


  @inline
  get mask(): MaskStrides {
    return changetype<MaskStrides>(this.at(4));
  }


  @inline
  private at(index: i32): Strides {
    const first = changetype<usize>(this) + offsetof<Geometry>();
    return changetype<Strides>(first + <usize>index * offsetof<Strides>());
  }

  /** Heads of all examples. */
  @inline
  get parts(): i32 {
    return this.batch * this.heads;
  }
}
