/**
 * A build of the kernels, compiled: what hosts that import WebAssembly as modules make of it, such as
 * Cloudflare Workers. It is for loadKernels and createEngine, or WebAssembly.instantiate.
 */
declare const module: WebAssembly.Module;
export default module;
