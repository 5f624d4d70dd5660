import type { TestProjectInlineConfiguration } from "vitest/config";
import type { Reporter } from "vitest/reporters";
import { installed, skipped } from "./browsers.ts";
import { processes } from "./provider.ts";

if (skipped !== undefined && process.env.GRADLANE_BROWSERS === "required") {
  throw new Error(`GRADLANE_BROWSERS=required: ${skipped}`);
}

/** The rooms whose tests run in browsers as well as in Node. */
const ROOMS = [
  ...["kernels", "runtime", "graph", "plan", "layers", "optimizers", "metrics", "model", "engine"],
  ...["callbacks", "generation"],
].map((room) => `test/${room}/**/*.test.ts`);

/** Tests that are for browsers alone; those of threads and workers are in projects of their own. */
const PAGES = "test/{browsers,stores,verify}/**/*.page.test.ts";

/** Makes a page cross-origin isolated, without which there is no SharedArrayBuffer. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

interface Pages {
  /** Suffix of the project's name, after the browser's. */
  readonly label: string;
  readonly include: string[];
  readonly isolated: boolean;
  /**
   * True if each file has a frame of its own, which takes longer to load than most files take to
   * run.
   */
  readonly frames: boolean;
}

/** Projects of these tests, one for each browser. */
function inBrowsers({ label, include, isolated, frames }: Pages): TestProjectInlineConfiguration {
  return {
    extends: true,
    server: { headers: isolated ? ISOLATION : {} },
    test: {
      name: `browsers${label}`,
      include,
      exclude: ["test/**/*.node.test.ts"],
      provide: { isolated },
      isolate: frames,
      browser: {
        enabled: true,
        provider: processes(isolated),
        headless: true,
        ui: false,
        screenshotFailures: false,
        instances: installed.map((browser) => ({ browser, name: `${browser}${label}` })),
      },
    },
  };
}

/**
 * The rooms' tests; those of threads and of workers; and the few that tell whether an engine does
 * without isolation. Tests of threads replace modules of the package for themselves. Those of workers
 * need a browser with few memories: Chromium has address space for some hundred in a process, and a
 * worker that finds none left does not collect what earlier tests have dropped in the page.
 */
export const browserProjects: readonly TestProjectInlineConfiguration[] = [
  inBrowsers({ label: "", include: [PAGES, ...ROOMS], isolated: true, frames: false }),
  inBrowsers({
    label: " threads",
    include: ["test/{threads,remote}/**/*.test.ts"],
    isolated: true,
    frames: true,
  }),
  inBrowsers({
    label: " not isolated",
    include: [
      "test/browsers/isolation.page.test.ts",
      "test/model/golden.test.ts",
      "test/engine/engine.test.ts",
    ],
    isolated: false,
    frames: false,
  }),
];

/** Says at the end of a run which browsers it was without. */
export const skippedBrowsers: Reporter = {
  onTestRunEnd() {
    if (skipped !== undefined) console.warn(`\n WARNING  ${skipped}\n`);
  },
};
