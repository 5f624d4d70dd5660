import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM"] as const;

export interface Interrupt {
  readonly signal: AbortSignal;
  /**
   * Returns a shell's exit code for the signal that came, such as 130 for Ctrl-C; else undefined.
   */
  readonly exitCode: () => number | undefined;
  readonly release: () => void;
}

/** Listens for signals: the first Ctrl-C aborts `signal`, a second one ends the process at once. */
export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  let exitCode: number | undefined;
  const stop = (name: (typeof signals)[number]): void => {
    exitCode ??= 128 + constants.signals[name];
    controller.abort();
  };
  for (const name of signals) process.once(name, stop);
  return {
    signal: controller.signal,
    exitCode: () => exitCode,
    release: () => {
      for (const name of signals) process.off(name, stop);
    },
  };
}
