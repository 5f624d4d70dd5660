import { type Derived, type Instruction, renamed } from "./instruction.ts";
import type { Kernel } from "./read.ts";

/** build/assembly/: the functions that unpack instructions, and the list of exports. */

const LOADS: Readonly<Record<string, string>> = {
  kernel: "load<u32>",
  address: "load<usize>",
  optionalAddress: "load<usize>",
  int: "load<i32>",
  flag: "load<i32>",
  float: "load<f32>",
};

/** Returns the number of times that an expression names an argument. */
function count(expression: string, name: string): number {
  return expression.split(new RegExp(`(?<!\\.)\\b${name}\\b`)).length - 1;
}

/** Loads words that are used more than once, finds the chunk, and calls the kernel. */
function derivedBody({ words, kernels }: Instruction, { cut, passed, state }: Derived): string[] {
  const lines: string[] = [];
  const loads = new Map<string, string>();
  const along = cut?.along ?? "";
  words.forEach(({ name, type }, i) => {
    const word = `${LOADS[type]!}(words, ${4 * i})`;
    const uses = [along, along, ...passed].reduce((sum, text) => sum + count(text, name), 0);
    if (state?.name === name) {
      lines.push(`const ${name} = changetype<${state.class.name}>(${word});`);
    } else if (uses > 1) lines.push(`const ${name} = ${word};`);
    else loads.set(name, word);
  });
  if (cut) {
    const whole = `${renamed(along, loads)}, ${cut.unit}`;
    lines.push(`const from = chunkStart(${whole}, chunk, chunks);`);
    lines.push(`const to = chunkStart(${whole}, chunk + 1, chunks);`);
  } else lines.unshift("if (chunk) return;");
  const args = passed.map((text) => renamed(text, loads)).join(", ");
  const isOne = words[0]?.type !== "kernel";
  const call = isOne ? `${kernels[0]!.name}(` : `call_indirect<void>(${loads.get("kernel")!}, `;
  return [...lines, `${call}${args});`];
}

function bodyOf(instruction: Instruction): string[] {
  const { unpacked } = instruction;
  if (unpacked.by === "docstring") return derivedBody(instruction, unpacked);
  if (unpacked.by === "class") return [`changetype<${unpacked.class}>(words).run(chunk, chunks);`];
  const { name } = unpacked.class;
  return ["if (chunk) return;", `changetype<${name}>(load<usize>(words)).advance();`];
}

function unpacker(instruction: Instruction): string {
  const body = bodyOf(instruction);
  const isCut = body.some((line) => /\bchunks\b/.test(line));
  const parameters = `words: usize, chunk: i32, ${isCut ? "chunks" : "_chunks"}: i32`;
  const lines = body.map((line) => `  ${line}\n`).join("");
  return `export function ${instruction.name}Instruction(${parameters}): void {\n${lines}}`;
}

/** Lines that import or export names from files of assembly/. */
function fromFiles(keyword: string, names: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...names]
    .map(([file, list]) => `${keyword} { ${[...list].join(", ")} } from "../../assembly/${file}";`)
    .sort();
}

/** Names by the files that they are from. */
function byFile(entries: readonly (readonly [file: string, name: string])[]) {
  const names = new Map<string, Set<string>>();
  for (const [file, name] of entries) names.set(file, (names.get(file) ?? new Set()).add(name));
  return names;
}

/** Returns the exports of assembly/ that an instruction's function refers to. */
function references({ unpacked, words, kernels }: Instruction): [file: string, name: string][] {
  if (unpacked.by === "class") return [[unpacked.file, unpacked.class]];
  if (unpacked.by === "state") return [[unpacked.class.file, unpacked.class.name]];
  const { state } = unpacked;
  const [kernel] = kernels;
  return [
    ...(words[0]?.type === "kernel" ? [] : [[kernel!.file, kernel!.name] as [string, string]]),
    ...(state ? [[state.class.file, state.class.name] as [string, string]] : []),
  ];
}

const HEAD = "// Made by scripts/declarations.mjs from the docstrings in assembly/.";

/** The module with the functions of all instructions. */
export function renderUnpackers(instructions: readonly Instruction[]): string {
  const names = byFile([["chunks", "chunkStart"], ...instructions.flatMap(references)]);
  return [HEAD, ...fromFiles("import", names), ...instructions.map(unpacker), ""].join("\n");
}

/** The module that is compiled: kernels, instructions, and what runs programs. */
export function renderExports(kernels: readonly Kernel[]): string {
  const names = byFile(kernels.map(({ file, name }) => [file, name] as const));
  return [
    HEAD,
    ...fromFiles("export", names),
    'export * from "./instructions";',
    'export { helpProgram, runProgram, startProgram } from "../../assembly/program";',
    "",
  ].join("\n");
}
