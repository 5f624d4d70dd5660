import type { Ledger } from "./ledger.ts";

/** A region that grows with the most that it has to hold; growing loses what was in it. */
export class Room<Purpose extends string> {
  readonly #ledger: Ledger<Purpose>;
  readonly #purpose: Purpose;
  #at = 0;
  #bytes = 0;

  constructor(ledger: Ledger<Purpose>, purpose: Purpose) {
    this.#ledger = ledger;
    this.#purpose = purpose;
  }

  /** Where it lies, which growing changes. */
  get at(): number {
    return this.#at;
  }

  /** Whether it is too small for so many bytes. */
  lacks(bytes: number): boolean {
    return bytes > this.#bytes;
  }

  /**
   * Makes room for so many bytes, unless there is; returns where.
   * @throws RangeError if the memory has none; the room is then as before
   */
  hold(bytes: number, what: string): number {
    if (this.lacks(bytes)) {
      const at = this.#ledger.allocate(this.#purpose, bytes, what);
      this.#ledger.release(this.#at);
      this.#at = at;
      this.#bytes = bytes;
    }
    return this.#at;
  }
}
