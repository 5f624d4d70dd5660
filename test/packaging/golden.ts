import type { EngineInfo } from "../../src/index.ts";

/** What program/train.mjs tells. */
export interface Trained extends Pick<EngineInfo, "build" | "threads" | "notes"> {
  readonly weightsSha256: string;
}

/** What its network learns, on every machine, in every engine, on any number of lanes. */
const weightsSha256 = "616c356b95e0cc3280885012ffcc7c8f586435cbde5ce9ef497f9d7d928029c0";

/** What is told where lanes can be had. */
export const onOneLane: Trained = { build: "strict", threads: 1, notes: [], weightsSha256 };
export const onTwoLanes: Trained = { build: "threads", threads: 2, notes: [], weightsSha256 };
