import { expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import * as gradlane from "../../src/index.ts";
import { buildBytes } from "../../src/wasm/build.ts";
import { golden, goldenLong, trainColdAndWarm } from "./golden.mjs";

/** A custom section of its own, without which engines reuse the code that they have of a module. */
const MARK = [0, 5, 4, ...new TextEncoder().encode("cold")];

it("one seed gives one set of weights, cold and after ten thousand steps", async () => {
  const module = new Uint8Array([...(await buildBytes("strict")), ...MARK]);
  // The tile is given, so that nothing has run before.
  const engine = await gradlane.createEngine({ module, tile: "4x8" });
  const { train } = await loadDigits();
  const hashes = await trainColdAndWarm(gradlane, engine, train);
  expect(hashes).toEqual({ cold: golden, long: goldenLong, warm: golden });
});
