import * as G from "../../src/index.ts";
import type { Taker } from "./taker.ts";

const examples = { x: new Float32Array(8), y: Int32Array.of(0, 1, 0, 1) };

/** Functions that read, divide and prepare data. */
export const dataTakers: Readonly<Record<string, Taker>> = {
  readCsv: {
    who: "CSV",
    call: (options) => G.readCsv("1,2,0", options),
    options: {
      ...{ label: "column", header: "flag", separator: "name", target: "name", name: "text" },
    },
  },
  idxDataset: {
    call: (options) => G.idxDataset(new Uint8Array(), new Uint8Array(), options),
    options: { images: "text", labels: "text" },
    isHarmless: false,
  },
  split: {
    call: (options) => G.split(examples, options),
    options: { test: "number", shuffle: "flag", stratify: "flag", seed: "whole" },
  },
};
