// What a page does with the package. What comes of it is looked for in the global scope.
import { multiply } from "./kernels.mjs";
import { moduleUrl } from "./addresses.mjs";
import { train } from "./train.mjs";

export const threads = Number(new URLSearchParams(location.search).get("threads"));
globalThis.trained = train({ threads });
globalThis.product = WebAssembly.compileStreaming(fetch(moduleUrl)).then(multiply);
