import { beforeAll, expect, it } from "vitest";
import type { Arena } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
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
