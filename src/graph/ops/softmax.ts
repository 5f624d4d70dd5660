import type { InstructionWords } from "../../../build/instructions.ts";
import { type Computation, type Node, OUTPUT, type Recorder } from "../node.ts";
import { describe, instruction, size } from "../node.ts";

/**
 * Returns rows and columns of an array; its last axis is a row.
 * @throws RangeError without columns
 */
function rowsOf(g: Recorder, op: string, x: Node): [rows: number, cols: number] {
  const cols = x.shape.at(-1);
  if (!cols) throw g.fail(op, `expected rows of at least 1 column, got ${describe(x.shape)}`);
  return [size(x.shape) / cols, cols];
}

/**
 * Returns an op on rows whose gradient is computed from y, with kernels NAME (x, y, rows, cols) and
 * NAMEGrad (y, dy, dx, rows, cols).
 */
function rowOp(op: InstructionWords<Node>["rows"]["kernel"]) {
  return (g: Recorder, x: Node): Node => {
    const [rows, cols] = rowsOf(g, op, x);
    const computation: Computation = {
      op,
      inPlace: x,
      gradient(g, node, dy) {
        const kernel = `${op}Grad` as const;
        const dx: Computation = {
          op: kernel,
          inPlace: dy,
          instruction: instruction("rowsGrad", { kernel, y: node, dy, dx: OUTPUT, rows, cols }),
        };
        return [() => g.append(dx, x.shape)];
      },
      instruction: instruction("rows", { kernel: op, x, y: OUTPUT, rows, cols }),
    };
    return g.append(computation, x.shape);
  };
}

/**
 * e^x divided by its sum along the last axis, so that each row adds up to 1.
 * @throws RangeError for rows without columns
 * @example
 * g.softmax(g.constant(Float32Array.of(1, 2, 3))); // [0.09003, 0.2447, 0.6652]
 */
export const softmax = rowOp("softmax");

/**
 * The logarithm of softmax along the last axis. It keeps the digits that a probability near 1 would
 * lose.
 * @throws RangeError for rows without columns
 * @example
 * g.logSoftmax(g.constant(Float32Array.of(1, 2, 3))); // [-2.408, -1.408, -0.4076]
 */
export const logSoftmax = rowOp("logSoftmax");
