import type { Rolldown } from "tsdown";

/**
 * A plugin that makes a module of PapaParse, which is a script for loaders of several kinds. As a CommonJS module it
 * would need the bundler's own code for these, which imports Node's `createRequire`: no browser has that.
 */
export const papaparseModule: Rolldown.Plugin = {
  name: "papaparse-module",
  transform: {
    filter: { id: /[\\/]papaparse\.js$/ },
    handler: (code) =>
      `const define = undefined, exports = {}, module = { exports };\n${code}\nexport default module.exports;`,
  },
};
