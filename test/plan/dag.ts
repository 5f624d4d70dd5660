import type { Node, Shape } from "../../src/graph/node.ts";
import { ops } from "../../src/graph/ops/index.ts";
import { Tape } from "../../src/graph/tape.ts";
import { random } from "../engine/fixtures.ts";
import { scratchOf } from "../support/scratch.ts";

/** A recorded node with the numbers that float64 gives it. */
export interface Twin {
  readonly node: Node;
  readonly value: readonly number[];
}

export interface Dag {
  readonly tape: Tape;
  /** Sources that are not constants, with their numbers. */
  readonly parameters: readonly Twin[];
  readonly inputs: readonly Twin[];
  readonly twins: readonly Twin[];
  readonly loss: Twin;
}

const size = (shape: Shape): number => shape.reduce((product, length) => product * length, 1);

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The element of an operand under a position of the result, for operands [r, c], [c], [r, 1], []. */
function pick(operand: Twin, shape: Shape, i: number): number {
  const [rows = 1, cols = 1] =
    operand.node.shape.length < 2 ? [1, ...operand.node.shape] : operand.node.shape;
  const width = shape.at(-1) ?? 1;
  const row = rows === 1 ? 0 : Math.floor(i / width);
  return operand.value[row * cols + (cols === 1 ? 0 : i % width)]!;
}

const unary: Record<string, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  leakyRelu: (x) => (x > 0 ? x : 0.01 * x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
  neg: (x) => -x,
};

const binary: Record<string, (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
};

function product(a: Twin, b: Twin, transA: boolean, transB: boolean): [number[], Shape] {
  const [rows, cols] = a.node.shape as [number, number];
  const [rowsB, colsB] = b.node.shape as [number, number];
  const [m, k] = transA ? [cols, rows] : [rows, cols];
  const n = transB ? rowsB : colsB;
  const at = (i: number, p: number): number => a.value[transA ? p * cols + i : i * cols + p]!;
  const to = (p: number, j: number): number => b.value[transB ? j * colsB + p : p * colsB + j]!;
  const value = range(m * n).map((i) =>
    range(k).reduce((sum, p) => sum + at(Math.floor(i / n), p) * to(p, i % n), 0),
  );
  return [value, [m, n]];
}

function softmax({ node, value }: Twin): number[] {
  const cols = node.shape.at(-1)!;
  return value.map((x, i) => {
    const row = value.slice(i - (i % cols), i - (i % cols) + cols);
    return Math.exp(x) / row.reduce((sum, other) => sum + Math.exp(other), 0);
  });
}

function crossEntropy(logits: Twin, target: Twin): number {
  const total = softmax(logits).reduce((sum, p, i) => sum - target.value[i]! * Math.log(p), 0);
  return total / logits.node.shape[0]!;
}

/** Makes random graphs over matrices of a few shapes, [2, 3] and [3, 3] among them. */
class Builder {
  readonly tape = new Tape(scratchOf(4096));
  readonly twins: Twin[] = [];
  readonly next: () => number;

  constructor(seed: number) {
    this.next = random(seed);
  }

