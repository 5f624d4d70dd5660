import { describe, expect, it } from "vitest";
import { type Node, size } from "../../src/graph/node.ts";
import { gradientsOf } from "../../src/graph/copies.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { Program } from "../../src/plan/program.ts";
import { compileBuild } from "../../src/wasm/build.ts";
import { Heap, align } from "../../src/memory/heap.ts";
import { Runtime } from "../../src/wasm/runtime.ts";
import { type Dag, type Twin, randomDag } from "./dag.ts";

const SEEDS = Array.from({ length: 150 }, (_, i) => i + 1);

const heap = new Heap(new WebAssembly.Memory({ initial: 4 }));
const runtime = await Runtime.create(heap, await compileBuild("strict"));

/** A graph with its gradients, as a model's training program has them. */
interface Request {
  readonly dag: Dag;
  readonly outputs: readonly Node[];
  readonly gradients: readonly Node[];
}

function request(seed: number): Request {
  const dag = randomDag(seed);
  const targets = dag.parameters.map(({ node }) => node);
  const found = gradientsOf(dag.tape, dag.loss.node, targets);
  const gradients = [...found.values()];
  const kept = dag.twins.filter((_, i) => i % 5 === seed % 5).map(({ node }) => node);
  const inputs = dag.inputs.map(({ node }) => node);
  return { dag, outputs: [dag.loss.node, ...inputs, ...gradients, ...kept], gradients };
}

/** A plan placed in the heap, and what it was given. */
class Placed {
  readonly plan: Plan;
  readonly bases;
  readonly program: Program;
  readonly sources: Twin[];
  readonly #regions: number[] = [];
  readonly #pinned = new Map<Node, number>();

