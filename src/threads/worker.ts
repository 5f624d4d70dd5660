import type { Exports } from "../wasm/build.ts";
import { fillTable } from "../wasm/function-table.ts";
import { PARKED, STOPPED } from "./control-block.ts";
import { controlBytes, threadLine, sleep, stop, writeReason } from "./control-block.ts";
import { holdLock } from "./worker-scope.ts";
import { parentPort } from "./worker-scope.ts";

/** The only message to a worker, sent once. */
export interface ThreadStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  readonly thread: number;
  readonly threads: number;
  readonly tile: readonly [rows: number, columns: number];
  /** Turns of spinning before the thread sleeps, while others are busy and between programs. */
  readonly turns: number;
}

/** The only message of a worker, sent when it is ready. */
export interface ThreadReady {
  /** Name of the lock that it holds, see worker-scope.ts. */
  readonly lock: string | undefined;
}

/** Takes chunks of every program until stop. */
function work(
  { control, thread, threads, turns }: ThreadStart,
  kernels: Exports,
  words: Int32Array,
): void {
  for (;;) {
    const record = kernels.helpProgram(control, thread, threads, turns, turns);
    if (record === STOPPED) return;
    sleep(words, record);
  }
}

const port = parentPort<ThreadStart, ThreadReady>("gradlane/worker");

port.onmessage = ({ data: start }) => {
  const { module, memory, control, thread, threads, tile } = start;
  const words = new Int32Array(memory.buffer, control, controlBytes(threads) / 4);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const kernels = exports as unknown as Exports;
  fillTable(kernels);
  kernels.setTile(...tile);
  // Taken before work starts, because the thread handles no events after that.
  void holdLock().then((lock) => {
    port.postMessage({ lock });
    try {
      work(start, kernels, words);
    } catch (error) {
      writeReason(words, `thread ${thread} has failed: ${String(error)}`);
      stop(words);
    }
    Atomics.store(words, threadLine(thread) + PARKED, 1);
    Atomics.notify(words, threadLine(thread) + PARKED);
    port.close?.();
  });
};
