import { beforeAll, describe, expect, it } from "vitest";
import { type Arena, layouts } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectRounded, expectSameBits } from "../../src/verify/compare.ts";
import { integers } from "../../src/verify/numbers.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

const widths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 64];

const SOURCES = 11;

/** Rows to take: some twice, the last of the source among them; or all in order. */
const picks = [
  { how: "in order", indices: undefined },
  { how: "by index", indices: Int32Array.of(10, 0, 3, 3, 7, 10, 1) },
];

describe.each(picks)("rows $how", ({ indices }) => {
  const rows = indices?.length ?? SOURCES;
  const from = (i: number, j: number, width: number) => (indices?.[i] ?? i) * width + j;

  it.each(widths)("gather moves bits of %d elements", (width) => {
    // Any bits, so that floats of every kind and integers are among them.
    const source = new Uint32Array(integers(SOURCES * width, width, 2 ** 31)).map((x) => x * 2 + 1);
    const expected = Uint32Array.from({ length: rows * width }, (_, at) => {
      return source[from(Math.floor(at / width), at % width, width)]!;
    });
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [src, list] = [arena.input(source), arena.input(indices ?? [])];
      const dst = arena.output(rows * width);
      arena.kernels.gather(src, indices ? list : 0, dst, rows, width);
      arena.checkCanaries();
      expectSameBits(arena.raw(dst, rows * width), expected);
    }
  });

  it.each(widths)("gatherBytes makes floats of %d bytes", (width) => {
    const source = Uint8Array.from(integers(SOURCES * width, width, 256));
    const scale = Math.fround(1 / 255);
    const expected = Float32Array.from({ length: rows * width }, (_, at) => {
      return source[from(Math.floor(at / width), at % width, width)]! * scale;
    });
    for (const layout of layouts(3)) {
      arena.reset(layout);
      const [src, list] = [arena.input(source), arena.input(indices ?? [])];
      const dst = arena.output(rows * width);
      arena.kernels.gatherBytes(src, indices ? list : 0, dst, rows, width, scale);
      arena.checkCanaries();
      expectRounded(arena.floats(dst, rows * width), expected);
    }
  });
});

it("gatherBytes reads bytes without a sign", () => {
  const all = Uint8Array.from({ length: 256 }, (_, i) => i);
  for (const width of [256, 1]) {
    arena.reset();
    const [src, dst] = [arena.input(all), arena.output(256)];
    arena.kernels.gatherBytes(src, 0, dst, 256 / width, width, 1);
    expect([...arena.floats(dst, 256)]).toEqual([...all]);
  }
});
