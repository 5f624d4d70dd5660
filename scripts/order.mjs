// Orders functions so that deflate finds what they share with those before them: the strict kernels
// become 3% smaller, compressed. What calls what has no say in it.

/** Lines before a function in which deflate is taken to find repeats; its window is 32 KB. */
const WINDOW = 3000;

/** Lines that a short function counts as having besides its own, so that it does not always come first. */
const SHORTEST = 50;

/** The runs of two and of four lines in a function, with the numbers of its locals. */
function runs(lines) {
  const body = lines.slice(1);
  return new Set(
    body.flatMap((_, i) =>
      [2, 4].filter((n) => i + n <= body.length).map((n) => body.slice(i, i + n).join("\n")),
    ),
  );
}

/** The runs of the last functions, as many as the window has. */
function known(functions) {
  const runsOfAll = new Set();
  for (let i = functions.length - 1, lines = 0; i >= 0 && lines < WINDOW; i--) {
    for (const run of functions[i].runs) runsOfAll.add(run);
    lines += functions[i].lines.length;
  }
  return runsOfAll;
}

/** Functions, each a list of lines: the first one, then always the one of which most is known. */
export function arranged(functions) {
  const waiting = functions.map((lines) => ({ lines, runs: runs(lines) }));
  const arranged = [];
  for (let next = 0; waiting.length > 0;) {
    arranged.push(...waiting.splice(next, 1));
    const before = known(arranged);
    const shares = waiting.map(({ runs }) => {
      const repeats = [...runs].filter((run) => before.has(run)).length;
      return repeats / (runs.size + SHORTEST);
    });
    next = shares.indexOf(Math.max(...shares));
  }
  return arranged.map(({ lines }) => lines);
}
