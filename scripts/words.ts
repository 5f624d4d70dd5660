import type { Rolldown } from "tsdown";

/** Functions whose second argument is an object for its names' sake: they take its values in order. */
const CALLED = new Set(["instruction", "hyperparameters"]);

/** A node of the syntax tree, in the form of https://github.com/estree/estree. */
interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Call extends SyntaxNode {
  readonly callee: SyntaxNode & { readonly name?: string };
  readonly arguments: readonly SyntaxNode[];
}

interface Literal extends SyntaxNode {
  readonly properties: readonly (SyntaxNode & { readonly value?: SyntaxNode })[];
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof (value as Partial<SyntaxNode> | null)?.type === "string";
}

/** Collects the object literals that such functions are called with. */
function addLiterals(node: SyntaxNode, found: Literal[]): void {
  if (node.type === "CallExpression") {
    const { callee, arguments: args } = node as Call;
    const [, words] = args;
    if (CALLED.has(callee.name ?? "") && words?.type === "ObjectExpression") {
      found.push(words as Literal);
    }
  }
  for (const value of Object.values(node)) {
    for (const child of [value].flat() as unknown[]) if (isNode(child)) addLiterals(child, found);
  }
}

/** The same code with lists of values for the literals. */
function withLists(code: string, literals: readonly Literal[]): string {
  let text = code;
  for (const { start, end, properties } of literals.toSorted((a, b) => b.start - a.start)) {
    const values = properties.map(({ value }) => code.slice(value!.start, value!.end));
    text = `${text.slice(0, start)}[${values.join(", ")}]${text.slice(end)}`;
  }
  return text;
}

/**
 * A plugin that leaves out the names of instructions' words, which are for those who read the source: 0.5 kB
 * of a program that trains.
 */
export const unnamedWords: Rolldown.Plugin = {
  name: "unnamed-words",
  transform(code, id) {
    if (!id.endsWith(".ts") || ![...CALLED].some((name) => code.includes(`${name}(`))) return null;
    const literals: Literal[] = [];
    addLiterals(this.parse(code, { lang: "ts" }), literals);
    return literals.length > 0 ? { code: withLists(code, literals), map: null } : null;
  },
};
