import type ts from "typescript";

/** Docstrings in assembly/, in their parts. */

/** A docstring: its text, and what its tags say. */
export interface Docstring {
  readonly text: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The arguments of kernels whose names end in Grad, where they differ. */
  readonly gradient: ReadonlyMap<string, string>;
  /** Lists that follow the fields of an instruction's class. */
  readonly lists: ReadonlyMap<string, string>;
  /** Tags without a name, such as @section TITLE and @instruction, in order. */
  readonly tags: readonly Tag[];
}

/** A tag and what follows it. */
export interface Tag {
  readonly name: string;
  readonly text: string;
}

export const nothing: Docstring = {
  text: "",
  parameters: new Map(),
  gradient: new Map(),
  lists: new Map(),
  tags: [],
};

/** Tags whose text begins with a name. */
const NAMED = ["param", "gradient", "list"];

/** Takes a docstring apart. */
export function parseDocstring(comment: string): Docstring {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const [text, ...rest] = lines.join("\n").split(/(?:^|(?<=\. )) ?@/m);
  const tags = rest.map((entry): Tag => {
    const [, name, text] = /^(\w+)\s*(.*)$/s.exec(entry)!;
    return { name: name!, text: text!.replace(/\s+/g, " ").trim() };
  });
  const of = (name: string): Map<string, string> =>
    new Map(
      tags
        .filter((tag) => tag.name === name)
        .map(({ text }) => [text.split(" ")[0]!, text.split(" ").slice(1).join(" ")]),
    );
  return {
    // A minus at the start of a line would be a list in Markdown.
    text: text!.trim().replaceAll("\n- ", " - "),
    parameters: of("param"),
    gradient: of("gradient"),
    lists: of("list"),
    tags: tags.filter(({ name }) => !NAMED.includes(name)),
  };
}

/** Returns the docstrings before a node, in order, each with the place where it ends. */
export function docstringsBefore(
  compiler: typeof ts,
  source: string,
  node: ts.Node,
): { docstring: Docstring; end: number }[] {
  const comments = compiler.getLeadingCommentRanges(source, node.getFullStart()) ?? [];
  return comments
    .map(({ pos, end }) => ({ comment: source.slice(pos, end), end }))
    .filter(({ comment }) => comment.startsWith("/**"))
    .map(({ comment, end }) => ({ docstring: parseDocstring(comment), end }));
}
