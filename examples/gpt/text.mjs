// From a text to ids, and from ids to the windows that a network learns from.
import { random } from "../random.mjs";

/** The different characters of a text. The id of a character is its place among them. */
export class Alphabet {
  /** @param characters a list of them, each once */
  constructor(characters) {
    this.characters = characters;
    this.ids = new Map(characters.map((character, id) => [character, id]));
  }

  static of(text) {
    return new Alphabet([...new Set(text)].sort());
  }

  /** @throws RangeError for a character that is not in the alphabet */
  encode(text) {
    return Int32Array.from(text, (character) => {
      const id = this.ids.get(character);
      if (id !== undefined) return id;
      const known = this.characters.join("").trim();
      throw new RangeError(`expected some of ${known}, got ${JSON.stringify(character)}`);
    });
  }

  decode(ids) {
    return Array.from(ids, (id) => this.characters[id]).join("");
  }
}

/** Parts of a text. One is not trained on: it tells how well it goes with text that it never saw. */
const PARTS = 10;

/**
 * Divides a text's ids in two.
 * @throws RangeError if it is too short for a window of `context` ids in both parts
 */
export function split(ids, context) {
  const end = ids.length - Math.floor(ids.length / PARTS);
  const [train, validation] = [ids.subarray(0, end), ids.subarray(end)];
  if (validation.length > context) return { train, validation };
  const least = PARTS * (context + 1);
  throw new RangeError(`expected a text of ${least} characters or more, got ${ids.length}`);
}

/** Windows of ids from some places on: x are the ids, and y what comes after each of them. */
function windows(ids, starts, context) {
  const [x, y] = [0, 0].map(() => new Int32Array(starts.length * context));
  starts.forEach((start, row) => {
    x.set(ids.subarray(start, start + context), row * context);
    y.set(ids.subarray(start + 1, start + context + 1), row * context);
  });
  return { x, y };
}

/** Windows of one step from anywhere in the text. The step decides where, so any step can be the first. */
export function randomWindows(ids, { context, batch, seed }, step) {
  const places = ids.length - context;
  const starts = Array.from({ length: batch }, (_, row) =>
    Math.floor(places * random(seed, step * batch + row)),
  );
  return windows(ids, starts, context);
}

/** Windows side by side, as many as fit. */
export function allWindows(ids, context) {
  const count = Math.floor((ids.length - 1) / context);
  const starts = Array.from({ length: count }, (_, i) => i * context);
  return windows(ids, starts, context);
}
