import type { Exports } from "../runtime/build.ts";
import { fillTable } from "../runtime/table.ts";
import { ABORTED, DONE, END, FAILED, GENERATION, IDLERS, PARKED } from "./control.ts";
import { PROGRAM, SEEN, SLEEPERS, TICKET } from "./control.ts";
import { abort, controlBytes, laneLine, sleep, spin, writeReason } from "./control.ts";
import { parentPort } from "./port.ts";

/** What a worker is told once, and all that it is ever told by message. */
export interface LaneStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  readonly lane: number;
  readonly lanes: number;
  readonly tile: readonly [rows: number, columns: number];
  /** Turns that a lane spins before it sleeps: at a barrier, and between programs. */
  readonly turns: readonly [barrier: number, idle: number];
}

/** Sleeps, after a short while, until the program after `ticket` comes; its ticket. */
function nextTicket(words: Int32Array, ticket: number, turns: number): number {
  if (!spin(words, TICKET, ticket, turns)) {
    while (Atomics.load(words, TICKET) === ticket) sleep(words, TICKET, ticket, IDLERS);
  }
  return Atomics.load(words, TICKET);
}

/** Runs the lane's part of every program until it is told to stop. */
function work(start: LaneStart, kernels: Exports, words: Int32Array): void {
  const { control, lane, lanes, turns } = start;
  const line = laneLine(lane);
  const seen = control + 4 * (line + SEEN);
  for (let ticket = 0; ;) {
    ticket = nextTicket(words, ticket, turns[1]);
    const end = words[END]! >>> 0;
    let at = words[PROGRAM]! >>> 0;
    do {
      if (Atomics.load(words, ABORTED) !== 0) return;
      at = kernels.runLane(control, at, end, lane, lanes, turns[0], seen) >>> 0;
      if (at === FAILED) return;
      if (at === DONE) break;
      const before = words[line + SEEN]!;
      while (Atomics.load(words, GENERATION) === before) sleep(words, GENERATION, before, SLEEPERS);
    } while (at !== end);
  }
}

const port = parentPort<LaneStart, "ready">("gradlane/worker");

port.onmessage = ({ data: start }) => {
  const { module, memory, control, lane, lanes, tile } = start;
  const words = new Int32Array(memory.buffer, control, controlBytes(lanes) / 4);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as Exports;
  fillTable(kernels);
  kernels.setTile(...tile);
  port.postMessage("ready");
  try {
    work(start, kernels, words);
  } catch (error) {
    writeReason(words, `lane ${lane} has failed: ${String(error)}`);
    abort(words);
  }
  Atomics.store(words, laneLine(lane) + PARKED, 1);
  Atomics.notify(words, laneLine(lane) + PARKED);
  port.close?.();
};
