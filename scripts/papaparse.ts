import type { Rolldown } from "tsdown";

/**
 * A plugin that makes a module of PapaParse, which is a script for loaders of several kinds. As a CommonJS module it
 * would need the bundler's own code for these, which imports Node's `createRequire`: no browser has that.
 */
export const papaparseModule: Rolldown.Plugin = {
  name: "papaparse-module",
  transform: {
    filter: { id: /[\\/]papaparse\.js$/ },
    // As a pure call it is left out of programs that read no tables, and keeps no file of its own there: Vite
    // makes a worker of one file.
    handler: (code) => {
      const body = `const define = undefined, exports = {}, module = { exports };\n${code}\nreturn module.exports;`;
      return `export default /* @__PURE__ */ (() => {\n${body}\n})();`;
    },
  },
};
