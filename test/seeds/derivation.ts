import type { ArrayValue, Engine, Graph, Node, Step } from "../../src/index.ts";

/**
 * A derivation as in the notes: a graph by hand whose values and gradients, those in between too,
 * can be read by the notes' names.
 */
export class Derivation {
  readonly g: Graph;
  readonly #values = new Map<string, Node>();
  /**
   * Nodes whose gradients are those of values: the value itself, or the zeros that were added to
   * it.
   */
  readonly #sources = new Map<string, Node>();
  #loss: Node | undefined;
  #step: Step | undefined;

  constructor(engine: Engine) {
    this.g = engine.graph();
  }

  /** Adds a value to differentiate by: weights, and inputs whose gradient a note asks for. */
  parameter(name: string, { shape, data }: ArrayValue): Node {
    const node = this.g.parameter(shape, data);
    this.#values.set(name, node);
    this.#sources.set(name, node);
    return node;
  }

  constant({ shape, data }: ArrayValue): Node {
    return this.g.constant(data, shape);
  }

  /**
   * Names a value in between. dJ/dv is the gradient of zeros that are added to v: d(v + 0)/d0 = 1.
   */
  keep(name: string, node: Node): Node {
    const zeros = this.g.parameter(node.shape, 0);
    const kept = this.g.add(node, zeros);
    this.#values.set(name, kept);
    this.#sources.set(name, zeros);
    return kept;
  }

  /** Plans forward and reverse sweep for the scalar, and runs them. */
  run(loss: Node): void {
    this.#loss = loss;
    this.#step = this.g.compile(loss, { outputs: [...this.#values.values()] });
    this.#step.run();
  }

  /** Runs them once more, with what `set` has changed and new values for inputs of the graph. */
  again(inputs?: Parameters<Step["run"]>[0]): void {
    this.#compiled.run(inputs);
  }

  get loss(): number {
    return this.#compiled.value(this.#loss!) as number;
  }

  value(name: string): number | ArrayValue {
    return this.#compiled.value(named(this.#values, name));
  }

  gradient(name: string): number | ArrayValue {
    return this.#compiled.gradient(named(this.#sources, name));
  }

  set(name: string, value: number | Float32Array): void {
    this.#compiled.set(named(this.#sources, name), value);
  }

  /** One step of gradient descent by hand: w - alpha dw for each name. */
  descend(names: readonly string[], alpha: number): void {
    for (const name of names) {
      const [w, dw] = [this.value(name), this.gradient(name)];
      if (typeof w === "number" || typeof dw === "number") {
        this.set(name, (w as number) - alpha * (dw as number));
      } else {
        const after = w.data.map((x, i) => x - alpha * dw.data[i]!);
        this.set(name, after);
      }
    }
  }

  get #compiled(): Step {
    if (!this.#step) throw new RangeError("expected a derivation that has run");
    return this.#step;
  }
}

function named(nodes: ReadonlyMap<string, Node>, name: string): Node {
  const node = nodes.get(name);
  if (!node) throw new RangeError(`expected a value of the derivation, got "${name}"`);
  return node;
}
