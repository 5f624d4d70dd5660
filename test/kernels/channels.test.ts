import { beforeAll, describe, expect, it } from "vitest";
import { LINEAR } from "../../build/constants.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { channelShapes } from "../../src/verify/families/channels.ts";
import { EPSILON, samples } from "../../src/verify/families/norm.ts";
import { bitsOf, expectSameBits } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";
import { float, instruction } from "../../src/wasm/instruction.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

describe.each(channelShapes)("%d rows of %d channels", (rows, channels) => {
  it.each([false, true])("are normalised in place, wide: %s", (wide) => {
    const n = rows * channels;
    const x = samples(n, 5);
    arena.reset();
    const [m, v] = [floats(channels, 7, 2, 4), floats(channels, 8, 1, 2)].map((values) =>
      arena.input(wide ? Float64Array.from(values) : values),
    );
    const [w, b] = [arena.input(floats(channels, 9)), arena.input(floats(channels, 10))];
    const scratch = arena.inout(new Float64Array(2 * channels));
    const [at, y, own] = [arena.input(x), arena.output(n), arena.inout(x)];
    const last = [rows, channels, channels, EPSILON, scratch] as const;
    arena.kernels.channelNorm(at, m!, v!, wide, w, b, y, ...last);
    arena.kernels.channelNorm(own, m!, v!, wide, w, b, own, ...last);
    expectSameBits(arena.words(own, n), arena.words(y, n), "in place");
  });
});

describe("channelNorm as an instruction", () => {
  it.each([
    [1, 1, undefined],
    [5, 3, undefined],
    [5, 3, "relu"],
    [2, 130, "tanh"],
    [70, 33, "leakyRelu"],
    // More than a block of floats, and more than one in a row.
    [300, 17, "sigmoid"],
    [3, 2100, "relu"],
  ] as const)("of %d rows and %d channels, then %s", (rows, channels, activation) => {
    for (const wide of [false, true]) {
      arena.reset();
      const n = rows * channels;
      const [m, v] = [floats(channels, 7, 2, 4), floats(channels, 8, 1, 2)].map((values) =>
        arena.input(wide ? Float64Array.from(values) : values),
      ) as [number, number];
      const [w, b] = wide ? [0, 0] : [9, 10].map((seed) => arena.input(floats(channels, seed)));
      const [x, y] = [arena.input(samples(n, 5)), arena.output(n)];
      const scratchBytes = 16 * channels;
      const scratch = arena.inout(new Uint8Array(scratchBytes));
      const prepared = {
        instruction: instruction("channelNorm", {
          x,
          mean: m,
          variance: v,
          wide,
          weight: w!,
          bias: b!,
          y,
          rows,
          cols: channels,
          epsilon: float(EPSILON),
          scratch,
          scratchBytes,
          activation: activation ?? LINEAR,
          parameter: float(0.25),
        }),
        written: [{ at: y, count: n }],
        plain() {
          const { kernels } = arena;
          const sizes = [rows, channels, channels, EPSILON, scratch] as const;
          kernels.channelNorm(x, m, v, wide, w!, b!, y, ...sizes);
          if (activation) kernels[activation](y, y, n, 0.25);
        },
      };
      checkChunks(arena, table, prepared);
    }
  });
});

it("movingAverage takes the largest float for what is larger", () => {
  arena.reset();
  const most = 3.4028234663852886e38;
  const [old, x] = [arena.input([most, 1, NaN]), arena.input([most, most, 1])];
  const y = arena.output(3);
  table.run([instruction("movingAverage", { old, x, y, n: 3, kept: float(0.5), taken: float(2) })]);
  expect([...arena.floats(y, 3)]).toEqual([most, most, NaN]);
});

it("movingAverage, also in place", () => {
  for (const n of [0, 1, 5, 16]) {
    arena.reset();
    const [old, x] = [floats(n, 1), floats(n, 2)];
    const [oldAt, xAt, y] = [arena.input(old), arena.input(x), arena.output(n)];
    const [kept, taken] = [Math.fround(0.9), Math.fround(0.1)];
    const wanted = old.map((v, i) => Math.fround(kept * v) + Math.fround(taken * x[i]!));
    const own = arena.inout(old);
    for (const [from, to] of [
      [oldAt, y],
      [own, own],
    ] as const) {
      table.run([
        instruction("movingAverage", {
          old: from,
          x: xAt,
          y: to,
          n,
          kept: float(kept),
          taken: float(taken),
        }),
      ]);
    }
    arena.checkCanaries();
    expectSameBits(arena.words(y, n), bitsOf(wanted));
    expectSameBits(arena.words(own, n), bitsOf(wanted));
  }
});
