import ts from "typescript";
import { type Docstring, type Tag, nothing } from "./docstring.ts";
import { type FoundClass, type Member, type Source, readSources } from "./source.ts";

/** The kernels of assembly/, with all that their docstrings say of them. */

export interface Parameter {
  readonly name: string;
  /** The type in AssemblyScript: usize for an address. */
  readonly type: string;
  readonly text: string;
}

/** Tag @instruction, parsed; instruction.ts explains it. */
export interface InstructionTag {
  readonly name: string;
  /** Names of its words, where they are not those of the kernel's arguments. */
  readonly words?: readonly string[];
  readonly cut?: { readonly along: string; readonly unit: number };
}

/** A field that is the address of an object whose members are arguments of a kernel. */
export interface State {
  readonly name: string;
  readonly class: StateClass;
}

/** A class with all its fields, those of the classes that it extends first. */
export interface StateClass {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly fields: readonly Member[];
  readonly getters: readonly string[];
  readonly advances: boolean;
}

export interface Kernel {
  readonly name: string;
  readonly file: string;
  readonly parameters: readonly Parameter[];
  readonly result: string;
  /** Docstring of the class that it maps, if there is one, and then its own. */
  readonly text: string;
  /** Names whose text is this kernel's own, not its section's. */
  readonly own: ReadonlySet<string>;
  readonly instruction?: InstructionTag;
  readonly state?: State;
}

export interface KernelSection {
  readonly title: string;
  readonly text: string;
  /** Texts for arguments by their names, of all kernels of the section, and of gradients alone. */
  readonly shared: ReadonlyMap<string, string>;
  readonly gradient: ReadonlyMap<string, string>;
  readonly kernels: readonly Kernel[];
}

/** Sections that docs/kernel-abi.md has first, in this order; the others follow by their files. */
const FIRST = ["The module", "Matrix product", "Vectors", "Arithmetic", "Elementary functions"];

/** The class that a kernel hands to one of the generic loops, as in map<Relu>(...). */
function mappedClass(node: ts.Node): string | undefined {
  if (ts.isCallExpression(node) && node.typeArguments?.[0]) return node.typeArguments[0].getText();
  return ts.forEachChild(node, mappedClass);
}

/** @throws Error if a tag @instruction is written otherwise than instruction.ts says */
function instructionOf(kernel: string, text: string): InstructionTag {
  const form = /^((?!cut )\w+)?(?:\(([\w, ]+)\))? ?(?:cut along (.+?)(?: by (\d+))?)?$/.exec(text);
  if (!form) throw new Error(`${kernel}: expected @instruction [NAME] [cut along E], got ${text}`);
  const [, name = kernel, words, along, unit = "1"] = form;
  return {
    name,
    ...(words !== undefined && { words: words.split(", ") }),
    ...(along !== undefined && { cut: { along, unit: Number(unit) } }),
  };
}

/** The first of some docstrings that says whether a function is a kernel, and what it says. */
function kernelTags(docs: readonly Docstring[]): readonly Tag[] {
  for (const { tags } of docs) {
    const found = tags.filter(({ name }) => name === "kernel" || name === "instruction");
    if (found.length > 0) return found;
  }
  return [];
}

/** Tags of a kernel among those for it and its gradient: one that names a gradient is for that. */
function chooseTag(kernel: string, tags: readonly Tag[]): InstructionTag | undefined {
  const named = tags
    .filter(({ name }) => name === "instruction")
    .map(({ text }) => instructionOf(kernel, text));
  if (named.length < 2) return named[0];
  return named.find(({ name }) => name.endsWith("Grad") === kernel.endsWith("Grad"));
}

/** A class by its name, with the fields that it inherits. */
function stateClass(classes: ReadonlyMap<string, FoundClass>, name: string): StateClass {
  const found = classes.get(name);
  if (!found) throw new Error(`@state: expected a class, got ${name}`);
  const { file, doc, base, fields, getters, methods } = found;
  const inherited = base === undefined ? undefined : stateClass(classes, base);
  return {
    ...{ name, file, text: doc.text },
    fields: [...(inherited?.fields ?? []), ...fields],
    getters: [...(inherited?.getters ?? []), ...getters],
    advances: methods.includes("advance"),
  };
}

/** Reads kernels, section by section. */
class Reader {
  readonly #sources: readonly Source[];
  readonly #classes: ReadonlyMap<string, FoundClass>;

