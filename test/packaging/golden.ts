import type { EngineInfo } from "../../src/index.ts";

/** What program/train.mjs tells. */
export interface Trained extends Pick<EngineInfo, "build" | "threads" | "notes"> {
  readonly weightsSha256: string;
}

/** What its network learns, on every machine, in every engine, on any number of threads. */
const weightsSha256 = "1528715745f85d5354596623c86d7fb56654b160a37b7ad245b2f800652fd6ea";

/** What is told where threads can be had. */
export const onOneThread: Trained = { build: "strict", threads: 1, notes: [], weightsSha256 };
export const onTwoThreads: Trained = { build: "threads", threads: 2, notes: [], weightsSha256 };
