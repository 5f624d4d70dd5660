import { describe, expect, it } from "vitest";
import { compileBuild, instantiateBuild } from "../../src/wasm/build.ts";
import { type Tile, TILES, tileSize } from "../../src/wasm/tiles.ts";
import { PAGES, ADDRESSES, PRODUCT, fastestTile, multiply } from "../../src/wasm/tile-timing.ts";

/** Results of the timed product: C, and A and B as they were packed for the tile. */
async function product(tile: Tile): Promise<{ c: Float32Array; scratch: Float32Array }> {
  const memory = new WebAssembly.Memory({ initial: PAGES });
  const kernels = await instantiateBuild(memory, await compileBuild("strict"));
  const { m, n, k } = PRODUCT;
  const floats = (at: number, count: number): Float32Array =>
    new Float32Array(memory.buffer, at, count);
  const scratch = floats(ADDRESSES.scratch, kernels.sgemmScratchBytes(m, n, k) / 4);
  floats(ADDRESSES.a, m * k).forEach((_, i, a) => (a[i] = (i % 61) / 61));
  floats(ADDRESSES.b, k * n).forEach((_, i, b) => (b[i] = (i % 53) / 53 - 0.5));
  kernels.setTile(...tileSize(tile));
  multiply(kernels, 1);
  return { c: floats(ADDRESSES.c, m * n), scratch };
}

describe("the product that tiles are timed by", () => {
  it("runs through the tile that is set, and gives the same bits with each", async () => {
    const products = await Promise.all(TILES.map(product));
    const [first] = products;
    for (const { c } of products) expect(c).toEqual(first!.c);
    // 3 x 8 and 4 x 8 pack B alike and A differently, and so on: no two leave the same scratch.
    const packed = new Set(products.map(({ scratch }) => scratch.join(" ")));
    expect(packed.size).toBe(TILES.length);
  });

  it("consists of whole tiles", () => {
    for (const [rows, columns] of TILES.map(tileSize)) {
      expect([PRODUCT.m % rows, PRODUCT.n % columns]).toEqual([0, 0]);
    }
  });

  it("has places that do not overlap", () => {
    const { m, n, k } = PRODUCT;
    const { a, b, c, scratch } = ADDRESSES;
    expect(a + 4 * m * k).toBeLessThanOrEqual(b);
    expect(b + 4 * k * n).toBeLessThanOrEqual(c);
    expect(c + 4 * m * n).toBeLessThanOrEqual(scratch);
  });
});

const TRAITS = { revectorize: false, shared: false };

describe("fastestTile", () => {
  it("chooses one of the tiles, and once for a module", async () => {
    const module = await compileBuild("strict");
    const choice = fastestTile(module, TRAITS);
    expect(TILES).toContain(await choice);
    expect(fastestTile(module, TRAITS)).toBe(choice);
  });

  it("says so if the module is no build of gradlane", async () => {
    const empty = new WebAssembly.Module(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
    await expect(fastestTile(empty, TRAITS)).rejects.toThrow(
      new TypeError("module: expected a build of gradlane, it has no export abiVersion"),
    );
  });
});
