/** Module that few programs need, and that is loaded at its first use. */
export interface OnDemand<Module> {
  /** The module, if it is bundled with the program, as by src/static.ts. */
  module?: Module;
  import: () => Promise<Module>;
}

/**
 * Loads such a module.
 * @throws TypeError if it cannot be loaded: the network or the file is gone, or the program runs
 * where import() is forbidden, such as in a service worker
 */
export async function load<Module>(part: OnDemand<Module>): Promise<Module> {
  try {
    return part.module ?? (await part.import());
  } catch (cause) {
    const text = `expected to load a part of gradlane, got ${String(cause)}`;
    throw new TypeError(`${text}; gradlane/static has every part in it`, { cause });
  }
}
