/** The files of assembly/ whose exports are kernels, as docs/kernel-abi.md has them in sections. */
export interface Section {
  readonly title: string;
  /** Below assembly/; the docstring of the first is the section's. */
  readonly files: readonly string[];
}

export const sections: readonly Section[] = [
  { title: "The module", files: ["module"] },
  { title: "Matrix product", files: ["gemm/gemm", "gemm/tiles"] },
  { title: "Vectors", files: ["accumulate"] },
  { title: "Arithmetic", files: ["binary"] },
  { title: "Elementary functions", files: ["unary"] },
  { title: "Activations: lines and parabolas", files: ["activations/piecewise"] },
  { title: "Activations: exponentials", files: ["activations/exponential"] },
  { title: "Activations: gates", files: ["activations/gated"] },
  { title: "Softmax", files: ["softmax"] },
  { title: "Cross-entropy", files: ["losses/crossentropy"] },
  { title: "Binary cross-entropy", files: ["losses/binary-crossentropy"] },
  { title: "Other losses", files: ["losses/elementwise"] },
  { title: "Sums and maxima", files: ["reduce"] },
  { title: "Normalisation over a batch", files: ["norm/batch-norm", "norm/batch-moments"] },
  {
    title: "Normalisation of each example",
    files: ["norm/group-norm", "norm/group-norm-gradients"],
  },
  { title: "Dropout", files: ["random/dropout"] },
  { title: "Embedding", files: ["embedding"] },
  { title: "Batches", files: ["gather"] },
  { title: "Layouts", files: ["permute"] },
  { title: "Random numbers", files: ["random/random"] },
  { title: "Clipping of gradients", files: ["clip"] },
  {
    title: "Optimizers",
    files: [
      "optimizers/index",
      ...["sgd", "adaptive", "adam", "adam-variants"].map((name) => `optimizers/${name}`),
    ],
  },
  { title: "Right answers", files: ["metrics"] },
];
