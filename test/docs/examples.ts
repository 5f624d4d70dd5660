import { readFileSync } from "node:fs";
import ts from "typescript";
import { fileName, root } from "./blocks.ts";

/**
 * The `@example` of every public function and method, and the script that they make together.
 *
 * An example is two to six lines that an editor shows. It may use everything that the package
 * exports, and the names of Scope (scope.ts). `expression; // text` on a line of its own says what
 * the expression gives: numbers to four digits, nodes by their values, other things as console.log
 * prints them; … stands for anything.
 */

/** The entry points of the package, by the file that each is made from. */
const ENTRIES = {
  "src/index.ts": "gradlane",
  "src/kernels.ts": "gradlane/kernels",
  "src/io/safetensors.ts": "gradlane/safetensors",
  "src/data/digits.ts": "gradlane/digits",
};

/** Interfaces that users implement: the library calls their methods. */
const IMPLEMENTED = ["Callback", "Layer", "Loss", "Network", "Penalty"];

/** A public function or method. */
export interface PublicFunction {
  /** `Engine.compile`. */
  readonly name: string;
  /** The code below its `@example`; undefined if it has none. */
  readonly example: string | undefined;
}

/** A name that an entry point exports for use in code. */
interface Export {
  readonly name: string;
  readonly entry: string;
}

const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
  config: object;
};
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
const program = ts.createProgram(
  Object.keys(ENTRIES).map((file) => root + file),
  options,
);
const checker = program.getTypeChecker();

function exportsOf(file: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(root + file)!)!;
  return checker.getExportsOfModule(module);
}

function resolved(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** All that can be imported and is more than a type. */
export const values: readonly Export[] = Object.entries(ENTRIES).flatMap(([file, entry]) =>
  exportsOf(file)
    .filter((symbol) => resolved(symbol).flags & ts.SymbolFlags.Value)
    .map(({ name }) => ({ name, entry })),
);

function tags(symbol: ts.Symbol, name: string): string[] {
  const found = symbol.getJsDocTags(checker).filter((tag) => tag.name === name);
  return found.map(({ text }) => ts.displayPartsToString(text));
}

/** The name of the class or interface that declares a method. */
function ownerOf(declaration: ts.Declaration): string {
  return (declaration.parent as ts.ClassLikeDeclaration | ts.InterfaceDeclaration).name!.text;
}

/**
 * Returns true if users call a method: it is not private, nor of an interface that users implement.
 */
function isPublicMethod(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (!declaration || !(symbol.flags & ts.SymbolFlags.Method)) return false;
  const name = ts.getNameOfDeclaration(declaration);
  // Symbol.dispose does the same as dispose.
  if (!name || !ts.isIdentifier(name) || IMPLEMENTED.includes(ownerOf(declaration))) return false;
  const isLibrary = program.isSourceFileDefaultLibrary(declaration.getSourceFile());
  return !isLibrary && tags(symbol, "internal").length === 0;
}

/** The public functions of an exported name: itself, or the methods of a class or an interface. */
function functionsOf(exported: ts.Symbol): [name: string, symbol: ts.Symbol][] {
  const symbol = resolved(exported);
  const { name } = exported;
  if (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) {
    const type = checker.getTypeOfSymbol(symbol);
    return type.getCallSignatures().length > 0 ? [[name, symbol]] : [];
  }
  const holds = symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface);
  if (!holds) return [];
  const members = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  return members.filter(isPublicMethod).map((member) => {
    return [`${ownerOf(member.declarations![0]!)}.${member.name}`, member];
  });
}

/** Every public function once: graphs of both kinds share the methods of their ops. */
export const publicFunctions: readonly PublicFunction[] = (() => {
  const found = new Map<ts.Declaration, PublicFunction>();
  for (const [name, symbol] of Object.keys(ENTRIES).flatMap(exportsOf).flatMap(functionsOf)) {
    const declaration = symbol.declarations![0]!;
    const [example] = tags(symbol, "example");
    if (!found.has(declaration)) found.set(declaration, { name, example });
  }
  return [...found.values()];
})();

/** Imports of what code uses; an example has none of its own, as its lines stand in a function. */
function importLines(code: string): string[] {
  const used = values.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(code));
  return used.map(({ name, entry }) => `import { ${name} } from "${entry}";`);
}

/** `expression; // text` as a call that prints what the expression gives. */
function shown(line: string, graph: string): string {
  const [, expression] = /^(?!const |let |for |if |console)(\S.*); \/\/ /.exec(line) ?? [];
  return expression === undefined ? line : `show(${expression}${graph});`;
}

/** Returns the values that an example promises of its expressions. */
export function promisedValues(code: string): { line: number; text: string }[] {
  return code.split("\n").flatMap((line, i) => {
    const [, text] = /^\S.*; \/\/ (.*)$/.exec(line) ?? [];
    return text === undefined || /^(?:const|let) /.test(line) ? [] : [{ line: i, text }];
  });
}

/** Names that examples take from the scope. */
const SCOPE = ["engine", "net", "model", "g", "train", "test", "training"];

function body(code: string, line: number, typed: boolean): string {
  const used = SCOPE.filter((name) => new RegExp(`\\b${name}\\b`).test(code));
  const graph = used.includes("g") ? ", g" : "";
  const lines = code.split("\n");
  const parameter = `{ ${used.join(", ")} }${typed ? ": Scope" : ""}`;
  // Two braces, so that the example may declare the names of the scope anew.
  const head = `examples.push({ line: ${line}, run: async (${parameter}) => {{`;
  return [head, ...lines.map((text) => shown(text, graph)), "}}});"].join("\n");
}

/** An example in the script: its first line there, from 1. */
export interface Placed {
  readonly name: string;
  readonly code: string;
  readonly line: number;
}

/** Examples that are files of their own, such as a worker's module. */
export const files = publicFunctions.flatMap(({ example = "" }) => {
  const name = fileName({ file: "", line: 0, language: "js", code: example });
  return name === undefined ? [] : [{ name, code: [...importLines(example), example].join("\n") }];
});

export const examples = publicFunctions.filter(({ example = "" }) => {
  return fileName({ file: "", line: 0, language: "js", code: example }) === undefined && example;
});

/** All examples as one script. @param typed whether it is TypeScript */
export function scriptOf(typed: boolean): { text: string; placed: readonly Placed[] } {
  const all = examples.map(({ example }) => example).join("\n");
  const head = [
    `import { ${typed ? "type Example, type Scope, " : ""}runAll, show } from "./scope.mjs";`,
    ...importLines(all),
    `const examples${typed ? ": Example[]" : ""} = [];`,
  ];
  const placed: Placed[] = [];
  let lines = head.length;
  const bodies = examples.map(({ name, example }) => {
    const text = body(example!, lines + 2, typed);
    placed.push({ name, code: example!, line: lines + 2 });
    lines += text.split("\n").length;
    return text;
  });
  return { text: [...head, ...bodies, "await runAll(examples);"].join("\n"), placed };
}

/** The source of the module that the script imports. */
export const scopeSource = readFileSync(`${root}test/docs/scope.ts`, "utf8");
