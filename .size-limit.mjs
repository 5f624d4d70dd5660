// What programs download, gzipped: `npm run size`. Each limit is some 250 bytes above what there is,
// room for one or two kernels, so that whoever adds more knows.

/** Modules that are imported on demand: they are no part of a program until it imports them. */
const onDemand = {
  name: "on-demand",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path, external: true } : undefined,
    );
  },
};

/** A file as it is. */
const file = (name, path, limit) => ({
  name,
  path,
  gzip: true,
  limit,
  modifyEsbuildConfig: (config) => ({ ...config, loader: { ".wasm": "copy" } }),
});

/** A program that imports names from a file of the package. */
const program = (name, path, names, limit) => ({
  name,
  path,
  import: `{ ${names.join(", ")} }`,
  gzip: true,
  limit,
  modifyEsbuildConfig: (config) => ({ ...config, format: "esm", plugins: [onDemand] }),
});

const training = ["createEngine", "sequential", "dense", "adam", "crossEntropy"];

export default [
  file("the strict kernels", "dist/strict.wasm", "37.8 kB"),
  program("training, kernels embedded", "dist/index.js", training, "86.7 kB"),
  program("the kernels alone", "dist/kernels.js", ["loadKernels"], "40.3 kB"),
];
