// Sentences that ask for something, drawn from templates, and their words as ids.
import { FILLINGS, TEMPLATES } from "./templates.mjs";

/** Names of what sentences ask for, in the order of their classes. */
export const INTENTS = Object.keys(TEMPLATES);

const BEFORE = ["", "", "", "please", "hey", "ok"];
const AFTER = ["", "", "", "", "please", "now", "thank you"];
/** Between what was said first and what is meant instead. */
const CORRECTIONS = ["no wait", "i mean", "or rather"];
/** Share of sentences that correct themselves: what comes last is meant. */
const CORRECTED = 0.15;

/** Numbers from 0 to below 1 that a seed determines: Marsaglia's xorshift of 32 bits. */
function generator(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/**
 * Draws sentences with the class of each.
 * @param part "train" or "test"
 * @returns sentences, a list of texts, and y, an Int32Array of places in INTENTS
 */
export function drawSentences(part, count, seed) {
  const next = generator(seed);
  const pick = (list) => list[Math.floor(next() * list.length)];
  const fill = (text) => text.replace(/\{(\w+)\}/g, (_, gap) => fill(pick(FILLINGS[gap][part])));
  const clauseOf = (intent) => fill(pick(TEMPLATES[intent][part]));
  const draw = (intent) => {
    const clauses = [clauseOf(intent)];
    if (next() < CORRECTED) clauses.unshift(clauseOf(pick(INTENTS)), pick(CORRECTIONS));
    return [pick(BEFORE), ...clauses, pick(AFTER)].filter((text) => text !== "").join(" ");
  };
  const y = Int32Array.from({ length: count }, () => Math.floor(next() * INTENTS.length));
  return { sentences: Array.from(y, (intent) => draw(INTENTS[intent])), y };
}

/** Words of a text: letters alone, in lower case. */
export function wordsOf(text) {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

/** Ids of the places past the end of a sentence, and of all words that have none of their own. */
const [PADDING, UNKNOWN] = [0, 1];

/** Ids of the words that some sentences have at least twice. */
export function vocabularyOf(sentences) {
  const counts = new Map();
  for (const word of sentences.flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const known = [...counts.keys()].filter((word) => counts.get(word) > 1).sort();
  return new Map(known.map((word, i) => [word, i + 2]));
}

/**
 * Sentences as a model takes them.
 * @param steps ids of each; longer sentences lose what comes after
 * @param forget share of the words that get the id of unknown ones, so that this id is learned, too
 * @returns words, ids [sentences, steps], and lengths
 */
export function encode(sentences, vocabulary, steps, forget = 0, seed = 1) {
  const next = generator(seed);
  const words = new Int32Array(sentences.length * steps).fill(PADDING);
  const lengths = Int32Array.from(sentences, (sentence, row) => {
    const ids = wordsOf(sentence).map((word) =>
      next() < forget ? UNKNOWN : (vocabulary.get(word) ?? UNKNOWN),
    );
    words.set(ids.slice(0, steps), row * steps);
    return Math.min(steps, ids.length);
  });
  return { words, lengths };
}

/** A sentence in which the words that a vocabulary does not have are in brackets. */
export function marked(sentence, vocabulary) {
  return wordsOf(sentence)
    .map((word) => (vocabulary.has(word) ? word : `[${word}]`))
    .join(" ");
}
