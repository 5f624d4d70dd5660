import { check, numberBelow } from "../base/arguments.ts";
import { immutable } from "../base/printable.ts";
import type { Layer } from "./layer.ts";

/**
 * Sets each element to 0 with probability `rate` in training, and scales the others by 1 / (1 -
 * rate) (Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov 2014). In evaluation and
 * prediction it changes nothing.
 * @param rate probability in [0, 1)
 * @throws TypeError if the rate is not a number
 * @throws RangeError if the rate is not in [0, 1)
 * @example
 * const net = sequential([dense(64), relu(), dropout(0.5), dense(10)]);
 */
export function dropout(rate: number): Layer {
  check("dropout", "rate", rate, numberBelow(1));
  const label = `dropout(${rate})`;
  return immutable<Layer>(
    {
      kind: "dropout",
      label,
      record: (g, x) => (g.training ? g.dropout(x, rate) : x),
    },
    label,
  );
}
