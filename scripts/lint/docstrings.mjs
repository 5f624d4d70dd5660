/**
 * Style of docstrings, for ESLint (rule.mjs) and for assembly/, which ESLint cannot parse
 * (test/docstrings.node.test.ts).
 */

/** First words that begin a clause without a main one, or a phrase without a noun. */
const OPENINGS = [
  ...["What", "Whatever", "Whether", "How", "Where", "Wherever", "Which", "Whichever", "Who"],
  ...["Whoever", "Whose", "When", "Whenever", "Why", "That", "Because", "While", "So", "Not"],
  ...["Of", "For", "From", "In", "By", "As", "To"],
];

/** Idioms that read as if translated, and what to write instead. */
const PHRASES = [
  [/\b(?:is|are|was|were|be|been|being) had\b/, "is available, is computed"],
  [/\bis said\b/, "name who says it"],
  [/\b(?:come|comes|came) to(?=[.,;:)]|$| the same)/, "is, becomes, computes"],
  [/\b(?:no|any) more(?=[.,;:)]|$| once\b)/, "no longer"],
  [/\bhangs? on\b/, "depends on"],
  [/\bgoes along\b/, "is included"],
  [/(?<!\bthere )\bis none\b/, "is not one"],
  [/\bso many\b(?! that\b)/, "name the number"],
];

/**
 * Returns what is wrong with the style of a block comment, "" for none.
 * @param {string} comment text between the opening slash and the closing one
 */
export function complaint(comment) {
  if (!comment.startsWith("*")) return "";
  const lines = comment
    .replace(/^\*|\*$/g, "")
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, "").trim());
  const text = lines.join(" ").trim();
  const [first = ""] = /^[A-Za-z]+(?![-\w])/.exec(text) ?? [];
  if (OPENINGS.includes(first)) {
    return `expected a verb ("Returns …") or a noun phrase ("Number of …") first, got "${first} …"`;
  }
  for (const [pattern, instead] of PHRASES) {
    const [found] = pattern.exec(text) ?? [];
    if (found) return `expected plain English, got "${found}": ${instead}`;
  }
  return "";
}
