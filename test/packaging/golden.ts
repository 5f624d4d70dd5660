import type { EngineInfo } from "../../src/index.ts";

/** Report of program/train.mjs. */
export interface Trained extends Pick<EngineInfo, "build" | "threads" | "notes"> {
  readonly weightsSha256: string;
}

/** Hash of the weights on every machine, in every engine, on any number of threads. */
const weightsSha256 = "1528715745f85d5354596623c86d7fb56654b160a37b7ad245b2f800652fd6ea";

/** Reports on hosts that have threads. */
export const onOneThread: Trained = { build: "strict", threads: 1, notes: [], weightsSha256 };
export const onTwoThreads: Trained = { build: "threads", threads: 2, notes: [], weightsSha256 };
