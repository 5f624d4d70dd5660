import { check } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { describe } from "../graph/node.ts";
import { type Borders2d, borders2d, checkImages, owned, sides } from "../graph/ops/windows.ts";
import type { Layer } from "./layer.ts";

/**
 * Puts zeros around images [rows, columns, channels].
 * @param padding rows and columns on every side, [rows, columns], or { top, bottom, left, right }
 * @throws TypeError or RangeError if it is something else, or a number is not whole and ≥ 0
 * @example
 * const net = sequential([zeroPad2d({ top: 1, left: 2 }), maxPool2d(3), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function zeroPad2d(padding: Borders2d): Layer {
  check("zeroPad2d", "padding", padding, borders2d());
  const own = owned(padding);
  const label = call("zeroPad2d", own);
  return immutable<Layer>(
    {
      kind: "zeroPad2d",
      label,
      steps: "mixed",
      record(g, x) {
        checkImages(g, "zeroPad2d", x);
        return g.pad(x, [[0, 0], ...sides(own), [0, 0]]);
      },
    },
    label,
  );
}

/**
 * Cuts rows and columns off the edges of images [rows, columns, channels].
 * @param cropping rows and columns on every side, [rows, columns], or { top, bottom, left, right }
 * @throws TypeError or RangeError if it is something else, or a number is not whole and ≥ 0
 * @example
 * const net = sequential([crop2d([2, 4]), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function crop2d(cropping: Borders2d): Layer {
  check("crop2d", "cropping", cropping, borders2d());
  const own = owned(cropping);
  const label = call("crop2d", own);
  return immutable<Layer>(
    {
      kind: "crop2d",
      label,
      steps: "mixed",
      record(g, x) {
        checkImages(g, "crop2d", x);
        const ranges = sides(own).map(([before, after], axis) => {
          return { begin: before, end: x.shape[axis + 1]! - after };
        });
        if (ranges.some(({ begin, end }) => begin >= end)) {
          const expected = "at least 1 row and 1 column to be left";
          throw g.fail("crop2d", `expected ${expected}, got ${describe(x.shape)}`);
        }
        const begins = ranges.map(({ begin }) => begin);
        const ends = ranges.map(({ end }) => end);
        return g.slice(x, [0, ...begins], [undefined, ...ends]);
      },
    },
    label,
  );
}
