import { type Operand, operandOf } from "./operand.ts";
import type { Declarations, InstructionTag, Kernel, Parameter, State, StateClass } from "./read.ts";

/**
 * Instructions as docstrings in assembly/ declare them. A kernel with the tag
 *
 *   @instruction [NAME][(WORD, ...)] [cut along E [by UNIT]]
 *
 * can be part of a program, under its own name by default. In a file's header the tag is for all kernels of
 * the file; of two the one whose name ends in Grad is for gradients. The words of the instruction are
 * the kernel's arguments in order, under the names that are given; where several kernels share one NAME, the
 * kernel's index comes first. A chunk has the elements `from` to `to` of E, `from` being a multiple of
 * UNIT: operands whose first axis is E, or whose last of two with a stride, begin there. Without a cut
 * the instruction is one chunk. Arguments that are members of a class given by
 *
 *   @state FIELD: CLASS
 *
 * are read from an object of that class, whose address is the last word. If the class has a method
 * advance(), there is an instruction advanceCLASS, too, that calls it.
 *
 * Where that is not enough, a class with the tag @instruction NAME is laid over the words: its fields are the
 * words, its method run(chunk, chunks) does a chunk. @list NAME says what follows the fields.
 */

/** Type of a word; a list, or one of floats, is all words that follow. */
export type WordType =
  | ("kernel" | "epilogue" | "slope" | "address" | "optionalAddress")
  | ("int" | "float" | "flag" | "list" | "floats");

/** A word of an instruction. */
export interface Word {
  readonly name: string;
  readonly type: WordType;
  readonly text: string;
}

/** Properties that every instruction has. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
  readonly words: readonly Word[];
  /** The kernels that its word "kernel" may name; the one that it runs where it has none. */
  readonly kernels: readonly Kernel[];
  /** Source of the function that unpacks it: a class, its kernels' docstrings, or a state to advance. */
  readonly unpacked:
    | { readonly by: "class"; readonly class: string; readonly file: string }
    | { readonly by: "state"; readonly class: StateClass }
    | Derived;
}

/** Contents of a function that is generated from docstrings. */
export interface Derived {
  readonly by: "docstring";
  readonly cut: InstructionTag["cut"];
  /** AssemblyScript for each argument. */
  readonly passed: readonly string[];
  readonly state: State | undefined;
  /** Bytes of scratch for all its chunks together, in its words; undefined if it has none. */
  readonly scratch: string | undefined;
}

const TYPES: Readonly<Record<string, WordType>> = {
  usize: "address",
  i32: "int",
  u32: "int",
  f32: "float",
  bool: "flag",
  Flag: "flag",
  Kernel: "kernel",
  Epilogue: "epilogue",
  Slope: "slope",
};

const SIZES = { f32: 4, i32: 4, u32: 4, f64: 8 } as const;

/** Returns the type of a word, from its type in AssemblyScript and its text in the docstring. */
function wordType(who: string, type: string, text: string): WordType {
  const known = TYPES[type];
  if (!known) throw new Error(`${who}: expected a type that a word can have, got ${type}`);
  return known === "address" && text.includes("none if 0") ? "optionalAddress" : known;
}

/** The bytes that an extent moves by for a chunk that starts at `from`; undefined if it stays. */
function movement(who: string, operand: Operand, along: string): string | undefined {
  const { dimensions, type, stride, access } = operand;
  const [first, ...inner] = dimensions;
  const by = (...factors: readonly string[]): string =>
    `<usize>(${["from", ...factors].join(" * ")}) * ${SIZES[type]}`;
  if (first === along) return by(...(stride ? [stride] : inner));
  const isColumn = dimensions.length === 2 && dimensions[1] === along;
  if (isColumn && stride) return by();
  // Scratch is shared out between chunks, in whichever way.
  if (access === "scratch" && (isColumn || dimensions[1] === "to - from")) return by(first!);
  if (dimensions.some((dimension) => dimension.split(" ").includes(along))) {
    throw new Error(`${who}: expected an operand that can be cut along ${along}`);
  }
  return undefined;
}

/** Returns the movement of an operand, which may depend on the argument that chooses its extent. */
function choice(who: string, operand: Operand, along: string): string | undefined {
  const move = movement(who, operand, along);
  const { otherwise } = operand;
  if (!otherwise) return move;
  const other = movement(who, { ...operand, ...otherwise.extent }, along);
  if (move === other) return move;
  const { where, isZero } = otherwise;
  const [set, unset] = isZero ? [move, other] : [other, move];
  return `(${where} ? ${set ?? 0} : ${unset ?? 0})`;
}

/** An argument that is an address, as the kernel gets it. */
function address(kernel: Kernel, { name, text }: Parameter, along: string): string {
  const operand = operandOf(text);
  if (!operand || (hasRange(kernel) && operand.access !== "scratch")) return name;
  const move = choice(`${kernel.name}: ${name}`, operand, along);
  if (move === undefined) return name;
  return operand.optional ? `${name} ? ${name} + ${move} : 0` : `${name} + ${move}`;
}

/** Returns true if a kernel is told itself which chunk it has. */
function hasRange({ parameters }: Kernel): boolean {
  return parameters.some(({ name }) => name === "to");
}

const isBound = (name: string): boolean => name === "from" || name === "to";

