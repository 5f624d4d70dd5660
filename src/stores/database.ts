import { type DBSchema, type IDBPDatabase, openDB } from "idb";

/** Name of the object store in a database. */
const STORE = "checkpoints";

interface Schema extends DBSchema {
  checkpoints: { key: string; value: Uint8Array<ArrayBuffer> };
}

/** A database of IndexedDB that keeps bytes by name. It is opened at its first use. */
export class Database {
  readonly #name: string;
  #opened: Promise<IDBPDatabase<Schema>> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  async read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return (await this.#open()).get(STORE, name);
  }

  /** Writes bytes, and waits until the disk has them. */
  async write(name: string, bytes: Uint8Array): Promise<void> {
    const database = await this.#open();
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    // A copy of the view alone: a clone would have all of its buffer, and cannot be of a shared one.
    const put = transaction.store.put(Uint8Array.from(bytes), name);
    await Promise.all([put, transaction.done]);
  }

  async remove(name: string): Promise<void> {
    await (await this.#open()).delete(STORE, name);
  }

  /** Returns all names in the order of the database, which is that of their characters. */
  async list(): Promise<string[]> {
    return (await this.#open()).getAllKeys(STORE);
  }

  async #open(): Promise<IDBPDatabase<Schema>> {
    const forget = (): void => {
      this.#opened = undefined;
    };
    this.#opened ??= openDB<Schema>(this.#name, 1, {
      upgrade(database) {
        database.createObjectStore(STORE);
      },
      // Another page deletes the database, and waits for this one to close it.
      blocking: (_version, _blocked, event) => {
        forget();
        (event.target as IDBDatabase).close();
      },
      terminated: forget,
    });
    try {
      return await this.#opened;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
