import { readFileSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { compileBuild } from "../../src/wasm/build.ts";
import { isPlainKernel } from "../../src/verify/families.ts";
import { build } from "../support/arena.ts";

it("exports no record that is not tested", async () => {
  const folder = new URL("../", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const texts = files
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));
  const named = new Set(texts.join("\n").match(/\w+/g));
  const untested = WebAssembly.Module.exports(await compileBuild(build))
    .filter(({ kind, name }) => kind === "function" && !isPlainKernel(name) && !named.has(name))
    .map(({ name }) => name);
  expect(untested).toEqual([]);
});
