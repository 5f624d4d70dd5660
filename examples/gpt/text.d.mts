/** Ids, and those that come one later. */
export interface Windows {
  readonly x: Int32Array;
  readonly y: Int32Array;
}

export class Alphabet {
  readonly characters: readonly string[];
  constructor(characters: readonly string[]);
  static of(text: string): Alphabet;
  encode(text: string): Int32Array;
  decode(ids: Iterable<number>): string;
}

export function split(
  ids: Int32Array,
  context: number,
): { readonly train: Int32Array; readonly validation: Int32Array };

export function randomWindows(
  ids: Int32Array,
  settings: { readonly context: number; readonly batch: number; readonly seed: number },
  step: number,
): Windows;

export function allWindows(ids: Int32Array, context: number): Windows;
