import { defineBrowserProvider } from "@vitest/browser";
import type { BrowserProvider, BrowserProviderOption, TestProject } from "vitest/node";
import type { BrowserName } from "./browsers.ts";
import { type Running, launch } from "./launch.ts";

/**
 * Vitest's page in a browser of the system, a plain process. The tests need a browser only to run
 * them, and none of the drivers that vitest has providers for knows all three.
 */
class ProcessProvider implements BrowserProvider {
  readonly name = "process";
  readonly supportsParallelism = false;
  readonly #project: TestProject;
  readonly #isolated: boolean;
  readonly #running = new Set<Running>();

  constructor(project: TestProject, isolated: boolean) {
    this.#project = project;
    this.#isolated = isolated;
  }

  getCommandsContext(): Record<string, unknown> {
    return {};
  }

  openPage(_session: string, url: string): Promise<void> {
    const { name } = this.#project.config.browser;
    const browser = launch(name as BrowserName, url, this.#isolated);
    this.#running.add(browser);
    void browser.ended.then((errors) => {
      if (!this.#running.has(browser)) return;
      this.#project.vitest.logger.error(`${name} has ended before its tests:\n${errors}`);
    });
    return Promise.resolve();
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    this.#running.clear();
    await Promise.all(running.map((browser) => browser.stop()));
  }
}

/**
 * The provider for vitest's browser mode; instances are named as in browsers.ts.
 * @param isolated whether pages are served with the headers that isolate them from other origins
 */
export function processes(isolated: boolean): BrowserProviderOption {
  return defineBrowserProvider({
    name: "process",
    providerFactory: (project) => new ProcessProvider(project, isolated),
  });
}
