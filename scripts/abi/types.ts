import { type Instruction, type Word, type WordType, renamed } from "./instruction.ts";
import type { Declarations, StateClass } from "./read.ts";

/** build/instructions.ts and build/constants.ts: what TypeScript knows of assembly/. */

const TYPES: Readonly<Record<WordType, string>> = {
  kernel: "",
  epilogue: '-1 | InstructionWords<A>["map"]["kernel"]',
  slope: '-1 | InstructionWords<A>["mapGrad"]["kernel"]',
  address: "A",
  optionalAddress: "A | 0",
  int: "number",
  float: "Float",
  flag: "boolean",
  list: "readonly (number | A)[]",
  floats: "readonly Float[]",
};

function comment(text: string, indent: string): string {
  if (text === "") return "";
  const lines = text.split("\n").map((line) => `${indent} * ${line}`.trimEnd());
  return lines.length === 1
    ? `${indent}/** ${text} */\n`
    : `${indent}/**\n${lines.join("\n")}\n${indent} */\n`;
}

function word({ name, type, text }: Word, kernels: readonly string[]): string {
  const own = TYPES[type] || kernels.map((kernel) => `"${kernel}"`).join(" | ");
  return `${comment(text, "    ")}    readonly ${name}: ${own};`;
}

function member({ name, text, words, kernels }: Instruction): string {
  const names = kernels.map((kernel) => kernel.name);
  const lines = words.map((one) => word(one, names));
  return `${comment(text, "  ")}  readonly ${name}: {\n${lines.join("\n")}\n  };`;
}

/** The numbers of an optimizer after the learning rate, which comes first. */
function numbers({ name, text, fields }: StateClass): string {
  const own = fields.slice(1).map((field) => {
    return `${comment(field.text, "    ")}    readonly ${field.name}: number;`;
  });
  return `${comment(text, "  ")}  readonly ${shortName(name)}: {\n${own.join("\n")}\n  };`;
}

/** adam, of AdamHyperparameters. */
function shortName(name: string): string {
  const short = name.replace(/Hyperparameters$/, "") || "plain";
  return short[0]!.toLowerCase() + short.slice(1);
}

/** The classes of float64 numbers that kernels read. */
function hyperparameters({ kernels }: Declarations): StateClass[] {
  const found = kernels.flatMap(({ state }) => (state ? [state.class] : []));
  const byName = new Map(found.map((one) => [one.name, one]));
  return [...byName.values()].filter(({ fields }) => fields.every(({ type }) => type === "f64"));
}

/** Names of the numbers of each optimizer after its learning rate. */
export function hyperparametersOf(declarations: Declarations): Map<string, string[]> {
  return new Map(
    hyperparameters(declarations).map(({ name, fields }) => [
      shortName(name),
      fields.slice(1).map((field) => field.name),
    ]),
  );
}

const HEAD = "// Made by scripts/declarations.mjs from the docstrings in assembly/.\n";

/** The types of all instructions' words, in their order. */
export function renderTypes(
  declarations: Declarations,
  instructions: readonly Instruction[],
): string {
  return [
    HEAD,
    "/** The word of a float. */",
    "export type Float = number & { readonly float: true };",
    "",
    "/** The words of each instruction, in order; A is what an address is before memory is laid out. */",
    "export interface InstructionWords<A> {",
    instructions.map(member).join("\n\n"),
    "}",
    "",
    "/** The numbers of each optimizer after its learning rate, in order. */",
    "export interface Hyperparameters {",
    hyperparameters(declarations).map(numbers).join("\n\n"),
    "}",
    "",
  ].join("\n");
}

/** A line of SCRATCH_BYTES. The instruction's words follow the name of the function that unpacks it. */
function scratchLine({ name, words, unpacked }: Instruction): string[] {
  if (unpacked.by !== "docstring" || unpacked.scratch === undefined) return [];
  const places = new Map(words.map((one, i) => [one.name, `(words[${i + 1}] as number)`]));
  return [`  ${name}Instruction: (words) => ${renamed(unpacked.scratch, places)},`];
}

/** The constants that both languages have, and the scratch that kernels declare. */
export function renderConstants(
  { constants, tiles }: Declarations,
  instructions: readonly Instruction[],
): string {
  const lines = [...constants].map(([name, value]) => `export const ${name} = ${value};`);
  const list = tiles.map((tile) => `"${tile}"`).join(", ");
  return [
    HEAD,
    ...lines,
    `export const TILES = [${list}] as const;`,
    "",
    "/** Bytes of scratch of an instruction whose kernel's docstring declares some, from its words. */",
    "export const SCRATCH_BYTES: Record<string, (words: readonly unknown[]) => number> = {",
    ...instructions.flatMap(scratchLine),
    "};",
    "",
  ].join("\n");
}
