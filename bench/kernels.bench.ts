import { bench, describe } from "vitest";
import { loadKernels } from "../src/kernels.ts";

/** Times the kernels over a memory of 64 MiB: `npm run bench`. */
const memory = new WebAssembly.Memory({ initial: 1024 });
const kernels = await loadKernels({ memory });
const floats = new Float32Array(memory.buffer);
for (let i = 0; i < floats.length; i++) floats[i] = ((i * 7919) % 1000) / 500 - 1;

const MIB = 1024 * 1024;
const [A, B, C, SCRATCH] = [MIB, 16 * MIB, 32 * MIB, 48 * MIB] as const;

describe("sgemm m x n x k", () => {
  const shapes = [
    [48, 48, 48],
    [192, 192, 192],
    [768, 768, 768],
    [64, 128, 784],
    [784, 128, 64],
    [1, 512, 784],
  ] as const;
  for (const [m, n, k] of shapes) {
    bench(`${m} x ${n} x ${k}`, () => {
      kernels.sgemm(false, false, m, n, k, 1, A, k, B, n, 0, C, n, SCRATCH);
    });
  }
});

describe("activations over 65,536 floats", () => {
  for (const name of ["relu", "leakyRelu", "sigmoid", "tanh"] as const) {
    bench(name, () => {
      kernels[name](A, B, 65536);
    });
    bench(`${name}Grad`, () => {
      kernels[`${name}Grad`](A, B, C, SCRATCH, 65536);
    });
  }
});

describe("optimizers over 1,000,000 parameters", () => {
  bench("sgd", () => {
    kernels.sgd(A, B, 1e6, 1e-9, 0);
  });
  bench("adam", () => {
    kernels.adam(A, B, C, SCRATCH, 1e6, 1e-9, 0.9, 0.999, 1e-8, 0.1, 0.001);
  });
});
