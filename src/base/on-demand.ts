/** A module that few programs need: it is loaded when it is asked for. */
export interface OnDemand<Module> {
  /** The module, where it has come along with the program, as with src/static.ts. */
  module?: Module;
  import: () => Promise<Module>;
}

/**
 * Returns such a module.
 * @throws TypeError where it cannot be loaded: the network or the file is gone, or the program runs where
 * import() is forbidden, such as a service worker
 */
export async function load<Module>(part: OnDemand<Module>): Promise<Module> {
  try {
    return part.module ?? (await part.import());
  } catch (cause) {
    const text = `expected to load a part of gradlane, got ${String(cause)}`;
    throw new TypeError(`${text}; gradlane/static has every part in it`, { cause });
  }
}
