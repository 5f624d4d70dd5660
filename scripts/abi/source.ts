import { readFileSync, readdirSync } from "node:fs";
import ts from "typescript";
import { type Docstring, docstringsBefore, nothing } from "./docstring.ts";

/** Functions, classes and constants in the files of assembly/, with their docstrings. */

export interface Source {
  /** Below assembly/, without its extension. */
  readonly file: string;
  /** The docstring that has the section which the file belongs to. */
  readonly header: Docstring;
  readonly docs: ReadonlyMap<string, Docstring>;
  /** Those that are exported. */
  readonly functions: readonly ts.FunctionDeclaration[];
  readonly classes: readonly FoundClass[];
  /** Constants that TypeScript is given, by their names. */
  readonly constants: ReadonlyMap<string, number>;
  readonly tree: ts.SourceFile;
}

/** A member of a class that is laid over words or float64 numbers. */
export interface Member {
  readonly name: string;
  /** The type in AssemblyScript. */
  readonly type: string;
  readonly text: string;
}

export interface FoundClass {
  readonly name: string;
  readonly file: string;
  readonly doc: Docstring;
  /** The class that it extends. */
  readonly base: string | undefined;
  /** Its own fields, in order. */
  readonly fields: readonly Member[];
  readonly getters: readonly string[];
  readonly methods: readonly string[];
}

const folder = new URL("../../assembly/", import.meta.url);

const isExported = ({ modifiers }: ts.FunctionDeclaration): boolean =>
  modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;

function readClass(file: string, source: string, node: ts.ClassDeclaration, doc: Docstring) {
  const members = node.members.filter(ts.isPropertyDeclaration);
  const named = (test: (member: ts.Node) => boolean): string[] =>
    node.members.filter(test).map((member) => member.name!.getText());
  return {
    ...{ name: node.name!.text, file, doc },
    base: node.heritageClauses?.[0]?.types[0]?.expression.getText(),
    fields: members.map((member): Member => {
      const own = docstringsBefore(ts, source, member).at(-1)?.docstring ?? nothing;
      return { name: member.name.getText(), type: member.type!.getText(), text: own.text };
    }),
    getters: named(ts.isGetAccessor),
    methods: named(ts.isMethodDeclaration),
  };
}

/** Adds the constants of a statement that is tagged @shared. */
function addConstants(statement: ts.VariableStatement, constants: Map<string, number>): void {
  for (const { name, initializer } of statement.declarationList.declarations) {
    const value = Number(initializer?.getText());
    if (Number.isNaN(value)) throw new Error(`${name.getText()}: expected a number to share`);
    constants.set(name.getText(), value);
  }
}

function readSource(file: string): Source {
  const text = readFileSync(new URL(`${file}.ts`, folder), "utf8");
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  let header = nothing;
  const docs = new Map<string, Docstring>();
  const functions: ts.FunctionDeclaration[] = [];
  const classes: FoundClass[] = [];
  const constants = new Map<string, number>();
  for (const statement of tree.statements) {
    for (const { docstring, end } of docstringsBefore(ts, text, statement)) {
      const isOwn = !text.startsWith("\n\n", end);
      if (!isOwn && docstring.tags.some(({ name }) => name === "section")) header = docstring;
      if (!isOwn) continue;
      if (ts.isVariableStatement(statement)) {
        if (docstring.tags.some(({ name }) => name === "shared"))
          addConstants(statement, constants);
      } else if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
        docs.set(statement.name!.text, docstring);
      }
    }
    if (ts.isFunctionDeclaration(statement) && isExported(statement)) functions.push(statement);
    if (!ts.isClassDeclaration(statement)) continue;
    classes.push(readClass(file, text, statement, docs.get(statement.name!.text) ?? nothing));
  }
  return { file, header, docs, functions, classes, constants, tree };
}

/** Returns the files of assembly/, in the order of their names. */
export function readSources(): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => readSource(file.slice(0, -".ts".length)));
}
