// The workers' module, but one lane of it fails: lane 2 at its fifth share of a program, if
// globalThis.failure is { how: "trap", lane: 2, call: 5 }. exit ends the thread, trap is one of
// WebAssembly, hoard uses up all memory.
const { how, lane, call } = globalThis.failure;

const { Instance } = WebAssembly;

const failures = {
  exit: () => process.exit(3),
  trap: (runLane, args) => runLane(args[0], -16, -4, ...args.slice(3)),
  hoard() {
    for (const hoard = []; ;) hoard.push(new Array(100_000).fill(hoard.length));
  },
};

/** An instance whose runLane, after it has gone into the table, fails in the end. */
WebAssembly.Instance = function (module, imports) {
  const { exports } = new Instance(module, imports);
  let reads = 0;
  let calls = 0;
  const failing = (...args) => {
    if (args[3] !== lane || ++calls < call) return exports.runLane(...args);
    return failures[how](exports.runLane, args);
  };
  const runLane = { enumerable: true, get: () => (reads++ ? failing : exports.runLane) };
  return { exports: Object.defineProperty({ ...exports }, "runLane", runLane) };
};

await import("../../dist/worker.js");
