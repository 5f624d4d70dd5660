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
  table: {
    call: (options) => G.table("a,b\n1,2\n", options),
    options: {
      ...{ header: "flag", separator: "name", decimal: "name", missing: "list", name: "text" },
      ...{ target: "text", targetKind: "name", omit: "list", categories: "list", oneHot: "flag" },
      ...{ rows: "whole", like: "object", unknownCategory: "name" },
    },
  },
  tableBatches: {
    call: (options) => G.tableBatches("a,b\n1,2\n", options),
    options: {
      ...{ header: "flag", separator: "name", decimal: "name", missing: "list", name: "text" },
      ...{ batchSize: "whole", like: "object", unknownCategory: "name" },
    },
    needed: { like: { columns: [{ name: "a", kind: "number" }] } },
  },
  impute: {
    call: (options) => G.impute({ shape: [2] }, options),
    options: { strategy: "name", value: "number" },
    isHarmless: false,
  },
  oneHot: {
    call: (options) =>
      G.oneHot({ columns: [{ name: "a", kind: "category", categories: ["b"] }] }, options),
    options: { missing: "name" },
  },
  windows: {
    call: (options) => G.windows(new Float32Array(9), options),
    options: {
      length: "whole",
      horizon: "whole",
      stride: "whole",
      features: "whole",
      target: "text",
    },
    needed: { length: 2 },
  },
  split: {
    call: (options) => G.split(examples, options),
    options: { test: "number", shuffle: "flag", stratify: "flag", seed: "whole" },
  },
};
