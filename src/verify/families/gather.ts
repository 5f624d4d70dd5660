import { type Family, type KernelCase, kernelCase } from "../case.ts";
import { U, columnRoundings } from "../compare.ts";
import { floats, integers } from "../numbers.ts";

const SOURCES = 11;

/** Rows to take: all in order, or by index, with repetitions and the last row of the source. */
const orders = [undefined, Int32Array.of(10, 0, 3, 3, 7, 10, 1)] as const;

type Order = (typeof orders)[number];

const gatherWidths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 64];

/** Returns a case of gather over random bits, which hold floats of every kind. */
function gatherCase(width: number, order: Order): KernelCase {
  const rows = order?.length ?? SOURCES;
  const src = new Uint32Array(integers(SOURCES * width, width, 2 ** 31)).map((x) => x * 2 + 1);
  const expected = Uint32Array.from({ length: rows * width }, (_, at) => {
    const i = Math.floor(at / width);
    return src[(order?.[i] ?? i) * width + (at % width)]!;
  });
  return kernelCase({
    what: `${rows} x ${width}${order ? " by index" : ""}`,
    inputs: { src, list: order ?? new Int32Array(0) },
    results: { dst: { expected } },
    call(kernels, { src, list, dst }) {
      kernels.gather(src, order ? list : 0, dst, rows, width);
    },
  });
}

/** Returns a case of gatherBytes; wide sources have every byte. */
function gatherBytesCase(width: number, order: Order): KernelCase {
  const rows = order?.length ?? SOURCES;
  const scale = Math.fround(1 / 255);
  const src = Uint8Array.from({ length: SOURCES * width }, (_, i) => (i * 37 + width) % 256);
  const expected = Array.from({ length: rows * width }, (_, at) => {
    const i = Math.floor(at / width);
    return src[(order?.[i] ?? i) * width + (at % width)]! * scale;
  });
  return kernelCase({
    what: `${rows} x ${width}${order ? " by index" : ""}`,
    inputs: { src, list: order ?? new Int32Array(0) },
    results: { dst: { expected } },
    call(kernels, { src, list, dst }) {
      kernels.gatherBytes(src, order ? list : 0, dst, rows, width, scale);
    },
  });
}

/** Rows of a destination, and where rows go: two of them outside, which are passed over. */
const DESTINATIONS = 6;
const places = [[], [0], [5, 2, 6, 0, -1], [1, 2, 3, 4]] as const;

/** Returns rows that go where `to` says, in the bits of the floats. */
function scatterCase(width: number, to: readonly number[], gap: number): KernelCase {
  const stride = width + gap;
  const src = floats(to.length === 0 ? 0 : (to.length - 1) * stride + width, width);
  const before = floats(DESTINATIONS * width, 8);
  const expected = before.slice();
  to.forEach((row, i) => {
    if (row < 0 || row >= DESTINATIONS) return;
    expected.set(src.subarray(i * stride, i * stride + width), row * width);
  });
  return kernelCase({
    what: `${to.length} x ${width}, ${gap} apart, to rows ${to.join(", ")}`,
    inputs: { src, indices: Int32Array.from(to) },
    results: { dst: { before, expected } },
    call(kernels, { src, indices, dst }) {
      kernels.scatter(src, stride, indices, dst, to.length, DESTINATIONS, width);
    },
  });
}

export const VOCABULARY = 11;

const widths = [0, 1, 2, 3, 4, 5, 8, 9];
const rowCounts = [0, 1, 2, 5, 40, 700];

/** Ids that no table has a row for, as floats and as integers. */
const outside = {
  floats: [-1, VOCABULARY, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 32, -(2 ** 31), 1e-40],
  integers: [-1, VOCABULARY, 2 ** 31 - 1, -(2 ** 31)],
};

const known = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < VOCABULARY;

export interface Lookup {
  readonly rows: number;
  readonly width: number;
  readonly floating: boolean;
}

const nameOf = ({ rows, width, floating }: Lookup): string =>
  `${rows} x ${width}, ids as ${floating ? "floats" : "integers"}`;

/** Returns ids as floats or integers; every third one has no row in the table. */
export function idsOf({ rows, floating }: Lookup): Float32Array | Int32Array {
  const ids = integers(rows, 3 + rows, VOCABULARY);
  const wrong = floating ? outside.floats : outside.integers;
  const mixed = Array.from(ids, (id, i) => (i % 3 === 2 ? wrong[i % wrong.length]! : id));
  return floating ? Float32Array.from(mixed) : Int32Array.from(mixed);
}

function embedCase(lookup: Lookup): KernelCase {
  const { rows, width, floating } = lookup;
  const [ids, table] = [idsOf(lookup), floats(VOCABULARY * width, 5)];
  const expected = Array.from({ length: rows * width }, (_, i) => {
    const id = ids[Math.floor(i / width)]!;
    return known(id) ? table[id * width + (i % width)]! : NaN;
  });
  return kernelCase({
    what: nameOf(lookup),
    inputs: { ids, table },
    results: { y: { expected } },
    call(kernels, { ids, table, y }) {
      kernels.embed(ids, table, y, rows, VOCABULARY, width, floating);
    },
  });
}

/**
 * Returns a case of embedGrad. Up to 40 rows, sums are exact: they are rounded in the order of
 * rows.
 */
function embedGradCase(lookup: Lookup): KernelCase {
  const { rows, width, floating } = lookup;
  const [ids, dy] = [idsOf(lookup), floats(rows * width, 6)];
  const isExact = rows <= 40;
  const expected = new (isExact ? Float32Array : Float64Array)(VOCABULARY * width);
  const size = new Float64Array(VOCABULARY * width);
  dy.forEach((value, i) => {
    const id = ids[Math.floor(i / width)]!;
    if (!known(id)) return;
    expected[id * width + (i % width)]! += value;
    size[id * width + (i % width)]! += Math.abs(value);
  });
  const allowed = (_: number, i: number): number => columnRoundings(rows) * U * size[i]!;
  return kernelCase({
    what: nameOf(lookup),
    inputs: { ids, dy },
    results: { dtable: isExact ? { expected } : { expected, allowed } },
    scratch: {
      totals: () => new Float64Array(Math.floor(rows / 16) * width),
      owners: () => new Int32Array(Math.floor(rows / 16)),
      states: () => new Int32Array(VOCABULARY),
    },
    call(kernels, { ids, dy, dtable, totals, owners, states }) {
      const all = [0, VOCABULARY, totals, owners, states] as const;
      kernels.embedGrad(ids, dy, dtable, rows, VOCABULARY, width, floating, ...all);
    },
  });
}

export const lookups: readonly Lookup[] = [true, false].flatMap((floating) =>
  widths.flatMap((width) => rowCounts.map((rows) => ({ rows, width, floating }))),
);

const ordered = (make: typeof gatherCase): KernelCase[] =>
  orders.flatMap((order) => gatherWidths.map((width) => make(width, order)));

export const gatherFamily: Family<"gather" | "gatherBytes" | "scatter" | "embed" | "embedGrad"> = {
  name: "gather",
  kernels: {
    gather: () => ordered(gatherCase),
    gatherBytes: () => ordered(gatherBytesCase),
    scatter: () =>
      gatherWidths.flatMap((width) =>
        places.flatMap((to) => [0, 3].map((gap) => scatterCase(width, to, gap))),
      ),
    embed: () => lookups.map(embedCase),
    embedGrad: () => lookups.map(embedGradCase),
  },
};
