import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { repository } from "./files.ts";
import { layOut } from "./layout.ts";
import { type Documentation, type Page, documentation } from "./pages.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Adds the documentation: pages are inputs of a build, and `vite dev` renders them at each visit. */
export function docs(): Plugin {
  let site: Documentation;
  const pageOf = (id: string): Page | undefined =>
    id.startsWith(root) ? site.pages.get(id.slice(root.length)) : undefined;
  return {
    name: "docs",
    enforce: "pre",
    apply: (_config, { isPreview }) => !isPreview,
    config() {
      site = documentation();
      const input = Array.from(site.pages.keys(), (address) => root + address);
      return { build: { rolldownOptions: { input } } };
    },
    resolveId: (id) => (pageOf(id) ? id : undefined),
    load(id) {
      const page = pageOf(id);
      return page && layOut(page, site);
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const { pathname } = new URL(request.url!, "http://localhost");
        const address = pathname.slice(1).replace(/\/$/, "/index.html");
        if (address.startsWith("docs/images/")) request.url = `/@fs${repository}${address}`;
        if (!address.startsWith("docs/") || !address.endsWith(".html")) return next();
        site = documentation();
        const page = site.pages.get(address);
        if (!page) return next();
        server.transformIndexHtml(pathname, layOut(page, site)).then((text) => {
          response.setHeader("Content-Type", "text/html");
          response.end(text);
        }, next);
      });
    },
  };
}
