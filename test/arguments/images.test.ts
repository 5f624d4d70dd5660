import { it } from "vitest";
import * as G from "../../src/index.ts";
import { type Call, expectRefused } from "./refusals.ts";

const g = (await G.createEngine()).graph();
const x = g.parameter([2, 2], 1);
const f = <T>(call: T) => call as (...args: unknown[]) => unknown;
/** Methods of a graph without their types. */
const loose = g as unknown as Record<string, (...args: unknown[]) => unknown>;

const rows: Readonly<Record<string, readonly [Call, ...texts: string[]]>> = {
  "maxPool2d()": [() => f(G.maxPool2d)(), "maxPool2d", "poolSize", "undefined"],
  'avgPool1d("2")': [() => f(G.avgPool1d)("2"), "avgPool1d", "poolSize", '"2"'],
  "avgPool2d([1, 2, 3])": [() => f(G.avgPool2d)([1, 2, 3]), "avgPool2d", "poolSize"],
  "globalAvgPool1d(2)": [() => f(G.globalAvgPool1d)(2), "globalAvgPool1d", "arguments"],
  "adaptiveAvgPool2d(null)": [() => f(G.adaptiveAvgPool2d)(null), "adaptiveAvgPool2d", "size"],
  "upsample2d(0.5)": [() => f(G.upsample2d)(0.5), "upsample2d", "scale", "0.5"],
  "zeroPad2d({})": [() => f(G.zeroPad2d)({}), "zeroPad2d", "padding"],
  "zeroPad2d()": [() => f(G.zeroPad2d)(), "zeroPad2d", "padding", "undefined"],
  "crop2d({ top: -1 })": [() => f(G.crop2d)({ top: -1 }), "crop2d", "cropping", "top: -1"],
  "reshape(4, 4)": [() => f(G.reshape)(4, 4), "reshape", "shape", "4"],
  "reshape([0])": [() => f(G.reshape)([0]), "reshape", "shape", "[0]"],
  "permute(2, 1)": [() => f(G.permute)(2, 1), "permute", "axes", "2"],
  "permute([1, 1])": [() => f(G.permute)([1, 1]), "permute", "axes", "[1, 1]"],
  "permute([])": [() => f(G.permute)([]), "permute", "axes", "[]"],
  "repeatVector(null)": [() => f(G.repeatVector)(null), "repeatVector", "n", "null"],
  'spatialDropout2d("1")': [() => f(G.spatialDropout2d)("1"), "spatialDropout2d", "rate"],
  "augment()": [() => f(G.augment)(), "augment", "an object of options", "undefined"],
  "augment({ rotation: 181 })": [() => f(G.augment)({ rotation: 181 }), "augment", "rotation"],
  "randomTranslation()": [() => f(G.randomTranslation)(), "randomTranslation", "farthest"],
  "randomTranslation(1)": [() => f(G.randomTranslation)(1), "randomTranslation", "[0, 1)", "1"],
  "randomTranslation({})": [() => f(G.randomTranslation)({}), "randomTranslation", "{}"],
  "randomTranslation({ row: 0 })": [
    () => f(G.randomTranslation)({ row: 0 }),
    ...["randomTranslation", "{ rows, columns }", "row: 0"],
  ],
  "randomTranslation([0, 0])": [() => f(G.randomTranslation)([0, 0]), "farthest", "[0, 0]"],
  "randomRotation()": [() => f(G.randomRotation)(), "randomRotation", "most", "undefined"],
  "randomRotation(NaN)": [() => f(G.randomRotation)(NaN), "randomRotation", "0 to 180", "NaN"],
  "randomZoom(1)": [() => f(G.randomZoom)(1), "randomZoom", "most", "[0, 1)"],
  "randomCrop(0)": [() => f(G.randomCrop)(0), "randomCrop", "size", "0"],
  "randomCrop({ rows: 2 })": [() => f(G.randomCrop)({ rows: 2 }), "randomCrop", "size"],
  "cutout()": [() => f(G.cutout)(), "cutout", "size", "undefined"],
  "augment(x)": [() => loose.augment!(x), "augment", "an object of options", "undefined"],
  "pad(x)": [() => loose.pad!(x), "pad", "padding", "undefined"],
  "pad(x, 1)": [() => loose.pad!(x, 1), "pad", "padding", "1"],
  'pad(x, ["1", 1])': [() => loose.pad!(x, ["1", 1]), "pad", '["1", 1]'],
  "maxPool2d(x)": [() => loose.maxPool2d!(x), "maxPool2d", "poolSize", "undefined"],
  "upsample2d(x, null)": [() => loose.upsample2d!(x, null), "upsample2d", "scale", "null"],
};

it.each(Object.entries(rows))("refuses %s", async (_, [call, ...texts]) => {
  await expectRefused(call, ...texts);
});