  choose<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }

  keep(node: Node, value: readonly number[]): Twin {
    const twin = { node, value };
    this.twins.push(twin);
    return twin;
  }

  source(kind: "parameter" | "input" | "constant", shape: Shape): Twin {
    const data = Float32Array.from(range(size(shape)), () => 2 * this.next() - 1);
    const source = kind === "constant" ? { kind, value: data } : ({ kind } as const);
    return this.keep(this.tape.source(kind, shape, source), [...data]);
  }

  /** Adds one random op over what is there. Numbers are kept small, so that float32 can follow. */
  grow(): void {
    const a = this.choose(this.twins);
    const { tape } = this;
    const kind = this.choose(["unary", "binary", "binary", "matmul", "dense", "reduce", "shape"]);
    if (Math.max(...a.value.map(Math.abs)) > 20)
      this.keep(ops.tanh(tape, a.node), a.value.map(Math.tanh));
    else if (kind === "unary") this.#unary(a);
    else if (kind === "binary") this.#binary(a);
    else if (kind === "matmul") this.#matmul(a);
    else if (kind === "dense") this.#dense(a);
    else if (kind === "reduce") this.#reduce(a);
    else this.#reshape(a);
  }

  #unary(a: Twin): void {
    const rows = a.node.shape.length > 0 ? ["softmax"] : [];
    const name = this.choose([...Object.keys(unary), ...rows]);
    const node = ops[name as "relu"](this.tape, a.node);
    this.keep(node, name === "softmax" ? softmax(a) : a.value.map(unary[name]!));
  }

  #binary(a: Twin): void {
    const name = this.choose(Object.keys(binary));
    const fits = ({ node }: Twin): boolean =>
      String(node.shape) === String(a.node.shape) ||
      String(node.shape) === String(a.node.shape.slice(-1)) ||
      node.shape.length === 0;
    const b = this.choose(this.twins.filter(fits));
    const { shape } = a.node;
    const swapped = this.next() < 0.5;
    const [left, right] = swapped ? [b, a] : [a, b];
    const node = ops[name as "add"](this.tape, left.node, right.node);
    const formula = binary[name]!;
    this.keep(
      node,
      range(size(shape)).map((i) => formula(pick(left, shape, i), pick(right, shape, i))),
    );
  }

  #matmul(a: Twin): void {
    if (a.node.shape.length !== 2) return;
    const [transA, transB] = [this.next() < 0.5, this.next() < 0.5];
    const inner = a.node.shape[transA ? 0 : 1];
    const fits = ({ node }: Twin): boolean =>
      node.shape.length === 2 && node.shape[transB ? 1 : 0] === inner;
    const others = this.twins.filter(fits);
    if (others.length === 0) return;
    const b = this.choose(others);
    const [value] = product(a, b, transA, transB);
    this.keep(ops.matmul(this.tape, a.node, b.node, transA, transB), value);
  }

  #dense(a: Twin): void {
    if (a.node.shape.length !== 2) return;
    const weight = this.source("constant", [a.node.shape[1]!, 3]);
    const bias = this.source("constant", [3]);
    const [value] = product(a, weight, false, false);
    const choice = { name: "tanh", parameter: 0 } as const;
    const node = ops.dense(this.tape, a.node, weight.node, bias.node, choice);
    this.keep(
      node,
      value.map((sum, i) => Math.tanh(sum + bias.value[i % 3]!)),
    );
  }

  #reduce(a: Twin): void {
    if (a.node.shape.length !== 2) return;
    const [rows, cols] = a.node.shape as [number, number];
    const column = (j: number): number =>
      range(rows).reduce((sum, i) => sum + a.value[i * cols + j]!, 0);
    this.keep(
      ops.mean(this.tape, a.node, 0),
      range(cols).map((j) => column(j) / rows),
    );
  }

  #reshape(a: Twin): void {
    const { shape } = a.node;
    const shapes = [[size(shape)], [1, size(shape)], shape.toReversed()];
    this.keep(ops.reshape(this.tape, a.node, this.choose(shapes)), a.value);
  }

  /** The sum of two or three losses of what has been recorded. */
  finish(): Twin {
    const terms = [this.twins.at(-1)!, this.choose(this.twins), this.choose(this.twins)];
    return terms
      .map((twin) => this.#loss(twin))
      .reduce((sum, term) => {
        const node = ops.add(this.tape, sum.node, term.node);
        return { node, value: [sum.value[0]! + term.value[0]!] };
      });
  }

  #loss(twin: Twin): Twin {
    const { node, value } = twin;
    const target = this.source("constant", node.shape);
    if (node.shape.length === 2 && this.next() < 0.5) {
      return {
        node: ops.crossEntropy(this.tape, node, target.node),
        value: [crossEntropy(twin, target)],
      };
    }
    const squares = value.reduce((sum, x, i) => sum + (x - target.value[i]!) ** 2, 0);
    return { node: ops.mse(this.tape, node, target.node), value: [squares / value.length] };
  }
}

/** A random graph; the same seed gives the same. */
export function randomDag(seed: number): Dag {
  const builder = new Builder(seed);
  const shapes = [[2, 3], [3, 3], [3], [2, 1], []];
  const parameters = shapes.map((shape) => builder.source("parameter", shape));
  const inputs = [
    [2, 3],
    [3, 2],
  ].map((shape) => builder.source("input", shape));
  builder.source("constant", [2, 3]);
  const count = 6 + Math.floor(builder.next() * 20);
  for (let i = 0; i < count; i++) builder.grow();
  const loss = builder.finish();
  return { tape: builder.tape, parameters, inputs, twins: builder.twins, loss };
}
