import { readFileSync } from "node:fs";
import { format, resolveConfig } from "prettier";
import type { Kernel, KernelSection } from "./read.ts";

/** docs/kernel-abi.md from what was read. */

const introduction = new URL("introduction.md", import.meta.url);

function signature({ name, parameters, result }: Kernel): string {
  const list = parameters.map((p) => `${p.isRead ? "" : "_"}${p.name}: ${p.type}`);
  const line = `${name}(${list.join(", ")}): ${result}`;
  return line.length <= 100 ? line : `${name}(\n  ${list.join(",\n  ")},\n): ${result}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return "";
  const lines = rows.map(([name, text]) => `| \`${name}\` | ${text.replaceAll("|", "\\|")} |`);
  return ["| argument | |", "| --- | --- |", ...lines].join("\n");
}

/** What the arguments of all kernels of a section are, where a kernel does not say it of its own. */
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

/** The document as it is to be committed. */
export async function render(sections: readonly KernelSection[]): Promise<string> {
  const parts = [readFileSync(introduction, "utf8"), ...sections.map(sectionText)];
  const config = await resolveConfig(introduction);
  return format(parts.join("\n\n"), { ...config, parser: "markdown" });
}
