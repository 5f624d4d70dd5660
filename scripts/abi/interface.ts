import type { Kernel, KernelSection } from "./read.ts";

/** build/kernel-functions.ts from what was read: the kernels as TypeScript calls them. */

/** Returns the type of TypeScript that stands for a type of AssemblyScript. */
function typeOf(type: string): string {
  return { bool: "boolean", void: "void" }[type] ?? "number";
}

function member({ name, parameters, result, text }: Kernel): string {
  const tags = parameters.map((p) => `@param ${p.name} ${p.type}: ${p.text}`);
  const list = parameters.map((p) => `${p.name}: ${typeOf(p.type)}`);
  const lines = [text, ...tags].join("\n").split("\n");
  const comment = lines.map((line) => `   * ${line}`.trimEnd()).join("\n");
  return `  /**\n${comment}\n   */\n  readonly ${name}: (${list.join(", ")}) => ${typeOf(result)};`;
}

/** The interface with every kernel that a host may call, as a module. */
export function renderInterface(sections: readonly KernelSection[]): string {
  const members = sections.flatMap(({ kernels }) => kernels.map(member));
  return [
    "/** The kernels, each with its arguments: addresses in bytes, counts in elements. */",
    "export interface KernelFunctions {",
    members.join("\n\n"),
    "}\n",
  ].join("\n");
}
