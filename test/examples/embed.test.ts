import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { matmul } from "../../src/reference/matmul.ts";
import { expectWithin } from "../support/expect.ts";
import { floats } from "../../src/verify/numbers.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const folder = join(root, "examples/embed");
const readme = readFileSync(join(folder, "README.md"), "utf8");

/** Returns the output of a program. */
function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: root, encoding: "utf8" });
}

/** Returns the output of a script that the README promises, and test/docs compares. */
function promised(script: string): string {
  const [, lines] = new RegExp(`^\\$ node examples/embed/${script}\n(.*?)^\`\`\``, "ms").exec(
    readme,
  )!;
  return lines!;
}

const node = process.execPath;

describe("examples/embed", () => {
  it("reads digits right nine times out of ten", () => {
    expect(Number(/epoch 20: accuracy (.*)/.exec(promised("train.mjs"))![1])).toBeGreaterThan(0.89);
  });

  it("has a host that knows nothing of gradlane but the module", () => {
    const imports = readFileSync(join(folder, "raw.mjs"), "utf8").matchAll(/from "(.*)"/g);
    expect(Array.from(imports, ([, name]) => name)).toEqual(["node:fs/promises", "node:url"]);
  });
});

/** Folder of WABT's header and library, which Debian's package wabt puts in /usr. */
const prefix = process.env.GRADLANE_WABT ?? "/usr";
const hasWabt = existsSync(join(prefix, "include/wabt/interp/interp.h"));
if (!hasWabt)
  console.warn("examples/embed/host.cpp is NOT tested: there is no wabt to build it with");

describe.runIf(hasWabt)("examples/embed/host.cpp", () => {
  it("gives the bits of raw.mjs, in an interpreter without JavaScript", () => {
    const build = mkdtempSync(join(tmpdir(), "gradlane-host-"));
    const host = join(build, "host");
    try {
      run(
        ...(["c++", "-std=c++17", "-O2", `-I${prefix}/include`, join(folder, "host.cpp")] as const),
        ...[`-L${prefix}/lib`, `-L${prefix}/lib/x86_64-linux-gnu`, "-lwabt", "-o", host],
      );
      expect(run(host, join(root, "dist/strict.wasm"))).toBe(promised("raw.mjs"));
    } finally {
      rmSync(build, { recursive: true });
    }
  });
});

/** Returns the value of a script that uses ndarray.mjs, as it is in JavaScript. */
function evaluate(script: string): unknown {
  const source = `
    import { Arena } from "./examples/embed/ndarray.mjs";
    const arena = await Arena.create(1);
    ${script}
    console.log(JSON.stringify(result));`;
  return JSON.parse(run(node, "--input-type=module", "-e", source));
}

describe("examples/embed/ndarray.mjs", () => {
  const [a, b] = [floats(7 * 9, 1), floats(9 * 8, 2)];
  const given = `
    const a = arena.array(${JSON.stringify([...a])}, 7, 9);
    const b = arena.array(${JSON.stringify([...b])}, 9, 8);`;

  /** a[rows, 2..7] · b[2..7, columns], as JavaScript multiplies. */
  const slice = matmul({
    ...{ m: 3, n: 4, k: 5, alpha: 1 },
    a: { values: a.slice(2 + 9), ld: 9, trans: false },
    b: { values: b.slice(2 * 8 + 3), ld: 8, trans: false },
  }).value;

  it.each([
    ["as they are", "const left = A, right = B;", false],
    ["as transposes of transposes", "const left = A.T.T, right = B.T.T;", false],
    ["after a copy", "const left = A.T.dense().T, right = B.T.dense().T;", false],
    ["the other way round", "const left = B.T, right = A.T;", true],
  ])("multiplies views %s", (_, operands, isTransposed) => {
    const result = evaluate(`${given}
      const A = a.rows(1, 4).columns(2, 7), B = b.rows(2, 7).columns(3, 7);
      ${operands}
      const product = left.matmul(right);
      const result = [...(${isTransposed} ? product.T : product).toArray()];`) as number[];
    expectWithin(Float32Array.from(result), slice, () => 1e-6);
  });

  it("adds rows, sums along both axes, and takes softmax row by row", () => {
    const [sums, total, softmax] = evaluate(`${given}
      const y = b.add(b.rows(0, 1));
      const p = b.softmax();
      const result = [[...y.sub(b).sum(0).toArray()], [...b.T.sum(1).toArray()],
        [...p.sum(1).toArray()]];`) as [number[], number[], number[]];
    const first = Array.from(b.slice(0, 8), (x) => 9 * x);
    expectWithin(Float32Array.from(sums), first, () => 1e-5);
    const columns = first.map((_, j) => b.filter((_, i) => i % 8 === j).reduce((x, y) => x + y));
    expectWithin(Float32Array.from(total), columns, () => 1e-5);
    expectWithin(Float32Array.from(softmax), new Array<number>(9).fill(1), () => 1e-6);
  });

  it("frees what a scope allocates, and says when memory is full", () => {
    const result = evaluate(`
      const before = arena.allocate(0);
      for (let i = 0; i < 100; i++) arena.scope(() => arena.zeros(100, 1000));
      let message = "";
      try { arena.zeros(1000, 1000); } catch (error) { message = error.message; }
      const result = [arena.allocate(0) === before, message];`);
    expect(result).toEqual([true, "arena: expected room for 4000000 bytes, 1048512 are left"]);
  });

  it("refuses shapes that do not fit", () => {
    const result = evaluate(`${given}
      const result = [() => a.matmul(a), () => a.add(b)].map((run) => {
        try { run(); } catch (error) { return error.message; }
      });`);
    expect(result).toEqual([
      "matmul: expected 9 rows on the right, got 7",
      "add: expected [7,9], got [9,8]",
    ]);
  });
});
