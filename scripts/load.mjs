// Loads modules of TypeScript, which Node 20 cannot import: Vite's module runner, without a server.
import { fileURLToPath } from "node:url";
import { createRunnableDevEnvironment, resolveConfig } from "vite";

const root = fileURLToPath(new URL("../", import.meta.url));

/**
 * Loads modules by their paths in the repository. Returns their exports, in this order, and
 * `close`, which is to be called when they import nothing more on demand.
 */
export async function load(...paths) {
  const config = await resolveConfig({ root, configFile: false, logLevel: "error" }, "serve");
  const environment = createRunnableDevEnvironment("ssr", config, { hot: false });
  await environment.init();
  const modules = [];
  for (const path of paths) modules.push(await environment.runner.import(`/${path}`));
  return { modules, close: () => environment.close() };
}
