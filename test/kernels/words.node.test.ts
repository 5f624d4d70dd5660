import { readFileSync, readdirSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { declared } from "../../scripts/abi/instruction.ts";
import { readDeclarations } from "../../scripts/abi/read.ts";
import { hyperparametersOf } from "../../scripts/abi/types.ts";

/**
 * Words of instructions, and hyperparameters of optimizers, are the values of object literals in the order
 * in which they are written: it has to be that of their declarations in assembly/.
 */

const declarations = readDeclarations();

/** Names in their order, by the function that takes them and the name that it is given. */
const orders: Readonly<Record<string, ReadonlyMap<string, readonly string[]>>> = {
  instruction: new Map(
    declared(declarations).map(({ name, words }) => [name, words.map((word) => word.name)]),
  ),
  hyperparameters: hyperparametersOf(declarations),
};

const folder = new URL("../../", import.meta.url);

const files = ["src", "test"].flatMap((room) =>
  readdirSync(new URL(room, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules"))
    .map((file) => `${room}/${file}`),
);

/** Returns the fault of a call of one of these functions, if it has one. */
function faultOf({ expression, arguments: [name, words] }: ts.CallExpression): string | undefined {
  const known = orders[expression.getText()];
  if (!known || !name) return undefined;
  if (!ts.isStringLiteral(name)) return `expected a name as a literal, got ${name.getText()}`;
  if (!words || !ts.isObjectLiteralExpression(words)) return "expected an object literal";
  const given = words.properties.map((property) => property.name?.getText() ?? property.getText());
  const wanted = known.get(name.text) ?? [];
  if (given.join() === wanted.join()) return undefined;
  return `expected ${wanted.join(", ")}, got ${given.join(", ")}`;
}

/** The calls of these functions in a text: how many there are, and what is wrong with them. */
function check(file: string, text: string): { calls: number; faults: string[] } {
  const faults: string[] = [];
  let calls = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && Object.hasOwn(orders, node.expression.getText())) {
      calls++;
      const fault = faultOf(node);
      const { line } = tree.getLineAndCharacterOfPosition(node.getStart());
      if (fault !== undefined) faults.push(`${file}:${line + 1}: ${fault}`);
    }
    ts.forEachChild(node, visit);
  };
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  visit(tree);
  return { calls, faults };
}

it("are written in their order in src and test", () => {
  const checked = files.map((file) => check(file, readFileSync(new URL(file, folder), "utf8")));
  expect(checked.flatMap(({ faults }) => faults)).toEqual([]);
  expect(checked.reduce((sum, { calls }) => sum + calls, 0)).toBeGreaterThan(50);
});

describe("are refused", () => {
  it.each([
    ["in another order", 'instruction("sgd", { g, p, n, hyperparameters });'],
    ["with a spread", 'instruction("sgd", { ...blocks, n, hyperparameters });'],
    ["with one missing", 'instruction("sgd", { p, g, n });'],
    ["by a name that is computed", "instruction(name, { p, g, n, hyperparameters });"],
    ["in a variable", 'instruction("sgd", words);'],
    ["of an optimizer", 'hyperparameters("adadelta", { rho, weightDecay, epsilon });'],
  ])("%s", (_, text) => {
    expect(check("text", text).faults).toHaveLength(1);
  });
});
