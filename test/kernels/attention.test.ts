import { beforeAll, describe, expect, it } from "vitest";
import { float, instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { type AttentionTrial, attentions } from "../../src/verify/families/attention-sizes.ts";
import { drawAttention, dropoutWords, geometryOf } from "../../src/verify/families/attention.ts";
import { type Tile, tileSize } from "../../src/wasm/tiles.ts";
import { createArena } from "../support/arena.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { type Prepared, FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

type Drawn = ReturnType<typeof drawAttention>;

const RESULTS = ["y", "dq", "dk", "dv"] as const;

/** Runs both passes over poisoned outputs, on operands that `change` may have changed. */
function run(t: AttentionTrial, tile: Tile = "4x8", change?: (drawn: Drawn) => void) {
  const drawn = drawAttention(t);
  change?.(drawn);
  const { operands, dy, mask, settings } = drawn;
  arena.reset();
  const { kernels } = arena;
  kernels.setTile(...tileSize(tile));
  const { q, k, v } = operands;
  const at = [arena.input(q), arena.input(k), arena.input(v)] as const;
  const maskAt = t.mask ? arena.input(mask) : 0;
  const y = arena.output(dy.length);
  const logSumExp = arena.output(t.batch * t.heads * t.queries);
  const gradients = [q, k, v].map(({ length }) => arena.output(length)) as [number, number, number];
  const geometry = arena.input(geometryOf(t));
  const scratch = arena.output(kernels.attentionScratchBytes(t.keys, t.depth, t.valueDepth) / 4);
  const { state, numbers } = dropoutWords(t);
  const last = [t.dropout ? arena.input(state) : 0, ...numbers, scratch] as const;
  const { scale } = settings;
  kernels.attention(...at, maskAt, y, logSumExp, geometry, scale, ...last);
  const dyAt = arena.input(dy);
  const given = [...at, maskAt, y, logSumExp, dyAt] as const;
  kernels.attentionGrad(...given, ...gradients, geometry, scale, ...last);
  kernels.setTile(4, 8);
  arena.checkCanaries();
  return {
    y: arena.floats(y, dy.length),
    dq: arena.floats(gradients[0], q.length),
    dk: arena.floats(gradients[1], k.length),
    dv: arena.floats(gradients[2], v.length),
  };
}

it("strips of eight and of sixteen columns give the same bits", () => {
  for (const t of attentions) {
    const [narrow, wide] = [run(t), run(t, "4x16")];
    for (const name of RESULTS) {
      expectSameBits(bitsOf(wide[name]), bitsOf(narrow[name]), `${name} of ${JSON.stringify(t)}`);
    }
  }
});

const plain: AttentionTrial = {
  ...{ layout: "heads", batch: 1, heads: 2, queries: 70, keys: 70, depth: 5, valueDepth: 6 },
};

describe("a query that sees nothing", () => {
  const t: AttentionTrial = { ...plain, mask: [false, false, true, true] };

  it("gives zeros, takes part in no gradient, and leaves others alone", () => {
    const hidden = [0, 3, 68, 69];
    const change = ({ mask }: Drawn): void => {
      mask.fill(1);
      for (const i of hidden) mask.fill(0, i * t.keys, (i + 1) * t.keys);
    };
    const { y, dq, dk } = run(t, "4x8", change);
    const same = run(t, "4x8", (drawn) => {
      change(drawn);
      for (const i of [...hidden, ...hidden.map((i) => t.queries + i)]) {
        drawn.operands.q.fill(100, i * t.depth, (i + 1) * t.depth);
        drawn.dy.fill(-50, i * t.valueDepth, (i + 1) * t.valueDepth);
      }
    });
    for (const i of hidden) {
      const [row, slopes] = [y.subarray(i * 6, (i + 1) * 6), dq.subarray(i * 5, (i + 1) * 5)];
      expect([...row, ...slopes]).toEqual(new Array(11).fill(0));
    }
    expect(y.subarray(6, 12).every((value) => value !== 0)).toBe(true);
    expectSameBits(bitsOf(same.dk), bitsOf(dk), "dk");
  });
});

describe("NaN", () => {
  const rowsWithNaN = (values: Float32Array, columns: number): number[] => {
    const rows = Array.from({ length: values.length / columns }, (_, i) => i);
    return rows.filter((i) => values.subarray(i * columns, (i + 1) * columns).some(Number.isNaN));
  };

  it("of a query is carried to its row of the first head alone", () => {
    const { y, dq } = run(plain, "4x8", ({ operands }) => {
      operands.q[66 * plain.depth + 2] = NaN;
    });
    expect(rowsWithNaN(y, 6)).toEqual([66]);
    expect(rowsWithNaN(dq, 5)).toEqual([66]);
  });

  it("of a key is carried to all queries that see it", () => {
    const { y } = run({ ...plain, diagonal: 0 }, "4x8", ({ operands }) => {
      operands.k[67 * plain.depth] = NaN;
    });
    expect(rowsWithNaN(y, 6)).toEqual([67, 68, 69]);
  });

  it("of a value is carried to its column", () => {
    const { y } = run(plain, "4x8", ({ operands }) => {
      operands.v[3] = NaN;
    });
    const columns = Array.from(y, (value, i) => (Number.isNaN(value) ? i % 6 : -1));
    expect(new Set(columns.slice(0, 70 * 6))).toEqual(new Set([-1, 3]));
    expect(new Set(columns.slice(70 * 6))).toEqual(new Set([-1]));
  });
});

it("scores as large as ±1e4 neither overflow nor give NaN", () => {
  const { y, dq, dk, dv } = run(plain, "4x8", ({ operands }) => {
    operands.q.forEach((value, i, all) => (all[i] = 3000 * value));
  });
  for (const values of [y, dq, dk, dv]) expect(values.every(Number.isFinite)).toBe(true);
});

/** Trials of several parts or blocks of queries. */
const shared = attentions.filter(({ batch, heads, queries }) => batch * heads > 1 || queries > 64);

describe("instructions", () => {
  const MOST_CHUNKS = 8;

  function prepare(t: AttentionTrial, isGradient: boolean): Prepared {
    const { operands, dy, mask, settings } = drawAttention(t);
    const { kernels } = arena;
    const [q, k, v] = [operands.q, operands.k, operands.v].map((x) => arena.input(x)) as [
      number,
      number,
      number,
    ];
    const maskAt = t.mask ? arena.input(mask) : 0;
    const geometry = geometryOf(t);
    const at = arena.input(geometry);
    const scratchBytes = kernels.attentionScratchBytes(t.keys, t.depth, t.valueDepth);
    const scratch = arena.inout(new Uint8Array(MOST_CHUNKS * scratchBytes).fill(255));
    const { state, numbers } = dropoutWords(t);
    const random = t.dropout ? arena.input(state) : 0;
    const [stream, threshold, kept] = numbers;
    const rows = t.batch * t.heads * t.queries;
    const scale = settings.scale;
    const last = [at, scale, random, ...numbers, scratch] as const;
    const list = [...geometry];
    if (!isGradient) {
      const [y, logSumExp] = [arena.output(dy.length), arena.output(rows)];
      return {
        instruction: instruction("attention", {
          q,
          k,
          v,
          mask: maskAt,
          y,
          logSumExp,
          scale: float(scale),
          random,
          stream,
          threshold,
          kept: float(kept),
          scratch,
          scratchBytes,
          geometry: list,
        }),
        written: [
          { at: y, count: dy.length },
          { at: logSumExp, count: rows },
        ],
        plain: () => kernels.attention(q, k, v, maskAt, y, logSumExp, ...last),
      };
    }
    const [y, logSumExp] = [arena.inout(dy), arena.inout(new Float32Array(rows).fill(2))];
    const dyAt = arena.input(dy);
    const sizes = [operands.q.length, operands.k.length, operands.v.length];
    const [dq, dk, dv] = sizes.map((n) => arena.output(n)) as [number, number, number];
    return {
      instruction: instruction("attentionGrad", {
        q,
        k,
        v,
        mask: maskAt,
        y,
        logSumExp,
        dy: dyAt,
        dq,
        dk,
        dv,
        scale: float(scale),
        random,
        stream,
        threshold,
        kept: float(kept),
        scratch,
        scratchBytes,
        geometry: list,
      }),
      written: [dq, dk, dv].map((at, i) => ({ at, count: sizes[i]! })),
      plain() {
        kernels.attentionGrad(q, k, v, maskAt, y, logSumExp, dyAt, dq, dk, dv, ...last);
      },
    };
  }

  it.each([false, true])(
    "have the bits of their kernels in any chunks, gradient: %s",
    (isGradient) => {
      for (const [i, t] of shared.entries()) {
        arena.reset({ shift: i % 4 });
        checkChunks(arena, table, prepare(t, isGradient), JSON.stringify(t));
      }
      expect(shared.length).toBeGreaterThan(20);
    },
  );
});
