import type { Float, InstructionWords } from "../../build/instructions.ts";
import type { KernelName } from "./build.ts";

export type { Float };

/** An instruction that a docstring in assembly/ declares. */
export type InstructionName = keyof InstructionWords<never>;

/** A word that is a number already, or a kernel's name for its index in the function table. */
export type Literal = number | boolean | KernelName;

/** An instruction: the function that unpacks it, and its words. A is what addresses are. */
export type Instruction<A = number> = readonly [
  unpack: `${InstructionName}Instruction`,
  ...words: readonly (Literal | A)[],
];

/** A function of single elements that an instruction applies to what it computes, as words of it. */
export type Epilogue = Pick<InstructionWords<never>["gemm"], "activation" | "parameter">;

/**
 * Makes an instruction. Its words are the values in the order in which they are written, which is that of
 * the declaration; a test sees to it.
 */
export function instruction<N extends InstructionName>(
  name: N,
  words: InstructionWords<number>[N],
): Instruction {
  const list: [`${N}Instruction`, ...Literal[]] = [`${name}Instruction`];
  // flat() would take 2.4 us for a product, this takes 0.3. A spread of a long list fills the stack.
  for (const word of Object.values(words) as (Literal | Literal[])[]) {
    if (Array.isArray(word)) for (const one of word) list.push(one);
    else list.push(word);
  }
  return list;
}

const floatOf = new Float32Array(1);
const wordOf = new Uint32Array(floatOf.buffer);

/** Returns the word of a float. */
export function float(value: number): Float {
  floatOf[0] = value;
  return wordOf[0]! as Float;
}
