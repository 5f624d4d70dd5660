import { reshape } from "../graph/ops/shape.ts";
import { size } from "../graph/node.ts";
import { checkArguments } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import type { Layer } from "./layer.ts";

/**
 * Makes each example one row of features: [batch, a, b, ...] becomes [batch, a·b·...]. No element
 * moves.
 * @example
 * const net = sequential([flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28], loss: crossEntropy(), optimizer: adam() });
 */
export function flatten(): Layer;
export function flatten(...none: unknown[]): Layer {
  checkArguments("flatten", none);
  return immutable<Layer>(
    {
      kind: "flatten",
      label: "flatten",
      record: (g, x) => reshape(g, x, [x.shape[0]!, size(x.shape.slice(1))]),
    },
    call("flatten"),
  );
}