  constructor({ dag, gradients }: Request, outputs: readonly Node[]) {
    const pins = [...dag.parameters.map(({ node }) => node), ...gradients];
    for (const node of pins) this.#pinned.set(node, this.#allocate(size(node.shape) * 4));
    const asked = { outputs, pinned: this.#pinned };
    this.program = new Program(runtime, asked);
    this.plan = this.program.plan;
    const { arenaBytes, scratchBytes } = this.plan;
    const { ownBytes } = this.program;
    const own = this.#allocate(ownBytes);
    const shared = { arena: this.#allocate(arenaBytes), scratch: this.#allocate(scratchBytes) };
    this.program.place({ ...shared, own });
    this.bases = { ...shared, constants: own };
    this.sources = [...dag.parameters, ...dag.inputs];
  }

  #allocate(bytes: number): number {
    const at = heap.allocate(bytes, "plan");
    this.#regions.push(at);
    return at;
  }

  /** Fills what a run may not rely on with NaN, brings the sources in and runs. */
  run(): void {
    const { arena, scratch } = this.bases;
    poison(arena, this.plan.arenaBytes);
    poison(scratch, this.plan.scratchBytes);
    for (const [node, at] of this.#pinned) poison(at, size(node.shape) * 4);
    for (const { node, value } of this.sources) {
      heap.floats.set(value, this.plan.address(node, this.bases) / 4);
    }
    this.program.run();
  }

  /** The bits of a node's value. */
  read(node: Node): number[] {
    const at = this.plan.address(node, this.bases) / 4;
    return [...heap.words.subarray(at, at + size(node.shape))];
  }

  floats(node: Node): Float32Array {
    return new Float32Array(Uint32Array.from(this.read(node)).buffer);
  }

  release(): void {
    for (const at of this.#regions) heap.release(at);
  }
}

function poison(at: number, bytes: number): void {
  heap.floats.fill(NaN, at / 4, (at + bytes) / 4);
}

const isView = ({ computation }: Node): boolean =>
  computation !== undefined && computation.instruction === undefined;

/** Part of the arena, and the moments from which and to which it is needed, both included. */
interface Life {
  readonly what: string;
  readonly node: Node;
  readonly saved: boolean;
  readonly at: number;
  readonly bytes: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Lifetimes by the definition: a value lives from its instruction to the last that reads it or a
 * view.
 */
function lives(placed: Placed, { dag }: Request, outputs: readonly Node[]): Life[] {
  const needed = new Set<Node>();
  const mark = (node: Node): void => {
    if (!needed.has(node)) {
      needed.add(node);
      node.inputs.forEach(mark);
    }
  };
  outputs.forEach(mark);
  const order = dag.tape.nodes.filter((node) => needed.has(node));
  const root = (node: Node): Node => (isView(node) ? root(node.inputs[0]!) : node);
  const end = order.length;
  const lastRead = (of: Node): number => {
    const reads = order.map((node, i) =>
      node.inputs.some((input) => root(input) === of) ? i : -1,
    );
    return outputs.some((node) => root(node) === of) ? end : Math.max(order.indexOf(of), ...reads);
  };
  const { arena } = placed.bases;
  const inArena = (at: number): boolean => at >= arena && at < arena + placed.plan.arenaBytes;
  return order.flatMap((node, i): Life[] => {
    if (isView(node)) return [];
    const life = { node, from: node.source ? -1 : i, to: lastRead(node) };
    const at = placed.plan.address(node, placed.bases);
    const what = `${node.name} ${node.id}`;
    const own: Life = { ...life, what, saved: false, at, bytes: size(node.shape) * 4 };
    const found = inArena(at) ? [own] : [];
    const floats = node.computation?.saved;
    if (floats === undefined) return found;
    const kept = {
      ...life,
      what: `${what} saved`,
      saved: true,
      at: placed.plan.savedAt(node, placed.bases),
    };
    return [...found, { ...kept, bytes: floats * 4 }];
  });
}

/** Returns true if b is computed in the place of a, as its op allows, or is added to it. */
function inPlace(a: Life, b: Life): boolean {
  if (a.saved || b.saved) return false;
  const same = a.at === b.at && a.bytes === b.bytes;
  const { inPlace, updates } = b.node.computation ?? {};
  const isAllowed = inPlace === a.node || updates === a.node;
  return isAllowed && same && a.to === b.from && !a.node.source;
}

describe("a plan of a random graph", () => {
  it.each(SEEDS)("shares the arena among values that do not meet, seed %d", (seed) => {
    const asked = request(seed);
    const placed = new Placed(asked, asked.outputs);
    const all = lives(placed, asked, asked.outputs);
    all.forEach((a, i) => {
      expect((a.at - placed.bases.arena) % 64, a.what).toBe(0);
      expect(a.at + a.bytes).toBeLessThanOrEqual(placed.bases.arena + placed.plan.arenaBytes);
      for (const b of all.slice(i + 1)) {
        const meet = a.from <= b.to && b.from <= a.to;
        const overlap = a.at < b.at + b.bytes && b.at < a.at + a.bytes;
        if (meet && overlap) expect(inPlace(a, b), `${a.what} and ${b.what}`).toBe(true);
      }
    });
    const sum = all.reduce((total, { bytes }) => total + align(bytes), 0);
    expect(placed.plan.arenaBytes).toBeLessThanOrEqual(sum);
    expect(placed.plan.arenaBytes % 64).toBe(0);
    placed.release();
  });

  it.each(SEEDS)("computes the bits of a plan that shares nothing, seed %d", (seed) => {
    const asked = request(seed);
    const { dag, outputs } = asked;
    const placed = new Placed(asked, outputs);
    placed.run();
    const first = outputs.map((node) => placed.read(node));
    placed.run();
    expect(outputs.map((node) => placed.read(node))).toEqual(first);
    const everything = new Placed(asked, dag.tape.nodes);
    everything.run();
    expect(outputs.map((node) => everything.read(node))).toEqual(first);
    placed.release();
    everything.release();
  });

  it.each(SEEDS)("computes what float64 formulas give, seed %d", (seed) => {
    const asked = request(seed);
    const placed = new Placed(asked, asked.outputs);
    placed.run();
    const kept = asked.dag.twins.filter(({ node }) => asked.outputs.includes(node));
    for (const { node, value } of [asked.dag.loss, ...kept]) {
      // Roundings of the largest number on the way stay; a clobbered value is off by far more.
      const scale = Math.max(1, ...asked.dag.twins.flatMap((twin) => twin.value.map(Math.abs)));
      const data = placed.floats(node);
      value.forEach((expected, i) => {
        expect(Math.abs(data[i]! - expected), `${node.name} ${node.id}`).toBeLessThan(1e-4 * scale);
      });
    }
    for (const node of asked.gradients)
      expect(placed.floats(node).every(Number.isFinite)).toBe(true);
    placed.release();
  });

  it("shares at all: most arenas are smaller than the sum of their buffers", () => {
    const shares = SEEDS.map((seed) => {
      const asked = request(seed);
      const placed = new Placed(asked, [asked.dag.loss.node, ...asked.gradients]);
      const all = lives(placed, asked, [asked.dag.loss.node, ...asked.gradients]);
      placed.release();
      return placed.plan.arenaBytes / all.reduce((sum, { bytes }) => sum + align(bytes), 0);
    });
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeLessThan(0.6);
  });

  it("holds nothing afterwards", () => {
    expect(heap.used).toBe(0);
  });
});
