import type { Book, History } from "./protocol.ts";

/** Training that this browser keeps, so that a page that is closed and opened again goes on with it. */
export interface Saved extends History {
  readonly book: Book;
  /** Weights, the optimizer's state and settings, as Trainer.save returns them. */
  readonly checkpoint: Uint8Array<ArrayBuffer>;
}

const [DATABASE, STORE, KEY] = ["gradlane-gpt", "trainings", "last"];

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error!);
    };
  });
}

async function store(mode: IDBTransactionMode): Promise<IDBObjectStore> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await answerOf(opening);
  const transaction = database.transaction(STORE, mode);
  // Closes once the transaction is over.
  database.close();
  return transaction.objectStore(STORE);
}

/** Returns the training that was kept last. @throws Error where the browser keeps nothing */
export async function load(): Promise<Saved | undefined> {
  const request = (await store("readonly")).get(KEY) as IDBRequest<Saved | undefined>;
  return answerOf(request);
}

/** Keeps a training in place of the last one. @throws Error where there is no room */
export async function keep(saved: Saved): Promise<void> {
  await answerOf((await store("readwrite")).put(saved, KEY));
}

export async function forget(): Promise<void> {
  await answerOf((await store("readwrite")).delete(KEY));
}
