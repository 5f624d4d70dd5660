import { checkRate, dropout as dropoutOp } from "../graph/ops/dropout.ts";
import { printable } from "../runtime/printable.ts";
import type { Layer } from "./layer.ts";

/**
 * Drops each element with probability `rate` while training, and scales the others by 1 / (1 - rate)
 * (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014); at other times x passes.
 * @throws RangeError if the rate is not in [0, 1)
 */
export function dropout(rate: number): Layer {
  const label = `dropout(${rate})`;
  checkRate(rate, (text) => new RangeError(`dropout: ${text}`));
  const layer: Layer = {
    kind: "dropout",
    label,
    record: (g, x) => (g.training ? dropoutOp(g, x, rate) : x),
  };
  return printable(layer, label);
}
