/**
 * Properties of a module, by which a host can tell if it fits.
 * @section The module
 * @kernel
 */

/** Version of the signatures. @shared */
@inline
const ABI_VERSION: i32 = 5;

/** Grows with every change of a signature; see src/wasm/build.ts. */
export function abiVersion(): i32 {
  return ABI_VERSION;
}

/** Returns true if multiply-add is fused: faster on some machines, without equal bits. */
export function isRelaxed(): bool {
  return ASC_FEATURE_RELAXED_SIMD;
}

/** Returns true if threads can run side by side: the memory is a shared one then. */
export function hasThreads(): bool {
  return ASC_FEATURE_THREADS;
}
