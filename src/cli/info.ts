import { availableParallelism, cpus } from "node:os";
import manifest from "../../package.json" with { type: "json" };
import { createEngine } from "../index.ts";
import type { Command } from "./command.ts";
import { hasFeature } from "../wasm/features.ts";
import { alignPairs } from "./format.ts";
import { flag, parseOptions } from "./options.ts";
import { columnsOf, printLines, type Io } from "./terminal.ts";

const options = { json: flag("print one JSON object") };

export const info: Command = {
  name: "info",
  summary: "shows the engine, its build and what this machine can do",
  options,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { json } = parseOptions(options, args);
  const facts = await gather();
  const lines = json ? [JSON.stringify(facts)] : alignPairs(pairsOf(facts), columnsOf(io.stdout));
  printLines(io.stdout, lines);
  return 0;
}

async function gather() {
  const engine = await createEngine();
  try {
    return {
      version: manifest.version,
      engine: { ...engine.info },
      node: process.versions.node,
      v8: process.versions.v8,
      platform: `${process.platform} ${process.arch}`,
      cpu: cpus()[0]?.model.trim() ?? "unknown",
      cores: availableParallelism(),
      features: {
        simd: hasFeature("simd"),
        relaxedSimd: hasFeature("relaxedSimd"),
        threads: hasFeature("threads"),
      },
    };
  } finally {
    engine.dispose();
  }
}

type Facts = Awaited<ReturnType<typeof gather>>;

function pairsOf({ version, engine, features, ...machine }: Facts): [string, string][] {
  const { notes, ...build } = engine;
  const shown = (value: unknown): string =>
    typeof value === "boolean" ? (value ? "yes" : "no") : String(value);
  return [
    ["gradlane", version],
    ...Object.entries(build).map(([key, value]): [string, string] => [key, shown(value)]),
    ...Object.entries(machine).map(([key, value]): [string, string] => [key, shown(value)]),
    ["wasm simd", shown(features.simd)],
    ["wasm relaxed simd", shown(features.relaxedSimd)],
    ["wasm threads", shown(features.threads)],
    ...notes.map((note): [string, string] => ["note", note]),
  ];
}
