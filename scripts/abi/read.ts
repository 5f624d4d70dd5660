import { readFileSync } from "node:fs";
import ts from "typescript";
import { type Section, sections } from "./sections.ts";

/** The arguments and docstrings of the kernels, read from assembly/. */

export interface Parameter {
  readonly name: string;
  /** The type in AssemblyScript: usize for an address. */
  readonly type: string;
  readonly text: string;
  /** False for an argument that a kernel has for its signature's sake. */
  readonly isRead: boolean;
}

export interface Kernel {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly result: string;
  /** What it computes: its own docstring, after that of the class it maps, if there is one. */
  readonly text: string;
  /** Names whose text is this kernel's own, not its section's. */
  readonly own: ReadonlySet<string>;
}

export interface KernelSection extends Section {
  readonly text: string;
  /** Texts for arguments by their names, of all kernels of the section, and of gradients alone. */
  readonly shared: ReadonlyMap<string, string>;
  readonly gradient: ReadonlyMap<string, string>;
  readonly kernels: readonly Kernel[];
}

/** A docstring in its parts. */
interface Docstring {
  readonly text: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** The arguments of kernels whose names end in Grad, where they differ. */
  readonly gradient: ReadonlyMap<string, string>;
}

const nothing: Docstring = { text: "", parameters: new Map(), gradient: new Map() };

function parseDocstring(comment: string): Docstring {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trimEnd());
  const [text, ...tags] = lines.join("\n").split(/^@/m);
  const of = (tag: string): Map<string, string> =>
    new Map(
      tags.flatMap((entry) => {
        const match = new RegExp(`^${tag} (\\w+) (.*)`, "s").exec(entry);
        return match ? [[match[1]!, match[2]!.replace(/\s+/g, " ").trim()] as const] : [];
      }),
    );
  // A minus at the start of a line would be a list in Markdown.
  return {
    text: text!.trim().replaceAll("\n- ", " - "),
    parameters: of("param"),
    gradient: of("gradient"),
  };
}

/** The docstrings in front of a statement; a file's own is followed by an empty line. */
function docstrings(source: string, statement: ts.Statement): { file?: string; own?: string } {
  const found: { file?: string; own?: string } = {};
  for (const { pos, end } of ts.getLeadingCommentRanges(source, statement.getFullStart()) ?? []) {
    const comment = source.slice(pos, end);
    if (!comment.startsWith("/**")) continue;
    found[source.startsWith("\n\n", end) ? "file" : "own"] = comment;
  }
  return found;
}

/** The class that a kernel hands to one of the generic loops, as in map<Relu>(...). */
function mappedClass(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && node.typeArguments?.[0]) return node.typeArguments[0].getText();
  return ts.forEachChild(node, mappedClass);
}

function isExported({ modifiers }: ts.FunctionDeclaration): boolean {
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
}

interface Source {
  readonly header: Docstring;
  readonly docs: ReadonlyMap<string, Docstring>;
  readonly functions: readonly ts.FunctionDeclaration[];
}

function readSource(file: string): Source {
  const path = new URL(`../../assembly/${file}.ts`, import.meta.url);
  const text = readFileSync(path, "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  let header = nothing;
  const docs = new Map<string, Docstring>();
  const functions: ts.FunctionDeclaration[] = [];
  for (const statement of tree.statements) {
    const { file: ofFile, own } = docstrings(text, statement);
    if (ofFile) header = parseDocstring(ofFile);
    if (!ts.isFunctionDeclaration(statement) && !ts.isClassDeclaration(statement)) continue;
    if (own) docs.set(statement.name!.text, parseDocstring(own));
    if (ts.isFunctionDeclaration(statement) && isExported(statement)) functions.push(statement);
  }
  return { header, docs, functions };
}

function readKernel(declaration: ts.FunctionDeclaration, { docs }: Source, shared: Docstring) {
  const name = declaration.name!.text;
  const own = docs.get(name) ?? nothing;
  const mapped = declaration.body && mappedClass(declaration.body);
  const ofClass = (mapped === undefined ? undefined : docs.get(mapped)) ?? nothing;
  const gradient = name.endsWith("Grad") ? shared.gradient : new Map<string, string>();
  const parameters = declaration.parameters.map((parameter): Parameter => {
    const full = parameter.name.getText();
    const plain = full.replace(/^_/, "");
    const text = own.parameters.get(plain) ?? gradient.get(plain) ?? shared.parameters.get(plain);
    if (text === undefined) throw new Error(`${name}: its docstring says nothing of ${plain}`);
    return { name: plain, type: parameter.type!.getText(), text, isRead: full === plain };
  });
  const text = [ofClass.text, own.text].filter((part) => part !== "").join("\n\n");
  if (text === "") throw new Error(`${name}: its docstring does not say what it computes`);
  return {
    ...{ name, parameters, text, own: new Set(own.parameters.keys()) },
    result: declaration.type!.getText(),
  };
}

/**
 * All sections with their kernels, in the order of the files.
 * @param exported the names that a build exports
 * @throws Error for a kernel without a docstring, or with one that leaves an argument out
 */
export function readSections(exported: ReadonlySet<string>): KernelSection[] {
  return sections.map((section) => {
    const sources = section.files.map(readSource);
    const { header } = sources[0]!;
    const kernels = sources.flatMap((source) =>
      source.functions
        .filter(({ name }) => exported.has(name!.text) && !name!.text.endsWith("Record"))
        .map((declaration) => readKernel(declaration, source, header)),
    );
    const { text, parameters: shared, gradient } = header;
    return { ...section, text, shared, gradient, kernels };
  });
}
