import type { Rolldown } from "tsdown";

/** Columns that a line of what is published has at most, but for tokens that are longer. */
const COLUMNS = 120;

/** Longer literals are embedded data: kernels, digits, scripts. They have lines of their own. */
const DATA = 200;

/** Characters after which a line may end if a node begins there, because no statement ends with them. */
const OPEN = ";,{([=:?";

/** A node of the syntax tree, in the form of https://github.com/estree/estree. */
interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  /** Expressions of a template. */
  readonly expressions?: readonly unknown[];
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof (value as Partial<SyntaxNode> | null)?.type === "string";
}

/** Positions at which nodes begin, and at which data begins and ends. */
interface Places {
  readonly starts: number[];
  readonly data: number[];
}

/** Adds the places of a node and all in it. */
function addPlaces(node: SyntaxNode, places: Places): void {
  const { type, start, end, expressions } = node;
  // The text of a template is as it is.
  if (type === "TemplateElement") return;
  places.starts.push(start);
  const isLiteral = type === "Literal" || (type === "TemplateLiteral" && expressions?.length === 0);
  if (isLiteral && end - start > DATA) places.data.push(start, end);
  for (const value of Object.values(node)) {
    for (const child of [value].flat() as unknown[]) if (isNode(child)) addPlaces(child, places);
  }
}

/** The same code in short lines. */
function breakLines(code: string, tree: SyntaxNode): string {
  const places: Places = { starts: [], data: [] };
  addPlaces(tree, places);
  const { starts, data } = places;
  const isBreakable = (at: number): boolean => at > 0 && OPEN.includes(code[at - 1]!);
  const ends = new Set(data.filter((at, i) => i % 2 === 1 || isBreakable(at)));
  const positions = [...new Set([...starts.filter(isBreakable), ...ends])].sort((a, b) => a - b);
  const lines: string[] = [];
  let from = 0;
  positions.push(code.length);
  positions.forEach((at, i) => {
    if (!ends.has(at) && (positions[i + 1] ?? at) - from <= COLUMNS) return;
    if (at > from) lines.push(code.slice(from, at));
    from = at;
  });
  return lines.concat(code.slice(from)).join("\n");
}

/**
 * A plugin that breaks the lines of minified code: Node prints the line in which an uncaught error was
 * thrown before it prints the error.
 */
export const shortLines: Rolldown.Plugin = {
  name: "short-lines",
  generateBundle(_, bundle) {
    for (const output of Object.values(bundle)) {
      if (output.type !== "chunk" || !output.fileName.endsWith(".js")) continue;
      output.code = breakLines(output.code, this.parse(output.code));
    }
  },
};
