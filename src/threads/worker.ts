import type { Exports } from "../wasm/build.ts";
import { fillTable } from "../wasm/function-table.ts";
import { PARKED, STOPPED } from "./control.ts";
import { controlBytes, laneLine, sleep, stop, writeReason } from "./control.ts";
import { holdLock } from "./worker-scope.ts";
import { parentPort } from "./worker-scope.ts";

/** What a worker is told once, and all that it is ever told by message. */
export interface LaneStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  readonly lane: number;
  readonly lanes: number;
  readonly tile: readonly [rows: number, columns: number];
  /** Turns that a lane spins before it sleeps, while others are busy and between programs. */
  readonly turns: number;
}

/** What a worker says once, when it is ready. */
export interface LaneReady {
  /** The lock that it holds, see life.ts. */
  readonly lock: string | undefined;
}

/** Helps with every program until it is told to stop. */
function work(
  { control, lane, lanes, turns }: LaneStart,
  kernels: Exports,
  words: Int32Array,
): void {
  for (;;) {
    const record = kernels.helpProgram(control, lane, lanes, turns, turns);
    if (record === STOPPED) return;
    sleep(words, record);
  }
}

const port = parentPort<LaneStart, LaneReady>("gradlane/worker");

port.onmessage = ({ data: start }) => {
  const { module, memory, control, lane, lanes, tile } = start;
  const words = new Int32Array(memory.buffer, control, controlBytes(lanes) / 4);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as Exports;
  fillTable(kernels);
  kernels.setTile(...tile);
  // Before it works, as nothing comes to an event from then on.
  void holdLock().then((lock) => {
    port.postMessage({ lock });
    try {
      work(start, kernels, words);
    } catch (error) {
      writeReason(words, `lane ${lane} has failed: ${String(error)}`);
      stop(words);
    }
    Atomics.store(words, laneLine(lane) + PARKED, 1);
    Atomics.notify(words, laneLine(lane) + PARKED);
    port.close?.();
  });
};
