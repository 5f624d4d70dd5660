import { transform } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageBytes, labelBytes } from "../data/idx-bytes.ts";
import { pattern } from "./blocks.ts";
import { examples, files, promisedValues, publicFunctions } from "./examples.ts";
import { scopeSource, scriptOf } from "./examples.ts";
import { type Printed, Project } from "./project.ts";

const own = new Project();
afterAll(() => {
  own.remove();
});

describe("public functions", () => {
  it("are found", () => {
    expect(publicFunctions.length).toBeGreaterThan(150);
  });

  it("have an @example each", () => {
    const without = publicFunctions.filter(({ example }) => example === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  });

  it("have examples that an editor can show", () => {
    const long = publicFunctions.filter(({ example = "" }) => example.split("\n").length > 8);
    expect(long.map(({ name }) => name)).toEqual([]);
  });
});

describe("examples of public functions", () => {
  let printed: Printed[] = [];
  beforeAll(async () => {
    own.write("scope.mjs", (await transform(scopeSource, { loader: "ts" })).code);
    for (const { name, code } of files) own.write(name, code);
    own.write("train-images-idx3-ubyte", imageBytes(4, 2, 2));
    own.write("train-labels-idx1-ubyte", labelBytes([0, 1, 0, 1]));
    printed = await own.run(scriptOf(false).text);
  });

  it("type-check", () => {
    const scope = own.write("scope.mts", scopeSource);
    const modules = files.map(({ name, code }) => own.write(name.replace(/js$/, "mts"), code));
    expect(own.faults([scope, ...modules, own.write("examples.mts", scriptOf(true).text)])).toEqual(
      [],
    );
  });

  it.each(scriptOf(false).placed.map((one) => [one.name, one] as const))(
    "%s gives what it says",
    (_name, { code, line }) => {
      const at = printed.filter((one) => {
        return one.line >= line && one.line < line + code.split("\n").length;
      });
      expect(at.filter(({ text }) => text.startsWith("failed: "))).toEqual([]);
      for (const promised of promisedValues(code)) {
        const found = at.find((one) => one.line === line + promised.line);
        expect(found?.text).toMatch(pattern(promised.text));
      }
    },
  );

  it("are as many as there are functions, but for files", () => {
    expect(examples.length + files.length).toBe(publicFunctions.length);
  });
});
