import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { ops } from "../../src/graph/ops/index.ts";
import { loadKernels } from "../../src/kernels.ts";

/** Texts that an editor shows to those who have installed the package. */

const root = fileURLToPath(new URL("../../", import.meta.url));
const user = `${root}test/docs/user.ts`;
const opNames = Object.keys(ops);
const memory = new WebAssembly.Memory({ initial: 1 });
const kernelNames = Object.keys(await loadKernels({ memory, tile: "4x8" }));
const code = [
  'import type { Graph, LayerGraph } from "../../dist/index.js";',
  'import type { Kernels } from "../../dist/kernels.js";',
  "declare const g: Graph, layer: LayerGraph, k: Kernels;",
  ...opNames.map((name) => `g.${name}; layer.${name};`),
  ...kernelNames.map((name) => `k.${name};`),
].join("\n");

const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  target: ts.ScriptTarget.ES2023,
  skipLibCheck: true,
  types: [],
};
const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getCurrentDirectory: () => root,
  getDefaultLibFileName: (settings) => ts.getDefaultLibFilePath(settings),
  getScriptFileNames: () => [user],
  getScriptVersion: () => "1",
  getScriptSnapshot: (path) => ts.ScriptSnapshot.fromString(read(path) ?? ""),
  fileExists: (path) => path === user || ts.sys.fileExists(path),
  readFile: read,
});

function read(path: string): string | undefined {
  return path === user ? code : ts.sys.readFile(path);
}

/** The signature, the docstring and its tags that are shown where the code has `text`. */
function quickInfo(text: string): { signature: string; docstring: string; tags: string[] } {
  const [object] = text.split(".");
  const info = service.getQuickInfoAtPosition(user, code.indexOf(`${text};`) + object!.length + 1);
  return {
    signature: ts.displayPartsToString(info?.displayParts),
    docstring: ts.displayPartsToString(info?.documentation),
    tags: (info?.tags ?? []).map(({ name, text }) => `${name} ${ts.displayPartsToString(text)}`),
  };
}

describe("hovering over a graph's method", () => {
  it.each(opNames)("%s shows its signature and its docstring", (name) => {
    for (const object of ["g", "layer"]) {
      const { signature, docstring } = quickInfo(`${object}.${name}`);
      expect(signature).toMatch(
        new RegExp(`^\\(method\\) OpMethods\\.${name}\\(\\w+: .*\\): ((Int)?Node|\\w+Outputs)$`),
      );
      expect(docstring).toMatch(/\S.*[.]$/s);
    }
  });

  it("shows what stands where the op is declared", () => {
    expect(quickInfo("g.silu").docstring).toBe("x · sigmoid(x), also called swish.");
    const { signature, docstring, tags } = quickInfo("g.matmul");
    expect(signature).toContain(
      "(a: Node, b: Node, transA?: boolean, transB?: boolean, alpha?: number): Node",
    );
    expect(docstring).toContain("op(a) is [..., m, k] and op(b) is [..., k, n]");
    expect(tags[0]).toBe(
      "throws RangeError if one is not a matrix, or sizes or batches do not fit",
    );
    expect(tags[1]).toMatch(/^example const a = g\.constant\(.*\ng\.matmul\(a, a\); \/\/ /);
    expect(quickInfo("g.sum").signature).toContain("axis?: number | readonly number[]");
  });
});

describe("hovering over a kernel", () => {
  it.each(kernelNames)("%s shows its signature, its docstring and its arguments", (name) => {
    const { signature, docstring, tags } = quickInfo(`k.${name}`);
    expect(signature).toMatch(new RegExp(`^\\(property\\) ${name}: \\(.*\\) => \\w+$`));
    expect(docstring).not.toBe("");
    const parameters = signature.match(/\w+\??: (?=number|boolean)/g) ?? [];
    expect(tags).toHaveLength(parameters.length);
  });

  it("shows what stands in assembly/", () => {
    const { docstring, tags } = quickInfo("k.sgemm");
    expect(docstring).toContain("C = alpha · op(A)·op(B) + beta · C");
    expect(tags[6]).toBe(
      "param a usize: reads f32[m, k], or f32[k, m] where transA; rows lda apart",
    );
  });
});