  constructor(sources: readonly Source[]) {
    this.#sources = sources;
    this.#classes = new Map(
      sources.flatMap(({ classes }) => classes.map((one) => [one.name, one] as const)),
    );
  }

  sections(): KernelSection[] {
    const titles = this.#sources.flatMap((source) => titleOf(source) ?? []);
    return [...new Set([...FIRST, ...titles])].map((title) => this.#section(title));
  }

  #section(title: string): KernelSection {
    const sources = this.#sources.filter((source) => titleOf(source) === title);
    const headers = sources.map(({ header }) => header);
    const shared = new Map(headers.flatMap(({ parameters }) => [...parameters]));
    const gradient = new Map(headers.flatMap(({ gradient }) => [...gradient]));
    const text = headers.map(({ text }) => text).join("");
    const kernels = sources.flatMap((source) =>
      source.functions.flatMap((node) => this.#kernel(node, source, shared, gradient) ?? []),
    );
    return { title, text, shared, gradient, kernels };
  }

  /** @throws Error for a kernel without a docstring, or with one that leaves an argument out */
  #kernel(
    declaration: ts.FunctionDeclaration,
    { file, header, docs }: Source,
    shared: ReadonlyMap<string, string>,
    gradient: ReadonlyMap<string, string>,
  ): Kernel | undefined {
    const name = declaration.name!.text;
    const own = docs.get(name) ?? nothing;
    const mapped = declaration.body && mappedClass(declaration.body);
    const ofClass = (mapped === undefined ? undefined : docs.get(mapped)) ?? nothing;
    const tags = kernelTags([own, ofClass, header]);
    if (tags.length === 0) return undefined;
    const isGradient = name.endsWith("Grad");
    const parameters = declaration.parameters.map((parameter): Parameter => {
      const plain = parameter.name.getText();
      const ofGradient = isGradient ? gradient.get(plain) : undefined;
      const text = own.parameters.get(plain) ?? ofGradient ?? shared.get(plain);
      if (text === undefined) throw new Error(`${name}: its docstring says nothing of ${plain}`);
      return { name: plain, type: parameter.type!.getText(), text };
    });
    const text = [ofClass.text, own.text].filter((part) => part !== "").join("\n\n");
    if (text === "") throw new Error(`${name}: its docstring does not say what it computes`);
    const instruction = chooseTag(name, tags);
    const state = own.tags.find(({ name }) => name === "state")?.text.split(": ");
    return {
      ...{ name, file, parameters, text, own: new Set(own.parameters.keys()) },
      result: declaration.type!.getText(),
      ...(instruction && { instruction }),
      ...(state && { state: { name: state[0]!, class: stateClass(this.#classes, state[1]!) } }),
    };
  }
}

function titleOf({ header }: Source): string | undefined {
  return header.tags.find(({ name }) => name === "section")?.text;
}

/** All that assembly/ declares for those outside. */
export interface Declarations {
  readonly sections: readonly KernelSection[];
  readonly kernels: readonly Kernel[];
  /** Classes that are laid over the words of an instruction. */
  readonly instructionClasses: readonly (FoundClass & { readonly instruction: string })[];
  readonly constants: ReadonlyMap<string, number>;
  /** Rows and columns of the register tiles, in order. */
  readonly tiles: readonly string[];
}

/** The tiles that setTile's cases name. */
function readTiles(sources: readonly Source[]): string[] {
  const { tree } = sources.find(({ file }) => file === "gemm/tiles")!;
  const cases = tree.getFullText().matchAll(/case tileOf\((\d+), (\d+)\):/g);
  return [...new Set(Array.from(cases, ([, rows, columns]) => `${rows}x${columns}`))];
}

/** Reads assembly/. @throws Error where a docstring leaves something out */
export function readDeclarations(): Declarations {
  const sources = readSources();
  const sections = new Reader(sources).sections();
  const classes = sources.flatMap((source) => source.classes);
  return {
    sections,
    kernels: sections.flatMap(({ kernels }) => kernels),
    instructionClasses: classes.flatMap((one) => {
      const tag = one.methods.includes("run") && one.doc.tags.find((t) => t.name === "instruction");
      return tag ? [{ ...one, instruction: tag.text }] : [];
    }),
    constants: new Map(sources.flatMap(({ constants }) => [...constants])),
    tiles: readTiles(sources),
  };
}
