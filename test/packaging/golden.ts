import type { EngineInfo } from "../../src/index.ts";

/** What program/train.mjs tells. */
export interface Trained extends Pick<EngineInfo, "build" | "threads" | "notes"> {
  readonly weightsSha256: string;
}

/** What its network learns, on every machine, in every engine, on any number of lanes. */
const weightsSha256 = "c465792c338870de0b267a40078f5e1a053db0d630802de7014e42eeb14cedc3";

/** What is told where lanes can be had. */
export const onOneLane: Trained = { build: "strict", threads: 1, notes: [], weightsSha256 };
export const onTwoLanes: Trained = { build: "threads", threads: 2, notes: [], weightsSha256 };
