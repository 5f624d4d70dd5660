import { nodeModule } from "../base/node-access.ts";
import { MAX_CHUNKS } from "../wasm/runtime.ts";
import { check, either, oneOf, whole } from "../base/arguments.ts";

interface Globals {
  readonly process?: { readonly platform: string };
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/** The most threads of an engine: more would find no part of a record. */
export const MAX_THREADS = MAX_CHUNKS;

/** @throws TypeError or RangeError for a number of threads that no engine could have */
export function checkThreads(who: string, threads: unknown): void {
  check(who, "threads", threads, either(whole(1, MAX_THREADS), oneOf("auto")));
}

/** The most threads that "auto" is where processors belong to a page that has other things to do. */
const MOST_IN_BROWSER = 4;

/** The numbers that a list of ranges such as "0-2,8" stands for. */
function parseRanges(list: string): number[] {
  return list.split(",").flatMap((range) => {
    const [from, to = from] = range.split("-").map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/**
 * Physical cores among the processors that this process may run on, as Linux tells them; undefined
 * elsewhere.
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
 * Cores that threads can have to themselves: of the processors that the process may use those that
 * share none, where Linux tells which do; elsewhere all processors.
 */
export function coreCount(): number {
  const { process, navigator } = globalThis as Globals;
  const parallelism = nodeModule("node:os")?.availableParallelism?.();
  const processors = parallelism ?? navigator?.hardwareConcurrency ?? 1;
  return Math.max(1, Math.min(processors, linuxCores(process?.platform) ?? processors));
}

/**
 * How many threads "auto" is: one for each core in Node, at most 4 in browsers. Of fewer than 8
 * processors WebKit says that they are 4 (Source/WebCore/page/NavigatorBase.cpp), which is taken as it
 * is: four threads on two cores take a sixth longer than two, two would leave half of four cores idle.
 */
export function automaticThreads(): number {
  return Math.min(coreCount(), nodeModule("node:os") ? MAX_THREADS : MOST_IN_BROWSER);
}
