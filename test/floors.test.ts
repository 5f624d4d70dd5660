import { readFileSync, readdirSync } from "node:fs";
import { dirname, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

/** A folder of sources, in which imports point down, or stay within a room. */
interface Tree {
  readonly folder: string;
  /** Rooms from top to bottom: a file's first folder, or its own name. */
  readonly floors: readonly (readonly string[])[];
  /** Room of every file that the floors do not name; without one, all have to be named. */
  readonly others?: string;
  /** Number of files that there are at least. */
  readonly least: number;
}

const SRC: Tree = {
  folder: "src",
  floors: [
    ["cli"],
    ["verify"],
    ["reference"],
    ["static"],
    ["index"],
    ["remote"],
    ["engine", "kernels", "kernels.wasm", "worker", "callbacks", "charts", "generation"],
    ["model"],
    ["training"],
    ["compile"],
    ["layers", "losses", "optimizers", "data", "stores"],
    ["initializers", "penalties", "schedules", "metrics", "io"],
    ["plan"],
    ["graph"],
    ["threads"],
    ["wasm"],
    ["memory"],
    ["base"],
  ],
  least: 30,
};

const ASSEMBLY: Tree = {
  folder: "assembly",
  floors: [
    ["index", "ceiling"],
    ["program"],
    ["instructions"],
    ["kernels"],
    ["loops"],
    ["math", "float64", "chunks", "chunk-queue"],
    ["simd"],
    ["config", "module"],
  ],
  others: "kernels",
  least: 30,
};

/** The room of a file: its folder, or the file itself; kernels.wasm.d.ts goes with kernels. */
function room({ floors, others }: Tree, file: string): string {
  const [first] = file.split("/");
  const name = first!.replace(/\.(d\.)?ts$/, "");
  return floors.flat().includes(name) ? name : (others ?? name);
}

function floorOf({ floors }: Tree, room: string): number {
  return floors.findIndex((floor) => floor.includes(room));
}

/** Returns what a file imports of its tree: types and what it imports on demand, too. */
function imports({ folder }: Tree, file: string): string[] {
  const text = readFileSync(`${root}${folder}/${file}`, "utf8");
  const paths = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...paths]
    .map(([, path]) => posix.normalize(posix.join(dirname(file), path!)))
    .map((path) => (path.endsWith(".ts") ? path : `${path}.ts`))
    .filter((path) => !path.startsWith("../"));
}

function filesOf({ folder }: Tree): string[] {
  return readdirSync(`${root}${folder}`, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"));
}

/** Finds a circle in a graph of names: those on it, from one of them back to the same. */
function circle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): string[] => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    if (done.has(name)) return [];
    for (const next of graph.get(name) ?? []) {
      const found = visit(next, [...path, name]);
      if (found.length > 0) return found;
    }
    done.add(name);
    return [];
  };
  for (const name of graph.keys()) {
    const found = visit(name, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe("circle", () => {
  it("finds one behind a way that leads to it", () => {
    const graph = { top: ["leaf", "a"], leaf: [], a: ["b"], b: ["leaf", "c"], c: ["a"] };
    expect(circle(new Map(Object.entries(graph)))).toEqual(["a", "b", "c", "a"]);
  });

  it("finds none where two ways meet", () => {
    const graph = { top: ["left", "right"], left: ["leaf"], right: ["leaf"], leaf: [] };
    expect(circle(new Map(Object.entries(graph)))).toEqual([]);
  });
});

describe.each([SRC, ASSEMBLY])("imports in $folder point down", (tree) => {
  const files = filesOf(tree);

  it("knows the floor of every file", () => {
    const homeless = files.filter((file) => floorOf(tree, room(tree, file)) < 0);
    expect(homeless).toEqual([]);
    expect(files.length).toBeGreaterThan(tree.least);
  });

  it.each(files)("%s", (file) => {
    const here = room(tree, file);
    const climbs = imports(tree, file).filter((path) => {
      const there = room(tree, path);
      return here !== there && floorOf(tree, there) <= floorOf(tree, here);
    });
    expect(climbs).toEqual([]);
  });

  it("are of files of at most 300 lines", () => {
    const lines = (file: string): number =>
      readFileSync(`${root}${tree.folder}/${file}`, "utf8").split("\n").length - 1;
    expect(files.filter((file) => lines(file) > 300)).toEqual([]);
  });

  it("go round in no circle", () => {
    expect(circle(new Map(files.map((file) => [file, imports(tree, file)])))).toEqual([]);
  });
});
