import { check, describeValue, text } from "../base/arguments.ts";
import { type OnDemand, load } from "../base/on-demand.ts";
import { call, immutable } from "../base/printable.ts";
import type { Database } from "./database.ts";
import { type CheckpointStore, browserError, checkName, checkWrite } from "./store.ts";

/** Code for IndexedDB, loaded on demand: it has a library in it, and few programs need it. */
export const databases: OnDemand<typeof import("./database.ts")> = {
  import: () => import("./database.ts"),
};

const who = "indexedDbStore";

/**
 * Keeps bytes in a database of the browser's IndexedDB, which only pages and workers of the same origin
 * see. A write that does not end leaves the entry as it was. Browsers may clear the place when the disk is
 * full, unless `navigator.storage.persist()` has asked them not to. opfsStore is faster for large models
 * where a browser has both.
 * @param name name of the database, which is made if there is none
 * @throws TypeError unless the name is a text; from the methods, where there is no IndexedDB, as in Node
 * @example
 * const store = indexedDbStore("runs");
 * store; // indexedDbStore("runs")
 */
export function indexedDbStore(name: string): CheckpointStore {
  check(who, "name", name, text());
  let opened: Database | undefined;
  const database = async (): Promise<Database> => {
    if (!("indexedDB" in globalThis)) {
      throw new TypeError(`${who}: expected a browser with IndexedDB; in Node, use folderStore`);
    }
    const { Database } = await load(databases);
    return (opened ??= new Database(name));
  };
  /** Does something with the database. @throws as browserError, naming the entry */
  const use = async <T>(
    entry: string,
    verb: "read" | "written",
    does: (database: Database) => Promise<T>,
  ): Promise<T> => {
    const own = await database();
    try {
      return await does(own);
    } catch (cause) {
      throw browserError(`${who} ${describeValue(name)}: ${entry}`, verb, cause);
    }
  };
  return immutable<CheckpointStore>(
    {
      async read(entry) {
        checkName(who, entry);
        return use(entry, "read", (own) => own.read(entry));
      },
      async write(entry, bytes) {
        checkWrite(who, entry, bytes);
        await use(entry, "written", (own) => own.write(entry, bytes));
      },
      async remove(entry) {
        checkName(who, entry);
        await use(entry, "written", (own) => own.remove(entry));
      },
      list: () => use("list", "read", (own) => own.list()),
    },
    call(who, name),
  );
}
