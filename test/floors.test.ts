import { readFileSync, readdirSync } from "node:fs";
import { dirname, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The rooms of src from top to bottom: imports point down, or stay within a room. */
const FLOORS = [
  ["cli"],
  ["verify"],
  ["reference"],
  ["static"],
  ["index"],
  ["remote"],
  ["engine", "kernels", "kernels.wasm", "worker", "callbacks"],
  ["model"],
  ["layers", "losses", "optimizers", "data"],
  ["initializers", "penalties", "schedules", "metrics", "io"],
  ["plan"],
  ["graph"],
  ["threads"],
  ["runtime", "float64"],
];

/** The room that a file of src belongs to: its folder, or its own name. */
function room(file: string): string {
  const [first] = file.split("/");
  return first!.replace(/\.(d\.)?ts$/, "");
}

/** What a file imports of src, types too. */
function imports(file: string): string[] {
  const text = readFileSync(`${root}src/${file}`, "utf8");
  const paths = text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g);
  return [...paths]
    .map(([, path]) => posix.normalize(posix.join(dirname(file), path!)))
    .filter((path) => !path.startsWith("../"));
}

const floorOf = (name: string): number => FLOORS.findIndex((floor) => floor.includes(name));

const files = readdirSync(`${root}src`, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts"));

describe("imports point down", () => {
  it("knows the floor of every file", () => {
    const homeless = files.map(room).filter((name) => floorOf(name) < 0);
    expect(homeless).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it.each(files)("%s", (file) => {
    const here = room(file);
    const climbs = imports(file).filter((path) => {
      const there = room(path);
      return here !== there && floorOf(there) <= floorOf(here);
    });
    expect(climbs).toEqual([]);
  });
});
