import * as layers from "../../src/index.ts";
import type { Graph } from "../../src/index.ts";
import type { Taker } from "./taker.ts";

/** Pools as layers and as ops. */
export function poolTakers(g: Graph): Record<string, Taker> {
  const options = { stride: "whole", padding: "padding" } as const;
  const counting = { ...options, countPadding: "flag" } as const;
  const [image, sequence] = [g.parameter([1, 4, 4, 1], 1), g.parameter([1, 4, 1], 1)];
  return {
    maxPool2d: { call: (given) => layers.maxPool2d(2, given), options },
    maxPool1d: { call: (given) => layers.maxPool1d(2, given), options },
    avgPool2d: { call: (given) => layers.avgPool2d(2, given), options: counting },
    avgPool1d: { call: (given) => layers.avgPool1d(2, given), options: counting },
    upsample2d: {
      call: (given) => layers.upsample2d(2, given),
      options: { interpolation: "name" },
    },
    "maxPool2d, the op": {
      who: "maxPool2d",
      call: (given) => g.maxPool2d(image, 2, given),
      options,
    },
    "maxPool1d, the op": {
      who: "maxPool1d",
      call: (given) => g.maxPool1d(sequence, 2, given),
      options,
    },
    "avgPool2d, the op": {
      ...{ who: "avgPool2d", call: (given) => g.avgPool2d(image, 2, given), options: counting },
    },
    "avgPool1d, the op": {
      ...{ who: "avgPool1d", call: (given) => g.avgPool1d(sequence, 2, given), options: counting },
    },
    "upsample2d, the op": {
      who: "upsample2d",
      call: (given) => g.upsample2d(image, 2, given),
      options: { interpolation: "name" },
    },
  };
}

/** Layers and the op of augmentation, and mixup. */
export function augmentationTakers(g: Graph): Record<string, Taker> {
  const image = g.constant(1, [1, 4, 4, 1]);
  const fill = { fill: "name" } as const;
  const flips = { horizontal: "flag", vertical: "flag" } as const;
  const sizes = { rotation: "number", zoom: "number", crop: "number", cutout: "number" } as const;
  const all = { ...flips, ...fill, ...sizes, translation: "number" } as const;
  const { x, y } = { x: new Float32Array(4), y: new Int32Array(2) };
  return {
    randomFlip: { call: (given) => layers.randomFlip(given), options: flips },
    randomTranslation: { call: (given) => layers.randomTranslation(0.1, given), options: fill },
    randomRotation: { call: (given) => layers.randomRotation(10, given), options: fill },
    randomZoom: { call: (given) => layers.randomZoom(0.1, given), options: fill },
    augment: { call: (given) => layers.augment(given), options: all },
    "augment, the op": {
      ...{ who: "augment", call: (given) => g.augment(image, given), options: all },
    },
    mixup: {
      call: (given) => layers.mixup({ x, y }, given),
      options: { classes: "whole", alpha: "number", batchSize: "whole", seed: "whole" },
      needed: { classes: 2 },
    },
  };
}

/** Layers of convolutions. */
export function convolutionTakers(): Record<string, Taker> {
  const filters: Taker["options"] = {
    ...{ activation: "name", useBias: "flag", weightPenalty: "object" },
    ...{ weightInitializer: "object", biasInitializer: "object" },
  };
  const image = { stride: "pair", padding: "padding", dilation: "pair" } as const;
  const sequence = { stride: "whole", padding: "padding", dilation: "whole" } as const;
  const upwards = { stride: "pair", padding: "padding", outputPadding: "pair" } as const;
  return {
    conv2d: {
      call: (options) => layers.conv2d(2, 3, options),
      options: { ...image, ...filters, groups: "whole" },
    },
    conv1d: {
      call: (options) => layers.conv1d(2, 3, options),
      options: { ...sequence, ...filters, groups: "whole" },
    },
    depthwiseConv2d: {
      call: (options) => layers.depthwiseConv2d(3, options),
      options: { ...image, ...filters, multiplier: "whole" },
    },
    separableConv2d: {
      call: (options) => layers.separableConv2d(2, 3, options),
      options: { ...image, ...filters, multiplier: "whole" },
    },
    conv2dTranspose: {
      call: (options) => layers.conv2dTranspose(2, 3, options),
      options: { ...upwards, ...filters, groups: "whole" },
    },
  };
}
