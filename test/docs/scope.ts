import type { Engine, Graph, Model, Network, Node, RemoteTraining } from "gradlane";
import { adam, createEngine, crossEntropy, dense, sequential, trainInWorker } from "gradlane";
import { type LabelledData, loadDigits } from "gradlane/digits";

/**
 * Names that examples in docstrings use without declaring them, and the loop that runs the examples.
 * It is copied beside them, so that they see the package as users do.
 */

const digits = await loadDigits();

/** Makes what an example uses, and only that. */
export class Scope {
  readonly engine: Engine;
  readonly train: LabelledData = digits.train;
  readonly test: LabelledData = digits.test;
  #model: Model | undefined;
  #g: Graph | undefined;
  #training: RemoteTraining | undefined;

  constructor(engine: Engine) {
    this.engine = engine;
  }

  get net(): Network {
    return sequential([dense(64, { activation: "relu" }), dense(10)]);
  }

  get model(): Model {
    const options = { inputShape: [64], loss: crossEntropy(), optimizer: adam(), seed: 1 };
    return (this.#model ??= this.engine.compile(this.net, { ...options, metrics: ["accuracy"] }));
  }

  get g(): Graph {
    return (this.#g ??= this.engine.graph());
  }

  /** A training in the worker that serveTraining's example makes. */
  get training(): RemoteTraining {
    const worker = new URL("./trainer.js", import.meta.url);
    return (this.#training ??= trainInWorker(worker, { data: digits.train, epochs: 5 }));
  }

  async end(): Promise<void> {
    this.#training?.abort();
    await this.#training?.finished.catch(() => undefined);
    this.engine.dispose();
  }
}

/** Rounds as examples do: to four digits. */
function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

/** Returns row-major numbers as nested lists. */
function nested(data: Float32Array, shape: readonly number[]): string {
  const [length = 0, ...inner] = shape;
  const step = data.length / length;
  const parts = Array.from({ length }, (_, i) =>
    inner.length > 0
      ? nested(data.subarray(i * step, (i + 1) * step), inner)
      : String(rounded(data[i]!)),
  );
  return `[${parts.join(", ")}]`;
}

/** Returns the numbers of a node: its graph computes it. */
function valueOf(node: Node, g: Graph): string {
  const step = g.compile(g.constant(0), { outputs: [node] });
  step.run();
  const value = step.value(node);
  return typeof value === "number" ? String(rounded(value)) : nested(value.data, value.shape);
}

/** Prints what an expression of an example gives. */
export function show(value: unknown, g?: Graph): void {
  const isNode = typeof value === "object" && value !== null && "inputs" in value;
  if (isNode) console.log(valueOf(value as Node, g!));
  else if (Array.isArray(value)) console.log(JSON.stringify(value).replaceAll(",", ", "));
  else console.log(typeof value === "number" ? rounded(value) : value);
}

export interface Example {
  /** Its first line in the script. */
  readonly line: number;
  readonly run: (scope: Scope) => Promise<void>;
}

/** Runs examples one after the other, each with an engine of its own. */
export async function runAll(examples: readonly Example[]): Promise<void> {
  for (const { line, run } of examples) {
    const scope = new Scope(await createEngine());
    try {
      await run(scope);
      await scope.end();
    } catch (error) {
      const text = error instanceof Error ? error.stack : String(error);
      process.stdout.write(`${JSON.stringify({ line, text: `failed: ${text}` })}\n`);
    }
  }
}
