import { nodeModule } from "../base/node-access.ts";
import { MAX_CHUNKS } from "../wasm/runtime.ts";
import { check, either, oneOf, whole } from "../base/arguments.ts";

interface Globals {
  readonly process?: { readonly platform: string };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/** Most threads of an engine: more would find no chunk of an instruction. */
export const MAX_THREADS = MAX_CHUNKS;

/** @throws TypeError or RangeError unless an engine can have this number of threads */
export function checkThreads(who: string, threads: unknown): void {
  check(who, "threads", threads, either(whole(1, MAX_THREADS), oneOf("auto")));
}

/** Most threads of "auto" in a browser, whose page needs processors for other work too. */
const MOST_IN_BROWSER = 4;

/** Returns the numbers in a list of ranges such as "0-2,8". */
function parseRanges(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/**
 * Returns the number of physical cores among the processors that this process may run on, as Linux
 * reports it; undefined elsewhere.
 */
function linuxCores(platform: string | undefined): number | undefined {
  const fs = platform === "linux" ? nodeModule("node:fs") : undefined;
  if (!fs) return undefined;
  try {
    const status = fs.readFileSync("/proc/self/status", "utf8");
    const [, allowed] = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status) ?? [];
    const siblings = parseRanges(allowed ?? "0").map((cpu) => {
      const path = `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`;
      return fs.readFileSync(path, "utf8");
    });
    return new Set(siblings).size;
  } catch {
    return undefined;
  }
}

/**
 * Returns the number of cores for one thread each: physical cores among the processors that the
 * process may use, if Linux reports them; elsewhere all processors.
 */
export function coreCount(): number {
  const { process, navigator } = globalThis as Globals;
  const parallelism = nodeModule("node:os")?.availableParallelism?.();
  const processors = parallelism ?? navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(processors, linuxCores(process?.platform) ?? processors));
}

/**
 * Returns the number of threads for "auto": one for each core in Node, at most 4 in browsers.
 * WebKit reports 4 processors if there are fewer than 8 (Source/WebCore/page/NavigatorBase.cpp).
 * That number is used as it is: four threads on two cores take a sixth longer than two, and two
 * threads would leave half of four cores idle.
 */
export function automaticThreads(): number {
  return Math.min(coreCount(), nodeModule("node:os") ? MAX_THREADS : MOST_IN_BROWSER);
}
