import type { Graph, Layer, Model, Network, Node } from "../../src/index.ts";
import { network, zeros } from "../../src/index.ts";
import { transposed } from "./cases.ts";
import type { Actual, Check } from "./check.ts";
import type { Derivation } from "./derivation.ts";

/** Function that follows each layer's weighted sum. */
type Activation = "sigmoid" | "relu";

/** Returns true if the case has that parameter: some notes leave biases out. */
function has({ example }: Check, name: string): boolean {
  return name in example.parameters;
}

/**
 * Layers in the column convention, as the notes write it: Z = W·A + b, A = f(Z), where a column is an
 * example, W is [to, from] and b [to, 1]. Keeps Z1, A1, Z2, ... and gives the last A.
 */
export function columnLayers(d: Derivation, check: Check, x: Node, f: Activation[]): Node {
  return f.reduce((a, activation, i) => {
    const [w, b] = [`W${i + 1}`, `b${i + 1}`];
    const product = d.g.matmul(d.parameter(w, check.parameter(w)), a);
    const sum = has(check, b) ? d.g.add(product, d.parameter(b, check.parameter(b))) : product;
    const z = d.keep(`Z${i + 1}`, sum);
    return d.keep(`A${i + 1}`, d.g[activation](z));
  }, x);
}

/** Layers in the row convention: Z = A·W + b, where a row is an example, W is [from, to], b [1, to]. */
export function rowLayers(d: Derivation, check: Check, x: Node, f: Activation[]): Node {
  return f.reduce((a, activation, i) => {
    const [w, b] = [`W${i + 1}`, `b${i + 1}`];
    const product = d.g.matmul(a, d.parameter(w, check.parameter(w)));
    const z = d.keep(`Z${i + 1}`, d.g.add(product, d.parameter(b, check.parameter(b))));
    return d.keep(`A${i + 1}`, d.g[activation](z));
  }, x);
}

/** Σ over the examples (columns) of a loss that is summed over everything, divided by their number. */
export function meanOverColumns(g: Graph, sum: Node, examples: number): Node {
  return g.div(sum, g.constant(examples));
}

/** A layer in the column convention: x [from, examples], weight [to, from], bias [to, 1]. */
function columnDense(units: number, activation?: "relu"): Layer {
  return {
    kind: "columnDense",
    label: `columnDense(${units})`,
    record(g, x) {
      const weight = g.parameter("weight", [units, x.shape[0]!], zeros());
      const bias = g.parameter("bias", [units, 1], zeros());
      const z = g.add(g.matmul(weight, x), bias);
      return activation ? g.relu(z) : z;
    },
  };
}

/**
 * A network for a model, which is given examples as rows and trained on: rows become columns once,
 * every layer computes Z = W·X + b with W as the note stores it, and columns become rows again.
 */
export function columnNetwork(layers: readonly (readonly [number, "relu"?])[]): Network {
  const list = layers.map(([units, activation]) => columnDense(units, activation));
  return network((g, { x }) => g.transpose(list.reduce((a, l) => g.use(l, a), g.transpose(x))));
}

/** Gives a model's parameters the case's values, in the order of `names`. */
export function setParameters(model: Model, check: Check, names: readonly string[]): void {
  names.forEach((name, i) => {
    model.parameters[i]!.data.set(check.parameter(name).data);
  });
}

/** The parameters of a model by the note's names; each is read when it is asked for. */
export function parameterOf(model: Model, names: readonly string[]) {
  return (name: string): Actual => {
    const parameter = model.parameters[names.indexOf(name)]!;
    // A bias of the row convention, [1, to] in the notes, is [to] in a dense layer.
    return parameter.shape.length === 1 ? parameter.data : parameter;
  };
}

/** Columns of examples as the rows that a model takes. */
export function rows(check: Check, path: string): Float32Array {
  return transposed(check.input(path)).data;
}
