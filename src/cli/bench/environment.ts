import { availableParallelism, cpus } from "node:os";
import manifest from "../../../package.json" with { type: "json" };
import type { EngineInfo } from "../../index.ts";

/** Versions of the programs and facts about the machine. */
export interface Machine {
  /** Version of gradlane. */
  readonly gradlane: string;
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
  readonly node: string;
  readonly v8: string;
}

/** Everything that figures depend on besides the code that is measured. */
export interface Environment extends Machine, EngineInfo {
  /** Start of the run, ISO 8601. */
  readonly date: string;
}

export function machine(): Machine {
  return {
    gradlane: manifest.version,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
  };
}

export function environmentOf(info: EngineInfo): Environment {
  return { ...machine(), ...info, date: new Date().toISOString() };
}
