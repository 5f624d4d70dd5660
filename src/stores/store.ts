import { type Rule, check, instance, text } from "../base/arguments.ts";

/**
 * Place that keeps arrays of bytes by name, such as checkpoints. A write is whole or not done: whatever
 * happens, a name has the bytes of its last write that ended.
 */
export interface CheckpointStore {
  /**
   * Returns the bytes of a name; undefined if there are none.
   * @throws TypeError or RangeError for a wrong name, or if the place cannot be read
   * @example
   * const store = folderStore(".");
   * await store.read("missing.safetensors"); // undefined
   */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /**
   * Keeps bytes, in the place of those that the name had.
   * @throws TypeError or RangeError for a wrong name, for no bytes, or if they cannot be written,
   *   such as to a full disk; the name then has what it had before
   * @example
   * const store = folderStore(".");
   * await store.write("digits.safetensors", await model.toSafetensors());
   */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /**
   * Removes a name, if it is there.
   * @throws TypeError or RangeError for a wrong name, or if it cannot be removed
   * @example
   * await folderStore(".").remove("digits.safetensors");
   */
  remove(name: string): Promise<void>;
  /**
   * Returns all names, sorted.
   * @throws TypeError or RangeError if the place cannot be read
   * @example
   * const names = await folderStore(".").list();
   */
  list(): Promise<string[]>;
}

const nameRule: Rule = {
  ...text(),
  expected: "a file name of 1 to 200 letters, digits, _, - and ., which does not start with .",
  allows: (value) => isName(value as string),
};

/** Returns true for a name that every store can keep. */
export function isName(name: string): boolean {
  return /^[\w-][\w.-]{0,199}$/.test(name);
}

/** @throws TypeError or RangeError unless it is a name that every store can keep */
export function checkName(who: string, name: string): void {
  check(who, "name", name, nameRule);
}

const bytesRule: Rule = {
  ...instance("a Uint8Array of at least 1 byte", Uint8Array),
  allows: (value) => (value as Uint8Array).length > 0,
};

/** @throws TypeError or RangeError for a wrong name, or for no bytes */
export function checkWrite(who: string, name: string, bytes: Uint8Array): void {
  checkName(who, name);
  check(who, "bytes", bytes, bytesRule);
}

/** Names of the errors of browsers, with what they mean. */
const MEANINGS: Readonly<Record<string, string>> = {
  QuotaExceededError: "a full disk, or no more room for this site",
  NotAllowedError: "no permission",
  SecurityError: "no permission",
  NoModificationAllowedError: "one that is being written elsewhere",
};

/**
 * Returns the error for a name that a browser cannot read or write.
 * @param where store and name: `opfsStore "runs": last.safetensors`
 */
export function browserError(where: string, verb: "read" | "written", cause: unknown): RangeError {
  const { name = "", message = String(cause) } = cause as Partial<Error>;
  const got = MEANINGS[name] ?? message;
  return new RangeError(`${where}: expected an entry that can be ${verb}, got ${got}`, { cause });
}
