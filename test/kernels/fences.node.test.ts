import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, rangeOf } from "../../scripts/abi/operand.ts";
import { type Kernel, readDeclarations } from "../../scripts/abi/read.ts";
import { type Arena, type Layout, POISON } from "../../src/verify/arena.ts";
import { createArena } from "../support/arena.ts";
import { expectSameBits } from "../support/expect.ts";
import { type Call, type Next, drawCall } from "../support/draw.ts";
import type { Give } from "../support/give.ts";
import { given } from "../support/given.ts";
import { generator } from "../../src/verify/numbers.ts";
import { type Results, perform } from "../support/perform.ts";

/** Calls of each kernel; GRADLANE_CASES=10000 for a thorough run, which takes minutes. */
const CASES = Number(process.env.GRADLANE_CASES ?? 100);

/** Kernels that are given addresses, by the sections of docs/kernel-abi.md. */
const families = readDeclarations()
  .sections.map(({ title, kernels }) => ({
    title,
    kernels: kernels.filter(({ parameters }) => parameters.some(({ type }) => type === "usize")),
  }))
  .filter(({ kernels }) => kernels.length > 0);

let arena: Arena;
beforeAll(async () => {
  arena = await createArena();
});

/** Any offset from a cache line; one of the operands, as likely as not, ends where memory does. */
function drawLayout(next: Next, { operands }: Call): Layout {
  const last = Math.floor(next() * 2 * operands.length);
  const shift = Math.floor(next() * 16);
  return last < operands.length ? { shift, last } : { shift };
}

function expectSame(actual: Results, expected: Results, what: string): void {
  for (const [name, words] of actual) expectSameBits(words, expected.get(name)!, what);
}

/** The pairs of operands that may be one, and are of one shape in this call. */
function aliases({ operands }: Call): [string, string][] {
  return operands.flatMap(({ name, mayBe, rows, cols, stride, isNone }) =>
    operands
      .filter((other) => mayBe.includes(other.name) && !isNone && !other.isNone)
      .filter((other) => other.rows === rows && other.cols === cols && other.stride === stride)
      .map((other): [string, string] => [name, other.name]),
  );
}

/**
 * Returns true if a kernel can do a part of its work, from `from` to `to` of arrays that are given
 * whole.
 */
function hasParts(kernel: Kernel, isGiven: boolean): boolean {
  return !isGiven && kernel.parameters.some(({ name }) => name === "from");
}

const drawAny: Give = (kernel, next) => drawCall(kernel, next);

/** A random call of all the work of a kernel that can do a part of it. */
function drawWhole(kernel: Kernel, next: Next): Call {
  const { values } = drawCall(kernel, next, { from: 0 });
  const { text } = kernel.parameters.find(({ name }) => name === "to")!;
  const { most } = rangeOf(text);
  return drawCall(kernel, next, most ? { ...values, to: evaluate(most, values) } : values);
}

/** Checks that two parts write every word of the whole, and no word twice. */
function checkParts(kernel: Kernel, call: Call, whole: Results, next: Next): void {
  const { to } = call.values as { to: number };
  const { text } = kernel.parameters.find(({ name }) => name === "from")!;
  const unit = Number(rangeOf(text).multipleOf ?? 1);
  const cut = Math.floor((next() * (to + 1)) / unit) * unit;
  const [first, second] = [
    { from: 0, to: cut },
    { from: cut, to },
  ].map((range) => {
    const operands = call.operands.filter(({ access }) => access !== "scratch");
    // Scratch is for the part alone.
    const part = drawCall(kernel, next, { ...call.values, ...range }, operands);
    return perform(arena, kernel, part, { layout: drawLayout(next, part), isPart: true });
  });
  for (const [name, words] of whole) {
    const [left, right] = [first!.get(name)!, second!.get(name)!];
    words.forEach((word, i) => {
      const written = [left[i], right[i]].filter((other) => other !== POISON);
      if (written.length === 1 && written[0] === word) return;
      throw new Error(`${name}: parts write element ${i} ${written.length} times`);
    });
  }
}

function checkCase(kernel: Kernel, give: Give | undefined, next: Next): void {
  const isPart = hasParts(kernel, give !== undefined);
  const own = give ?? (isPart ? drawWhole : drawAny);
  const call = own(kernel, next, arena);
  const first = perform(arena, kernel, call, { layout: drawLayout(next, call) });
  const again = perform(arena, kernel, call, { layout: drawLayout(next, call) });
  expectSame(again, first, "elsewhere in memory");
  for (const alias of aliases(call)) {
    const layout = drawLayout(next, call);
    expectSame(perform(arena, kernel, call, { layout, alias }), first, alias.join(" is "));
  }
  if (isPart) checkParts(kernel, call, first, next);
}

describe.each(families)("$title", ({ kernels }) => {
  it.each(kernels.map((kernel) => [kernel.name, kernel] as const))("%s", (name, kernel) => {
    const next = generator(name.length);
    for (let i = 0; i < CASES; i++) checkCase(kernel, given[name], next);
    expect(CASES).toBeGreaterThan(0);
  });
});
