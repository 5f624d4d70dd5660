import type { Build } from "../../src/wasm/build.ts";

declare module "vitest" {
  /** What vitest.config.ts tells the tests of a project, in Node and in browsers. */
  interface ProvidedContext {
    /** The build that the kernel tests are run over. */
    readonly build: Build;
    /** Whether the page is served with the headers that isolate it from other origins. */
    readonly isolated: boolean;
  }
}
