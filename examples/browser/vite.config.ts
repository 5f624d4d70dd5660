import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";
import { docs } from "./site/plugin.ts";

/** Headers of a page whose workers may share memory, which threads need. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at("."),
  // Relative addresses: the built pages work in any folder of any server.
  base: "./",
  // What is not there is not found, instead of index.html.
  appType: "mpa",
  plugins: [docs()],
  // Workers are modules, with parts that are loaded on demand.
  worker: { format: "es" },
  build: {
    outDir: at("../../build/browser"),
    emptyOutDir: true,
    target: "es2022",
    // Browsers that do not preload modules load them all the same.
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // Rendering the documentation is most of a build, and no fault.
      checks: { pluginTimings: false },
      input: [at("index.html"), at("gpt.html"), at("benchmark.html")],
    },
  },
  server: { headers },
  preview: { headers },
});
