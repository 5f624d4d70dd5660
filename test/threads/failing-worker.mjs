// The workers' module, but one thread of it fails: thread 2 at the fifth chunk of a matrix product that it
// has taken, if globalThis.failure is { how: "trap", thread: 2, call: 5 }. exit ends the thread, trap is
// one of WebAssembly, hoard uses up all memory.
const { how, thread, call } = globalThis.failure;

const { Instance, Module } = WebAssembly;

const failures = {
  exit: () => process.exit(3),
  trap: (instruction) => instruction(-16, 0, 1),
  hoard() {
    for (const hoard = []; ;) hoard.push(new Array(100_000).fill(hoard.length));
  },
};

/** (import "e" "f" (func (param i32 i32 i32))) (export "f" (func 0)): what a table takes. */
const wrapper = new Module(
  Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...[1, 7, 1, 96, 3, 127, 127, 127, 0],
    ...[2, 7, 1, 1, 101, 1, 102, 0, 0],
    ...[7, 5, 1, 1, 102, 0, 0],
  ),
);

/** An instance whose products fail in the end. */
WebAssembly.Instance = function (module, imports) {
  const { exports } = new Instance(module, imports);
  let own;
  let calls = 0;
  const f = (...args) => {
    if (own !== thread || ++calls < call) exports.gemmInstruction(...args);
    else failures[how](exports.gemmInstruction);
  };
  const { f: gemmInstruction } = new Instance(wrapper, { e: { f } }).exports;
  // What goes into the table, at the first reading, has to be WebAssembly's.
  let reads = 0;
  const help = (control, ...rest) => {
    [own] = rest;
    if (how === "early" && own === thread) throw new Error("early");
    return exports.helpProgram(control, ...rest);
  };
  const helpProgram = { enumerable: true, get: () => (reads++ ? help : exports.helpProgram) };
  return {
    exports: Object.defineProperty({ ...exports, gemmInstruction }, "helpProgram", helpProgram),
  };
};

await import("../../dist/worker.js");
