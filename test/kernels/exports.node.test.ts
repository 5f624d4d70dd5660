import { readFileSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { declared } from "../../scripts/abi/instruction.ts";
import { readDeclarations } from "../../scripts/abi/read.ts";
import { compileBuild, isKernel } from "../../src/wasm/build.ts";
import { build } from "../support/arena.ts";

const instructions = declared(readDeclarations());

it("exports instructions as they are declared, and what runs programs", async () => {
  const names = WebAssembly.Module.exports(await compileBuild(build))
    .filter(({ kind, name }) => kind === "function" && !isKernel(name))
    .map(({ name }) => name);
  const known = instructions.map(({ name }) => `${name}Instruction`);
  const programs = ["runProgram", "startProgram", "helpProgram"];
  expect(names.toSorted()).toEqual([...known, ...programs].toSorted());
});

it("has a test of every instruction that is not derived from its kernel's docstring", () => {
  const folder = new URL("./", import.meta.url);
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(new URL(file, folder), "utf8"));
  const named = new Set(texts.join("\n").match(/(?<=")\w+(?=")/g));
  const byHand = instructions.filter(({ unpacked }) => unpacked.by !== "docstring");
  expect(byHand.map(({ name }) => name).filter((name) => !named.has(name))).toEqual([]);
});
