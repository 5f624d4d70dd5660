// Writes build/op-methods.ts and build/activation-layers.ts. The first is an interface with a method for every op of src/graph/ops, under the
// docstring that stands where the op is declared. A mapped type over the ops would be the same to
// the compiler, but declaration files print one without docstrings, so no editor would show them.
// The second has a layer for every activation that takes no parameter, under its row's docstring.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../", import.meta.url));
const target = `${root}build/op-methods.ts`;
const layersTarget = `${root}build/activation-layers.ts`;

const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path));
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
const program = ts.createProgram([`${root}src/graph/ops/index.ts`], options);
const checker = program.getTypeChecker();

/** Writes a file unless it is there with the same text, so that no watcher repeats tests for it. */
function write(path, text) {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The types that methods mention, by the file that declares them. */
const mentioned = new Map();

/** The symbol that a name stands for, through imports. */
function resolve(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** Collects the types that a type's text names, the library's own apart. */
function mention(node) {
  if (ts.isTypeReferenceNode(node)) {
    const symbol = resolve(checker.getSymbolAtLocation(node.typeName));
    const file = symbol.declarations[0].getSourceFile();
    if (!program.isSourceFileDefaultLibrary(file)) {
      const names = mentioned.get(file.fileName) ?? new Set();
      mentioned.set(file.fileName, names.add(symbol.name));
    }
  }
  ts.forEachChild(node, mention);
}

/** Returns the declaration of an op: the function that `{ sum }` names, or its row in a table. */
function declared(property) {
  const [declaration] = property.declarations;
  if (!ts.isShorthandPropertyAssignment(declaration)) return property;
  return resolve(checker.getShorthandAssignmentValueSymbol(declaration));
}

function docstring(symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  if (text === "") throw new Error(`op-methods: expected a docstring for the op ${symbol.name}`);
  const tags = symbol.getJsDocTags(checker).map((tag) => {
    return `@${tag.name} ${ts.displayPartsToString(tag.text)}`;
  });
  const lines = [text, ...tags].join("\n").split("\n");
  if (lines.length === 1) return `  /** ${text} */`;
  return ["  /**", ...lines.map((line) => `   * ${line}`.trimEnd()), "   */"].join("\n");
}

function parameter(symbol) {
  const { type, questionToken, initializer } = symbol.valueDeclaration;
  if (type) mention(type);
  const text = type?.getText() ?? checker.typeToString(checker.getTypeOfSymbol(symbol));
  return `${symbol.name}${questionToken || initializer ? "?" : ""}: ${text}`;
}

/** An op as a method: without the recorder, which is its first parameter. */
function method(property) {
  const [signature] = checker.getTypeOfSymbol(property).getCallSignatures();
  const parameters = signature.parameters.slice(1).map(parameter);
  const { type } = signature.getDeclaration();
  if (type) mention(type);
  const result = checker.typeToString(signature.getReturnType());
  const symbol = declared(property);
  return `${docstring(symbol)}\n  ${property.name}(${parameters.join(", ")}): ${result};`;
}

function imports() {
  return [...mentioned].map(([file, names]) => {
    const path = relative(dirname(target), file).replaceAll("\\", "/");
    return `import type { ${[...names].sort().join(", ")} } from "${path}";`;
  });
}

const module = checker.getSymbolAtLocation(program.getSourceFile(program.getRootFileNames()[0]));
const table = checker.getExportsOfModule(module).find(({ name }) => name === "ops");
const methods = checker.getTypeOfSymbol(table).getProperties().map(method);
const text = [
  ...imports().sort(),
  "\n/** A method for every op, by its name. */",
  "export interface OpMethods {",
  methods.join("\n\n"),
  "}\n",
].join("\n");
write(target, text);

/** Rows whose layers gelu() makes, with and without { approximate: "tanh" }. */
const FORMS = ["gelu", "geluTanh"];

/** The rows of the table of activations, each with its initializer's members. */
function activationRows() {
  const file = program.getSourceFile(`${root}src/graph/ops/activations.ts`);
  const symbol = checker
    .getExportsOfModule(checker.getSymbolAtLocation(file))
    .find(({ name }) => name === "activationTable");
  return checker.getTypeOfSymbol(symbol).getProperties();
}

/** A layer of an activation, with the text of its row and an example of its own. */
function layer(row) {
  const { name } = row;
  const text = ts.displayPartsToString(row.getDocumentationComment(checker));
  const example = `@example\nconst layer = dense(64, { activation: ${name}() });`;
  const lines = [text, example].join("\n").split("\n");
  return `/**
${lines.map((line) => ` * ${line}`).join("\n")}
 */
export function ${name}(): Activation;
export function ${name}(...none: unknown[]): Activation {
  return plain("${name}", none);
}`;
}

const plainRows = activationRows().filter((row) => {
  return !FORMS.includes(row.name) && !checker.getTypeOfSymbol(row).getProperty("takes");
});
write(
  layersTarget,
  [
    'import { type Activation, plain } from "../src/layers/activations.ts";',
    ...plainRows.map(layer),
    "",
  ].join("\n\n"),
);
