import type { Rolldown } from "tsdown";

/**
 * The chunk that another does nothing but export from. Rolldown makes such a chunk of what is imported
 * both on demand and, by src/static.ts, at once.
 */
function behind(
  chunk: Rolldown.OutputChunk,
  bundle: Rolldown.OutputBundle,
): Rolldown.OutputChunk | undefined {
  const [name] = chunk.imports;
  if (!chunk.isDynamicEntry || chunk.moduleIds.length > 0 || chunk.imports.length !== 1) return;
  const target = bundle[name!];
  if (target?.type !== "chunk") return undefined;
  return chunk.exports.every((name) => target.exports.includes(name)) ? target : undefined;
}

/** A plugin that has what is loaded on demand imported from where it is, which is one request less. */
export const noFacades: Rolldown.Plugin = {
  name: "no-facades",
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((output) => output.type === "chunk");
    for (const facade of chunks) {
      const target = behind(facade, bundle);
      if (!target) continue;
      for (const chunk of chunks) {
        chunk.code = chunk.code.replaceAll(`./${facade.fileName}`, `./${target.fileName}`);
      }
      delete bundle[facade.fileName];
    }
  },
};
