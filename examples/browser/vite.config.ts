import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Plugin, defineConfig } from "vite";

/** What a page has to be served with, so that its workers may share memory: lanes need that. */
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The repository's docs beside the pages, as they are: browsers would rather save Markdown than show it. */
function docs(): Plugin {
  const style = "body{max-width:52rem;margin:auto;padding:1rem}pre{white-space:pre-wrap}";
  return {
    name: "docs",
    generateBundle() {
      for (const file of readdirSync(at("../../docs")).filter((name) => name.endsWith(".md"))) {
        const text = readFileSync(at(`../../docs/${file}`), "utf8");
        const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
        const source = `<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<title>gradlane: ${file}</title><style>${style}</style><pre>${escaped}</pre></html>`;
        this.emitFile({ type: "asset", fileName: `docs/${file.replace(".md", ".html")}`, source });
      }
    },
  };
}

export default defineConfig({
  root: at("."),
  // Relative addresses: the built pages work in any folder of any server.
  base: "./",
  plugins: [docs()],
  // Workers are modules, with parts that are loaded on demand.
  worker: { format: "es" },
  build: {
    outDir: at("../../build/browser"),
    emptyOutDir: true,
    target: "es2022",
    rolldownOptions: { input: { index: at("index.html"), benchmark: at("benchmark.html") } },
  },
  server: { headers },
  preview: { headers },
});
