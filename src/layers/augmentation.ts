import { check, checkOptions, needed, numberBelow } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { type AugmentOptions, type FillOption, type FlipOptions } from "../graph/ops/augment.ts";
import { type Shares, augmentRules, cropOf, degrees } from "../graph/ops/augment.ts";
import { fillRules, shares } from "../graph/ops/augment.ts";
import { type Pair, checkImages, owned, pair } from "../graph/ops/windows.ts";
import type { Node } from "../graph/node.ts";
import type { Layer, LayerGraph } from "./layer.ts";

/** Returns the middle of images, as far as a crop keeps it. */
function centre(g: LayerGraph, kind: string, x: Node, crop: Pair): Node {
  const [rows, columns] = cropOf(g, kind, x, crop);
  const [, height, width] = x.shape as [number, number, number, number];
  const [top, left] = [Math.floor((height - rows) / 2), Math.floor((width - columns) / 2)];
  return g.slice(x, [0, top, left], [undefined, top + rows, left + columns]);
}

/** Makes a layer that augments in training, and otherwise at most crops. */
function augmenting(kind: string, label: string, options: AugmentOptions): Layer {
  const { crop } = options;
  const layer: Layer = {
    kind,
    label,
    steps: "mixed",
    record(g, x) {
      checkImages(g, kind, x);
      if (g.training) return g.augment(x, options);
      return crop === undefined ? x : centre(g, kind, x, crop);
    },
  };
  return immutable(layer, label);
}

/** Returns a copy of options, whose lists their caller may change. */
function ownOptions<Options extends object>(options: Options): Options {
  const entries = Object.entries(options).map(([name, value]) => [name, owned(value as unknown)]);
  return Object.fromEntries(entries) as Options;
}

/**
 * Changes images [rows, columns, channels] at random in training: several of the changes that randomFlip,
 * randomTranslation, randomRotation, randomZoom, randomCrop and cutout make one by one, in one instruction that
 * interpolates once. In evaluation and prediction it only crops, in the middle. It has to come before
 * layers that train.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is out of range or unknown
 * @example
 * const net = sequential([augment({ horizontal: true, rotation: 10, zoom: 0.1 }), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function augment(options: AugmentOptions): Layer {
  const chosen = ownOptions(checkOptions("augment", options, augmentRules()));
  return augmenting("augment", call("augment", chosen), chosen);
}

/**
 * Mirrors images [rows, columns, channels] in training, each with probability 1/2: left and right by default.
 * In evaluation and prediction it changes nothing. It has to come before layers that train.
 * @throws TypeError if an option has the wrong type
 * @throws RangeError if an option is unknown
 * @example
 * const net = sequential([randomFlip(), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function randomFlip(options: FlipOptions = {}): Layer {
  const { horizontal, vertical } = augmentRules();
  const chosen = checkOptions("randomFlip", options, { horizontal, vertical });
  const label = call("randomFlip", chosen);
  return augmenting("randomFlip", label, { horizontal: true, ...chosen });
}

/**
 * Moves images [rows, columns, channels] in training by whole pixels, as torchvision does, all moves up to the
 * farthest being equally likely. In evaluation and prediction it changes nothing. It has to come before layers that train.
 * @param farthest share of rows and columns in [0, 1), or { rows, columns }: 0.1 moves 28 rows by up to 3
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([randomTranslation(0.1), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function randomTranslation(farthest: Shares, options: FillOption = {}): Layer {
  check("randomTranslation", "farthest", farthest, needed(shares()));
  const chosen = checkOptions("randomTranslation", options, fillRules());
  const translation = owned(farthest);
  const label = call("randomTranslation", translation, chosen);
  return augmenting("randomTranslation", label, { translation, ...chosen });
}

/**
 * Turns images [rows, columns, channels] about their middle in training, by an angle that is uniform up to
 * `most` either way, and interpolates bilinearly. In evaluation and prediction it changes nothing. It has to come
 * before layers that train.
 * @param most largest angle in degrees, 0 to 180, as in torchvision
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([randomRotation(15), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function randomRotation(most: number, options: FillOption = {}): Layer {
  check("randomRotation", "most", most, needed(degrees()));
  const chosen = checkOptions("randomRotation", options, fillRules());
  return augmenting("randomRotation", call("randomRotation", most, chosen), {
    rotation: most,
    ...chosen,
  });
}

/**
 * Changes the size of what images [rows, columns, channels] show in training, by a factor that is uniform
 * from 1 - most to 1 + most, and interpolates bilinearly. In evaluation and prediction it changes nothing. It has
 * to come before layers that train.
 * @param most largest change, in [0, 1)
 * @throws TypeError if an argument has the wrong type
 * @throws RangeError if an argument is out of range, or an option is unknown
 * @example
 * const net = sequential([randomZoom(0.1), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function randomZoom(most: number, options: FillOption = {}): Layer {
  check("randomZoom", "most", most, needed(numberBelow(1)));
  const chosen = checkOptions("randomZoom", options, fillRules());
  return augmenting("randomZoom", call("randomZoom", most, chosen), { zoom: most, ...chosen });
}

/**
 * Cuts a part of fixed size out of images [rows, columns, channels]: anywhere in training, all places being
 * equally likely, and in the middle in evaluation and prediction. It has to come before layers that train.
 * @param size rows and columns of the part, or [rows, columns]
 * @throws TypeError or RangeError unless it is a whole number ≥ 1, or two of them
 * @example
 * const net = sequential([randomCrop([24, 20]), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function randomCrop(size: Pair): Layer {
  check("randomCrop", "size", size, needed(pair(1)));
  const crop = owned(size);
  return augmenting("randomCrop", call("randomCrop", crop), { crop });
}

/**
 * Sets a rectangle of images [rows, columns, channels] to 0 in training (DeVries and Taylor 2017). Its middle is
 * any pixel, so that a part of it may be outside. In evaluation and prediction it changes nothing. It has to come
 * before layers that train.
 * @param size rows and columns of the rectangle, or [rows, columns]
 * @throws TypeError or RangeError unless it is a whole number ≥ 1, or two of them
 * @example
 * const net = sequential([cutout(8), flatten(), dense(10)]);
 * engine.compile(net, { inputShape: [28, 28, 1], loss: crossEntropy(), optimizer: adam() });
 */
export function cutout(size: Pair): Layer {
  check("cutout", "size", size, needed(pair(1)));
  const erased = owned(size);
  return augmenting("cutout", call("cutout", erased), { cutout: erased });
}
