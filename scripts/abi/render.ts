import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import type { Instruction, WordType } from "./instruction.ts";
import type { Kernel, KernelSection } from "./read.ts";

/** docs/kernel-abi.md from what was read. */

const introduction = new URL("introduction.md", import.meta.url);

function signature({ name, parameters, result }: Kernel): string {
  const list = parameters.map((p) => `${p.name}: ${p.type}`);
  const line = `${name}(${list.join(", ")}): ${result}`;
  return line.length <= 100 ? line : `${name}(\n  ${list.join(",\n  ")},\n): ${result}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(([name, text]) => `| \`${name}\` | ${text.replaceAll("|", "\\|")} |`);
  return ["| argument | |", "| --- | --- |", ...lines].join("\n");
}

/** Returns the table of the arguments that kernels of a section share and do not describe themselves. */
function sharedTable({ shared, gradient, kernels }: KernelSection): string {
  const isUsed = (name: string): boolean =>
    kernels.some(({ own, parameters }) => {
      return !own.has(name) && parameters.some((p) => p.name === name);
    });
  const rows = [...shared].filter(([name]) => isUsed(name));
  return table(
    rows.map(([name, text]) => {
      const other = gradient.get(name);
      return [name, other ? `${text}. In gradients: ${other}` : text];
    }),
  );
}

/** Kernels of one docstring, such as an activation and its gradient, under one heading. */
function entry(kernels: readonly Kernel[]): string {
  const [first] = kernels as readonly [Kernel];
  const own = first.parameters.filter(({ name }) => first.own.has(name));
  return [
    `### ${kernels.map(({ name }) => name).join(", ")}`,
    `\`\`\`ts\n${kernels.map(signature).join("\n")}\n\`\`\``,
    first.text,
    table(own.map(({ name, text }) => [name, text])),
  ].join("\n\n");
}

function sectionText(section: KernelSection): string {
  const groups: Kernel[][] = [];
  for (const kernel of section.kernels) {
    const last = groups.at(-1);
    if (last?.[0]?.text === kernel.text) last.push(kernel);
    else groups.push([kernel]);
  }
  const parts = [section.text, sharedTable(section), ...groups.map(entry)];
  return [`## ${section.title}`, ...parts].join("\n\n");
}

/** Types of words as the page has them. */
const WORD_TYPES: Readonly<Record<WordType, string>> = {
  kernel: "u32",
  epilogue: "i32",
  slope: "i32",
  address: "usize",
  optionalAddress: "usize",
  int: "i32",
  float: "f32",
  flag: "bool",
  list: "...",
  floats: "...f32",
};

/** Describes the chunks of an instruction, which threads share. */
function chunksOf({ unpacked, text }: Instruction): string {
  if (unpacked.by === "state") return "one chunk";
  if (unpacked.by === "class") {
    const [, along] = /Chunks are cut (.*?)[.:]/s.exec(text) ?? [];
    return `chunks ${along?.replace(/\s+/g, " ") ?? "as its class says"}`;
  }
  const { along, unit } = unpacked.cut ?? {};
  if (along === undefined) return "one chunk";
  return `chunks along ${along}${unit === 1 ? "" : `, by ${unit}`}`;
}

/** A list of all instructions. */
function instructionText(instructions: readonly Instruction[]): string {
  const lines = instructions.map((instruction) => {
    const { name, words, kernels } = instruction;
    const list = words.map((word) => `${word.name}: ${WORD_TYPES[word.type]}`).join(", ");
    const named = kernels.map((kernel) => `\`${kernel.name}\``).join(", ");
    const last = named === "" ? "" : `; ${named}`;
    return `- \`${name}(${list})\`, ${chunksOf(instruction)}${last}`;
  });
  const text = readFileSync(new URL("instructions.md", import.meta.url), "utf8");
  return [text, ...lines].join("\n");
}

/** The document as it is to be committed. */
export async function render(
  sections: readonly KernelSection[],
  instructions: readonly Instruction[],
): Promise<string> {
  const parts = [
    readFileSync(introduction, "utf8"),
    ...sections.map(sectionText),
    instructionText(instructions),
  ];
  const config = await resolveConfig(introduction);
  return format(parts.join("\n\n"), { ...config, parser: "markdown" });
}
