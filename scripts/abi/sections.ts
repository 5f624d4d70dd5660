/** The files of assembly/ whose exports are kernels, as docs/kernel-abi.md has them in sections. */
export interface Section {
  readonly title: string;
  /** Below assembly/; the docstring of the first is the section's. */
  readonly files: readonly string[];
}

export const sections: readonly Section[] = [
  { title: "The module", files: ["about"] },
  { title: "Matrix product", files: ["gemm/gemm", "gemm/tiles"] },
  { title: "Vectors", files: ["accumulate"] },
  { title: "Arithmetic", files: ["binary"] },
  { title: "Elementary functions", files: ["unary"] },
  { title: "Activations: lines and parabolas", files: ["activations/piecewise"] },
  { title: "Activations: exponentials", files: ["activations/exponential"] },
  { title: "Activations: gates", files: ["activations/gated"] },
  { title: "Softmax", files: ["softmax"] },
  { title: "Cross-entropy", files: ["crossentropy"] },
  { title: "Binary cross-entropy", files: ["binary-crossentropy"] },
  { title: "Other losses", files: ["losses"] },
  { title: "Sums and maxima", files: ["reduce"] },
  { title: "Normalisation over a batch", files: ["channels", "channel-moments"] },
  { title: "Normalisation of each example", files: ["norm", "norm-gradients"] },
  { title: "Dropout", files: ["dropout"] },
  { title: "Embedding", files: ["embedding"] },
  { title: "Batches", files: ["gather"] },
  { title: "Layouts", files: ["permute"] },
  { title: "Random numbers", files: ["random"] },
  { title: "Clipping of gradients", files: ["clip"] },
  {
    title: "Optimizers",
    files: [
      "optimizers",
      ...["sgd", "adaptive", "adam", "kin"].map((name) => `optimizers/${name}`),
    ],
  },
  { title: "Right answers", files: ["metrics"] },
];
