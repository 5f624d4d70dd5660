import { describe } from "../graph/node.ts";
import { add } from "../graph/ops/binary.ts";
import { immutable } from "../base/printable.ts";
import type { Layer } from "./layer.ts";
import { checkLayers, listOf, sequential } from "./layer.ts";

/**
 * Adds its input to the output of layers in order: x + f(x) (He, Zhang, Ren and Sun, "Deep residual
 * learning for image recognition", 2016).
 * @throws TypeError if something in the list is not a layer
 * @throws RangeError when a model is compiled, if the layers change the shape
 * @example
 * const block = residual([dense(64), relu(), dense(64)]);
 * const net = sequential([dense(64), block, dense(10)]);
 */
export function residual(layers: readonly Layer[]): Layer {
  checkLayers("residual", layers);
  const inner = sequential(layers);
  return immutable<Layer>(
    {
      kind: "residual",
      label: `residual(${layers.map(({ label }) => label).join(", ")})`,
      record(g, x) {
        const y = inner.record(g, { x });
        if (describe(y.shape) !== describe(x.shape)) {
          const came = describe(y.shape);
          throw g.fail("residual", `expected the layers to keep ${describe(x.shape)}, got ${came}`);
        }
        return add(g, x, y);
      },
    },
    `residual(${listOf(layers)})`,
  );
}
