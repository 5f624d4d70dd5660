import type { Build } from "../../src/wasm/build.ts";

declare module "vitest" {
  /** Values that vitest.config.ts gives the tests of a project, in Node and in browsers. */
  interface ProvidedContext {
    /** The build that the kernel tests are run over. */
    readonly build: Build;
    /** True if the page is served with the headers that isolate it from other origins. */
    readonly isolated: boolean;
  }
}