function passedAs(kernel: Kernel, parameter: Parameter, along: string | undefined): string {
  const { name, type } = parameter;
  if (type === "usize") return along === undefined ? name : address(kernel, parameter, along);
  if (name === along && !hasRange(kernel)) return "to - from";
  return type === "bool" ? `${name} != 0` : name;
}

/** Names of a state's members. */
function membersOf({ state }: Kernel): Set<string> {
  return new Set(state && [...state.class.fields.map(({ name }) => name), ...state.class.getters]);
}

/** An expression in which arguments have the names that the instruction has for them. */
export function renamed(expression: string, names: ReadonlyMap<string, string>): string {
  return expression.replace(/(?<!\.)\b[a-zA-Z]\w*\b/g, (name) => names.get(name) ?? name);
}

/** Bytes of scratch that a kernel declares: all that the chunks have, cut along E, as an expression. */
function scratchOf({ parameters }: Kernel, along: string | undefined): string | undefined {
  const operand = parameters
    .map(({ text }) => operandOf(text))
    .find((one) => one?.access === "scratch");
  if (!operand) return undefined;
  const lengths = operand.dimensions.map((length) => (length === "to - from" ? along! : length));
  return [SIZES[operand.type], ...lengths].join(" * ");
}

/** The instruction that a kernel declares, as if it were the only one of its name. */
function derive(kernel: Kernel, tag: InstructionTag): Instruction {
  const { state, parameters } = kernel;
  const { along } = tag.cut ?? {};
  const members = membersOf(kernel);
  const own = parameters.filter(({ name }) => !members.has(name) && !isBound(name));
  const names = new Map(own.map(({ name }, i) => [name, tag.words?.[i] ?? name]));
  const words = own.map(({ name, type, text }): Word => {
    return { name: names.get(name)!, type: wordType(`${kernel.name}: ${name}`, type, text), text };
  });
  // A range of something that the kernel is not told the whole of.
  const isWhole = along !== undefined && /^\w+$/.test(along);
  if (isWhole && !own.some(({ name }) => name === along)) {
    words.push({ name: along, type: "int", text: "elements" });
  }
  if (state) words.push({ name: state.name, type: "address", text: state.class.text });
  const passed = parameters.map((parameter) => {
    if (members.has(parameter.name)) return `${state!.name}.${parameter.name}`;
    return renamed(passedAs(kernel, parameter, along), names);
  });
  const bytes = scratchOf(kernel, along);
  const scratch = bytes === undefined ? undefined : renamed(bytes, names);
  const unpacked: Derived = { by: "docstring", cut: tag.cut, passed, state, scratch };
  return { name: tag.name, text: kernel.text, words, kernels: [kernel], unpacked };
}

/** Instructions of one name as one. @throws Error unless their kernels are called alike */
function merge(group: readonly Instruction[]): Instruction {
  const [first, ...others] = group as readonly [Instruction];
  if (others.length === 0) return first;
  const shape = ({ words, unpacked }: Instruction): string =>
    JSON.stringify([words.map(({ name, type }) => [name, type]), unpacked]);
  const odd = others.find((other) => shape(other) !== shape(first));
  if (odd) {
    const names = [first, odd].map(({ kernels }) => kernels[0]!.name).join(" and ");
    throw new Error(`${first.name}: expected kernels that are called alike, got ${names}`);
  }
  const kernels = group.flatMap((one) => one.kernels);
  const text = `Any kernel (${first.words.map(({ name }) => name).join(", ")}).`;
  const kernel: Word = { name: "kernel", type: "kernel", text: "the kernel" };
  return { ...first, text, kernels, words: [kernel, ...first.words] };
}

/** Instructions that advance the states of kernels. */
function advances(kernels: readonly Kernel[]): Instruction[] {
  const states = new Map(
    kernels.flatMap(({ state }) => (state ? [[state.class.name, state]] : [])),
  );
  return [...states.values()]
    .filter((state) => state.class.advances)
    .map((state) => ({
      name: `advance${state.class.name.replace(/Hyperparameters$/, "")}`,
      text: `Advances ${state.class.name} by a step.`,
      words: [{ name: state.name, type: "address", text: state.class.text }],
      kernels: [],
      unpacked: { by: "state", class: state.class },
    }));
}

/** All instructions: those with classes of their own, derived ones, those that advance a state. */
export function declared({ kernels, instructionClasses }: Declarations): Instruction[] {
  const byClass = instructionClasses.map((one): Instruction => {
    const words = one.fields.map(({ name, type, text }): Word => {
      return { name, type: wordType(`${one.name}: ${name}`, type, text), text };
    });
    const lists = [...one.doc.lists].map(([name, text]): Word => {
      return { name, type: text.startsWith("f32") ? "floats" : "list", text };
    });
    return {
      ...{ name: one.instruction, text: one.doc.text, words: [...words, ...lists] },
      kernels: kernels.filter(({ instruction }) => instruction?.name === one.instruction),
      unpacked: { by: "class", class: one.name, file: one.file },
    };
  });
  const taken = new Set(byClass.map(({ name }) => name));
  const groups = new Map<string, Instruction[]>();
  for (const kernel of kernels) {
    if (!kernel.instruction || taken.has(kernel.instruction.name)) continue;
    const one = derive(kernel, kernel.instruction);
    groups.set(one.name, [...(groups.get(one.name) ?? []), one]);
  }
  return [...byClass, ...[...groups.values()].map(merge), ...advances(kernels)];
}
