import { describe } from "vitest";
import type { Conv1dOptions, Conv2dOptions } from "../../src/graph/ops/conv.ts";
import type { Conv2dTransposeOptions } from "../../src/graph/ops/conv-transpose.ts";
import { type Shape, type Trial, run } from "../support/trials.ts";

/** Ops of convolutions against their formulas, and the gradients of x, weight and bias. */

/** Returns a trial with a bias, or without one for every third. */
function trials<O>(
  op: "conv2d" | "conv1d" | "conv2dTranspose",
  tried: readonly (readonly [x: Shape, weight: Shape, options?: O])[],
): Trial[] {
  return tried.map(([x, weight, options], i): Trial => {
    const { groups = 1 } = (options ?? {}) as { groups?: number };
    const filters = op === "conv2dTranspose" ? weight[2]! * groups : weight.at(-1)!;
    const shapes = i % 3 === 2 ? [x, weight] : [x, weight, [filters]];
    return {
      shapes,
      attributes: options ? [options] : [],
      record: (g, [x, weight, bias]) => g[op](x!, weight!, bias, options as object),
    };
  });
}

describe("conv2d with kernels of 1 to 7 and strides of 1 to 3", () => {
  const tried = [1, 2, 3, 4, 5, 6, 7].flatMap((size) =>
    [1, 2, 3].map((stride) => {
      const i = 3 * size + stride;
      const channels = [1, 3, size < 5 ? 17 : 4][i % 3]!;
      const dilation = size < 4 ? 1 + ((i + size) % 3) : 1;
      const reach = (size - 1) * dilation + 1;
      const x = [1 + (i % 2), reach + 1 + (i % 3), reach + (i % 4), channels];
      const weight = [size, size, channels, [1, 5, 9, 16][i % 4]!];
      const paddings = ["valid", "same", 1, [0, 2], { top: 1, right: 2 }] as const;
      const options: Conv2dOptions = { stride, dilation, padding: paddings[i % 5]! };
      return [x, weight, options] as const;
    }),
  );
  run("conv2d", trials("conv2d", tried));
});

describe("conv2d", () => {
  const tried: (readonly [Shape, Shape, Conv2dOptions?])[] = [
    [
      [2, 5, 7, 3],
      [3, 2, 3, 4],
    ],
    // A sum of 576 terms, in two blocks.
    [[1, 4, 4, 64], [3, 3, 64, 6], { padding: "same" }],
    [
      [3, 3, 3, 64],
      [1, 1, 64, 17],
    ],
    [[2, 5, 4, 17], [1, 1, 17, 3], { stride: [2, 1] }],
    [[1, 5, 4, 6], [1, 1, 6, 3], { padding: 1 }],
    // Even sizes: the odd zero of "same" comes after the image.
    [[2, 8, 6, 3], [3, 3, 3, 5], { stride: 2, padding: "same" }],
    [[1, 7, 9, 3], [2, 4, 3, 5], { stride: [3, 2], padding: "same", dilation: [2, 1] }],
    // Strides past the kernel: some of x has the gradient 0.
    [[1, 9, 10, 3], [2, 1, 3, 4], { stride: 3 }],
    // The kernel is as large as the padded image.
    [[2, 3, 3, 4], [5, 5, 4, 3], { padding: 1 }],
    [[1, 1, 1, 2], [3, 3, 2, 3], { padding: [1, 2] }],
    [[2, 5, 6, 3], [3, 3, 3, 4], { padding: { top: 2, bottom: 0, left: 1 } }],
    [[0, 5, 6, 3], [3, 3, 3, 4], { padding: "same" }],
  ];
  run("conv2d", trials("conv2d", tried));
});

describe("conv2d in groups", () => {
  const tried: (readonly [Shape, Shape, Conv2dOptions?])[] = [
    [[2, 5, 6, 6], [3, 3, 3, 8], { groups: 2, padding: "same" }],
    [[1, 7, 5, 51], [2, 3, 17, 9], { groups: 3, stride: 2 }],
    [[2, 4, 4, 8], [1, 1, 4, 10], { groups: 2 }],
    // Each channel with filters of its own.
    [[2, 6, 7, 3], [3, 3, 1, 3], { groups: 3, padding: "same" }],
    [[1, 9, 8, 17], [3, 3, 1, 17], { groups: 17, stride: 2, padding: 1 }],
    [[1, 9, 9, 17], [3, 2, 1, 34], { groups: 17, dilation: 2 }],
    [[2, 5, 5, 5], [5, 3, 1, 15], { groups: 5, padding: 2, stride: [1, 3] }],
    [[1, 6, 4, 64], [2, 2, 1, 64], { groups: 64 }],
    // One channel, which is no group.
    [[2, 6, 5, 1], [3, 3, 1, 4], { groups: 1, padding: "same" }],
  ];
  run("conv2d", trials("conv2d", tried));
});

describe("conv1d", () => {
  const tried: (readonly [Shape, Shape, Conv1dOptions?])[] = [
    [
      [2, 9, 3],
      [3, 3, 4],
    ],
    [[2, 13, 4], [3, 4, 6], { stride: 2, padding: 1 }],
    [[1, 12, 3], [3, 3, 8], { padding: "causal", dilation: 2 }],
    [[3, 8, 2], [4, 2, 3], { padding: "causal", stride: 3 }],
    [[2, 9, 6], [2, 2, 9], { groups: 3 }],
    [[2, 10, 17], [5, 1, 17], { groups: 17, padding: "same", stride: 2 }],
    [[2, 7, 64], [3, 64, 5], { padding: { after: 2 } }],
    [
      [2, 7, 5],
      [1, 5, 6],
    ],
    [[1, 4, 1], [7, 1, 2], { padding: { before: 3, after: 3 } }],
  ];
  run("conv1d", trials("conv1d", tried));
});

describe("conv2dTranspose", () => {
  const tried: (readonly [Shape, Shape, Conv2dTransposeOptions?])[] = [
    [
      [2, 4, 5, 4],
      [3, 3, 5, 4],
    ],
    [[2, 4, 5, 5], [3, 3, 3, 5], { stride: 2, padding: 1, outputPadding: 1 }],
    [[1, 4, 5, 3], [2, 2, 4, 3], { stride: 3, outputPadding: [2, 0] }],
    [[2, 4, 5, 4], [4, 4, 3, 4], { stride: 2, padding: 1, groups: 2 }],
    [[2, 3, 4, 3], [3, 5, 2, 3], { stride: [1, 2], padding: "same" }],
    // A kernel below the stride leaves gaps, which "same" fills with zeros at the end.
    [[1, 3, 4, 2], [2, 1, 3, 2], { stride: 3, padding: "same" }],
    [[2, 3, 3, 17], [7, 7, 3, 17], { padding: [3, 2] }],
    [[1, 3, 2, 64], [3, 3, 5, 64], { stride: 2, padding: { top: 1, right: 2 } }],
    [[2, 4, 3, 3], [3, 3, 1, 3], { groups: 3, stride: 2, padding: "same" }],
    [[2, 4, 3, 6], [3, 3, 1, 6], { groups: 3, padding: 1 }],
    [
      [3, 4, 4, 1],
      [1, 1, 5, 1],
    ],
    [
      [0, 4, 4, 2],
      [3, 3, 5, 2],
    ],
  ];
  run("conv2dTranspose", trials("conv2dTranspose", tried));
});
