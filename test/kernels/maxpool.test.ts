import { beforeAll, describe, it } from "vitest";
import { maxPool } from "../../src/reference/pool.ts";
import { length } from "../../src/reference/array64.ts";
import { instruction } from "../../src/wasm/instruction.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { channelCounts, heldPlaces, pools } from "../../src/verify/families/maxpool.ts";
import { windowWords } from "../../src/verify/families/maxpool.ts";
import { floats } from "../../src/verify/numbers.ts";
import { createArena } from "../support/arena.ts";
import { FunctionTable, checkChunks } from "../support/instructions.ts";

let arena: Arena;
let table: FunctionTable;
beforeAll(async () => {
  arena = await createArena();
  table = new FunctionTable(arena);
});

const tried = pools.map((pool) => [JSON.stringify(pool), pool] as const);

describe.each(tried)("%s", (_, pool) => {
  const [batch] = pool.shape;
  const words = windowWords(pool);

  it.each(channelCounts)("with %i channels, in any number of chunks", (channels) => {
    const shape = [...pool.shape, channels];
    const x = floats(length(shape), 1).map((v) => Math.round(4 * v));
    const { data } = maxPool([{ shape, data: Float64Array.from(x) }], pool.poolSize, pool);
    const places = heldPlaces(pool, { shape, data: Float64Array.from(x) });
    arena.reset();
    const [xAt, windowsAt] = [arena.input(x), arena.input(words)];
    const [y, placesAt] = [arena.output(data.length), arena.output(places.length)];
    const windows = [...words];
    const written = [{ at: y, count: data.length }];
    checkChunks(arena, table, {
      instruction: instruction("maxPool2d", {
        x: xAt,
        y,
        places: placesAt,
        batch,
        channels,
        windows,
      }),
      written: [...written, { at: placesAt, count: places.length }],
      plain: () => arena.kernels.maxPool2d(xAt, y, placesAt, windowsAt, batch, channels),
    });
    checkChunks(arena, table, {
      instruction: instruction("maxPool2d", { x: xAt, y, places: 0, batch, channels, windows }),
      written,
      plain: () => arena.kernels.maxPool2d(xAt, y, 0, windowsAt, batch, channels),
    });
  });

  it.each(channelCounts)("its gradient with %i channels, likewise", (channels) => {
    const shape = [...pool.shape, channels];
    const image = { shape, data: Float64Array.from(floats(length(shape), 1)) };
    const count = maxPool([image], pool.poolSize, pool).data.length;
    arena.reset();
    const placesAt = arena.input(heldPlaces(pool, image));
    const [dy, windowsAt] = [arena.input(floats(count, 2)), arena.input(words)];
    const dx = arena.output(length(shape));
    checkChunks(arena, table, {
      instruction: instruction("maxPool2dGrad", {
        places: placesAt,
        dy,
        dx,
        batch,
        channels,
        windows: [...words],
      }),
      written: [{ at: dx, count: length(shape) }],
      plain: () => arena.kernels.maxPool2dGrad(placesAt, dy, dx, windowsAt, batch, channels),
    });
  });
});
