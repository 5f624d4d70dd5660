import { afterEach, describe, expect, it } from "vitest";
import type { Node, Shape } from "../../src/graph/node.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { Heap } from "../../src/memory/heap.ts";
import { TARGETS } from "../../src/plan/inputs.ts";
import { Program, type ProgramRequest } from "../../src/plan/program.ts";
import { compileBuild } from "../../src/wasm/build.ts";
import { Runtime } from "../../src/wasm/runtime.ts";

const heap = new Heap(new WebAssembly.Memory({ initial: 4 }));
const runtime = await Runtime.create(heap, await compileBuild("strict"));
const regions: number[] = [];

function allocate(bytes: number): number {
  regions.push(heap.allocate(bytes, "program"));
  return regions.at(-1)!;
}

afterEach(() => {
  for (const at of regions.splice(0)) heap.release(at);
  expect(heap.used).toBe(0);
});

const input = (tape: Tape, name: string, shape: Shape, type: Node["type"] = "float"): Node =>
  tape.source(name, shape, { kind: "input" }, type);

function place(request: ProgramRequest): Program {
  const program = new Program(runtime, request);
  const { plan, ownBytes } = program;
  const { arenaBytes, scratchBytes } = plan;
  const own = allocate(ownBytes);
  program.place({ arena: allocate(arenaBytes), scratch: allocate(scratchBytes), own });
  return program;
}

/** a - 2·b, of rows of two, and class indices that nobody reads. */
function difference() {
  const tape = new Tape(runtime.kernels);
  const [a, b] = [input(tape, "a", [2, 2]), input(tape, "b", [2, 2])];
  const labels = input(tape, "y", [2], "int");
  const node = ops.sub(tape, a, ops.mul(tape, b, tape.scalar(2)));
  const inputs = [
    { name: "a", node: a },
    { name: "b", node: b, byteScale: 0.5 },
    { name: TARGETS, node: labels },
  ] as const;
  return { node, request: { outputs: [node], pinned: new Map<Node, number>(), inputs } };
}

/** The address of numbers that are written to memory. */
function stored(array: Float32Array | Int32Array | Uint8Array): number {
  const at = allocate(array.byteLength);
  heap.bytes.set(new Uint8Array(array.buffer), at);
  return at;
}

const floats = (at: number, count: number): number[] => [
  ...heap.floats.subarray(at / 4, at / 4 + count),
];

describe("a program's inputs", () => {
  it("are taken from what their names are bound to, bytes and chosen rows too", () => {
    const { node, request } = difference();
    const program = place(request);
    program.input("a").bind({ source: stored(Float32Array.of(10, 20, 30, 40)) });
    const indices = stored(Int32Array.of(2, 0));
    program.input("b").bind({ source: stored(Uint8Array.of(1, 2, 3, 4, 5, 6)), indices });
    program.run();
    expect(floats(program.address(node), 4)).toEqual([10 - 5, 20 - 6, 30 - 1, 40 - 2]);
    program.input("b").bind({ source: stored(Uint8Array.of(1, 2, 3, 4)) });
    program.run();
    expect(floats(program.address(node), 4)).toEqual([10 - 1, 20 - 2, 30 - 3, 40 - 4]);
  });

  it("stay as they are in their own arrays until they are bound", () => {
    const { node, request } = difference();
    const program = place(request);
    heap.floats.set([1, 2, 3, 4], program.input("a").address / 4);
    program.input("b").bind({ source: stored(Uint8Array.of(2, 2, 2, 2)) });
    program.run();
    expect(floats(program.address(node), 4)).toEqual([-1, 0, 1, 2]);
  });

  it("say what they consist of", () => {
    const program = place(difference().request);
    expect(program.input("a").type).toBe("float");
    expect(program.input(TARGETS).type).toBe("int");
  });

  it("are no others than those that it has", () => {
    const program = place(difference().request);
    expect(() => program.input("y")).toThrow(
      new RangeError("program: expected the name of an input, got y"),
    );
    const none = place({ outputs: [], pinned: new Map() });
    expect(() => none.input(TARGETS)).toThrow(
      new RangeError("program: expected the name of an input, got Symbol(targets)"),
    );
  });
});

it("is the same program after it has been placed anew", () => {
  const { node, request } = difference();
  const program = place(request);
  const { plan, ownBytes } = program;
  const { arenaBytes, scratchBytes } = plan;
  const before = program.address(node);
  const own = allocate(ownBytes);
  program.place({ arena: allocate(arenaBytes), scratch: allocate(scratchBytes), own });
  expect(program.address(node)).not.toBe(before);
  heap.floats.fill(NaN, before / 4, before / 4 + 4);
  program.input("a").bind({ source: stored(Float32Array.of(1, 2, 3, 4)) });
  program.input("b").bind({ source: stored(Uint8Array.of(2, 2, 2, 2)) });
  program.run();
  expect(floats(program.address(node), 4)).toEqual([-1, 0, 1, 2]);
});

it("needs no memory but its own to do what follows a graph", () => {
  const tape = new Tape(runtime.kernels);
  const randomState = tape.random().state;
  const pinned = new Map([[randomState, stored(Int32Array.of(7, 0, 3, 0))]]);
  const program = new Program(runtime, { outputs: [], pinned, randomState });
  expect([program.plan.arenaBytes, program.plan.scratchBytes]).toEqual([0, 0]);
  program.place({ own: allocate(program.ownBytes) });
  program.run();
  const at = pinned.get(randomState)! / 4;
  expect([...heap.words.subarray(at, at + 4)]).toEqual([7, 0, 4, 0]);
});
