import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { declared } from "../../scripts/abi/instruction.ts";
import { readDeclarations } from "../../scripts/abi/read.ts";
import { render } from "../../scripts/abi/render.ts";
import { buildBytes, isKernel } from "../../src/wasm/build.ts";
import { build } from "../support/arena.ts";

const declarations = readDeclarations();
const { sections } = declarations;
const instructions = declared(declarations);

let exported: Set<string>;
beforeAll(async () => {
  const module = await WebAssembly.compile(await buildBytes(build));
  const functions = WebAssembly.Module.exports(module).filter(({ kind }) => kind === "function");
  exported = new Set(functions.map(({ name }) => name));
});

describe("docs/kernel-abi.md", () => {
  it("is what npm run docs:abi writes", async () => {
    const document = readFileSync(new URL("../../docs/kernel-abi.md", import.meta.url), "utf8");
    expect(document).toBe(await render(sections, instructions));
  });

  it("has every export that a host may call, once", () => {
    const documented = sections.flatMap(({ kernels }) => kernels.map(({ name }) => name));
    const callable = [...exported].filter(isKernel);
    expect(documented.toSorted()).toEqual(callable.toSorted());
    expect(documented.length).toBeGreaterThan(100);
  });

  it("describes no argument that no kernel of the section has", () => {
    for (const { title, shared, gradient, kernels } of sections) {
      const known = new Set(kernels.flatMap(({ parameters }) => parameters.map((p) => p.name)));
      const stale = [...shared.keys(), ...gradient.keys()].filter((name) => !known.has(name));
      expect(stale, title).toEqual([]);
    }
  });

  it("says of every address what lies there", () => {
    const addresses = sections.flatMap(({ kernels }) =>
      kernels.flatMap(({ name, parameters }) =>
        parameters.filter((p) => p.type === "usize").map((p) => `${name}: ${p.name} ${p.text}`),
      ),
    );
    const vague = addresses.filter((text) => !/ (reads|writes|updates|scratch|sgemmS)/.test(text));
    expect(vague).toEqual([]);
  });
});
