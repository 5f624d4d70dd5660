/** What is used of Node. */
interface NodeProcess {
  readonly platform: string;
  getBuiltinModule?(name: "node:os"): { availableParallelism?(): number };
  getBuiltinModule?(name: "node:fs"): { readFileSync(path: string, encoding: "utf8"): string };
}

const { process } = globalThis as { process?: NodeProcess };

/** The most lanes that "auto" means where cores belong to a page that has other things to do. */
const MOST_IN_BROWSER = 4;

/** The most lanes of an engine. */
export const MOST_LANES = 64;

/** The numbers that a list of ranges such as "0-2,8" stands for. */
function parseRanges(list: string): number[] {
  return list
    .trim()
    .split(",")
    .filter((range) => range !== "")
    .flatMap((range) => {
      const [from, to = from] = range.split("-").map(Number) as [number, number?];
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    });
}

/**
 * Physical cores among the processors that this process may run on, as Linux tells them; undefined
 * elsewhere.
 */
function linuxCores(): number | undefined {
  const fs = process?.platform === "linux" ? process.getBuiltinModule?.("node:fs") : undefined;
  try {
    const status = fs?.readFileSync("/proc/self/status", "utf8");
    const allowed = /^Cpus_allowed_list:\s*(.+)$/m.exec(status ?? "")?.[1];
    if (!fs || allowed === undefined) return undefined;
    const siblings = parseRanges(allowed).map((cpu) => {
      const path = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      return fs.readFileSync(path, "utf8");
    });
    return new Set(siblings).size;
  } catch {
    return undefined;
  }
}

/**
 * Cores that lanes can have to themselves. In Node those of the machine that the process may use, by
 * Linux's account of which processors share a core, elsewhere all processors; in browsers all
 * processors that the browser tells of.
 */
export function coreCount(): number {
  const os = process?.getBuiltinModule?.("node:os");
  const processors =
    os?.availableParallelism?.() ??
    (globalThis as { navigator?: { hardwareConcurrency?: number } }).navigator
      ?.hardwareConcurrency ??
    1;
  return Math.max(1, Math.min(processors, linuxCores() ?? processors));
}

/** How many lanes "auto" is: all cores in Node, at most 4 in browsers. */
export function automaticLanes(): number {
  return Math.min(coreCount(), process?.getBuiltinModule ? MOST_LANES : MOST_IN_BROWSER);
}
