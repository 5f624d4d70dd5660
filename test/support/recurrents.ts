import type { Kernel } from "../../scripts/abi/read.ts";
import { gatesOf, keptOf } from "../../src/reference/recurrent.ts";
import type { Arena } from "../../src/verify/arena.ts";
import { striped } from "../../src/verify/families/convolution.ts";
import { cells } from "../../src/verify/families/recurrent.ts";
import {
  type Call,
  type Drawn,
  type Next,
  drawCall,
  drawFloats,
  drawIntegers,
  pick,
} from "./draw.ts";

/** Random calls of the kernels of recurrent layers. */

/** Draws a call of the forward pass, or of the gradient. */
export function drawRecurrentCall(isGradient: boolean) {
  return (kernel: Kernel, next: Next, { kernels }: Arena): Call => {
    const name = pick(cells, next);
    const cell = cells.indexOf(name);
    const [batch, steps] = [pick([0, 1, 2, 3, 4, 5, 9], next), pick([0, 1, 2, 3, 5], next)];
    const units = pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33], next);
    const columns = gatesOf[name] * units;
    const packed = isGradient ? columns * striped(units) : units * striped(columns);
    const every = batch * steps * units;
    const [isLstm, isGru] = [name === "lstm", name === "gru"];

    function operand(name: string, access: Drawn["access"], cols: number, isNone = false): Drawn {
      const shape = { rows: 1, cols, stride: cols, type: "f32" as const, mayBe: [], isNone };
      const drawn = { name, access, ...shape };
      return access === "reads" ? { ...drawn, content: drawFloats(cols, next) } : drawn;
    }

    const floating = next() < 0.5;
    const drawn = drawIntegers(batch, steps + 1, next);
    const lengths: Drawn = {
      ...operand("lengths", "reads", batch, next() < 0.5),
      type: floating ? "f32" : "i32",
      content: floating ? Float32Array.from(drawn) : drawn,
    };
    const bytes = kernels.recurrentScratchBytes(cell, batch, units);
    const shared = [
      operand("packed", "reads", packed),
      operand("h0", "reads", batch * units, next() < 0.5),
      operand("c0", "reads", batch * units, !isLstm || next() < 0.5),
      lengths,
      operand("scratch", "scratch", bytes / 4),
    ];
    const values = { cell, batch, steps, units, floating: Number(floating) };
    const kept = batch * steps * keptOf[name] * units;
    if (!isGradient) {
      return drawCall(kernel, next, values, [
        ...shared,
        operand("z", "reads", batch * steps * columns),
        operand("bias", "reads", columns, !isGru || next() < 0.5),
        operand("outputs", "writes", every),
        operand("gates", "writes", kept),
        operand("cells", "writes", every, !isLstm),
        operand("h", "writes", batch * units),
        operand("c", "writes", batch * units, !isLstm),
      ]);
    }
    return drawCall(kernel, next, values, [
      ...shared,
      operand("outputs", "reads", every),
      operand("gates", "reads", kept),
      operand("cells", "reads", every, !isLstm),
      operand("doutputs", "reads", every, next() < 0.3),
      operand("dh", "reads", batch * units, next() < 0.3),
      operand("dc", "reads", batch * units, !isLstm || next() < 0.3),
      operand("dz", "writes", batch * steps * columns),
      operand("drecurrent", "writes", batch * steps * columns, !isGru),
      operand("before", "writes", every),
      operand("dh0", "writes", batch * units),
      operand("dc0", "writes", batch * units, !isLstm),
    ]);
  };
}
