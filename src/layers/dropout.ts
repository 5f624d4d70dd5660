import { check, numberBelow } from "../base/arguments.ts";
import { immutable } from "../base/printable.ts";
import { checkImages } from "../graph/ops/windows.ts";
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

/**
 * Sets whole channels of images [rows, columns, channels] to 0 with probability `rate` in training, and
 * scales the others by 1 / (1 - rate) (Tompson, Goroshin, Jain, LeCun and Bregler 2015). In evaluation
 * and prediction it changes nothing.
 * @param rate probability in [0, 1)
 * @throws TypeError if the rate is not a number
 * @throws RangeError if the rate is not in [0, 1)
 * @example
 * const net = sequential([spatialDropout2d(0.2), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [7, 7, 64], loss: crossEntropy(), optimizer: adam() });
 */
export function spatialDropout2d(rate: number): Layer {
  check("spatialDropout2d", "rate", rate, numberBelow(1));
  const label = `spatialDropout2d(${rate})`;
  return immutable<Layer>(
    {
      kind: "spatialDropout2d",
      label,
      record(g, x) {
        checkImages(g, "spatialDropout2d", x);
        if (!g.training || rate === 0) return x;
        const [batch, , , channels] = x.shape as [number, number, number, number];
        const mask = g.dropout(g.constant(1, [batch, 1, 1, channels]), rate);
        // A product alone would make NaN of 0 · ∞.
        return g.where(mask, g.mul(x, mask), g.scalar(0));
      },
    },
    label,
  );
}
