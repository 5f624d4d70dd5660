import { check, text } from "../base/arguments.ts";
import { call, immutable } from "../base/printable.ts";
import { listFiles, pathIn, readFile, removeFile, writeFileAtomic } from "../io/files.ts";
import { type CheckpointStore, checkName, checkWrite, isName } from "./store.ts";

const who = "folderStore";

/**
 * Keeps bytes as files of a folder, for Node, Deno and Bun. A file is written under another name and
 * renamed once the disk has it, so that neither a crash nor a full disk leaves part of one.
 * @param path folder, which has to exist
 * @throws TypeError unless the path is a text; from the methods, in a browser
 * @example
 * const store = folderStore(".");
 * await store.write("digits.safetensors", await model.toSafetensors());
 * const bytes = await store.read("digits.safetensors");
 * if (bytes) await model.fromSafetensors(bytes);
 */
export function folderStore(path: string): CheckpointStore {
  check(who, "path", path, text());
  const list = async (): Promise<string[]> => {
    const names = await listFiles(path);
    return names.filter(isName).sort();
  };
  return immutable<CheckpointStore>(
    {
      async read(name) {
        checkName(who, name);
        try {
          return await readFile(pathIn(path, name));
        } catch (error) {
          const { code } = ((error as Error).cause ?? {}) as { code?: string };
          if (code !== "ENOENT") throw error;
          // Refuses a folder that is missing.
          await list();
          return undefined;
        }
      },
      async write(name, bytes) {
        checkWrite(who, name, bytes);
        await writeFileAtomic(pathIn(path, name), bytes);
      },
      async remove(name) {
        checkName(who, name);
        await removeFile(pathIn(path, name));
      },
      list,
    },
    call(who, path),
  );
}
