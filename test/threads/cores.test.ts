import { afterEach, describe, expect, it, vi } from "vitest";
import { automaticThreads, coreCount } from "../../src/threads/cores.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Simulates a machine whose Node reports `processors`, and whose Linux has these files. */
function machine(processors: number, files: Record<string, string>, platform = "linux"): void {
  const fs = {
    readFileSync(path: string): string {
      const text = files[path];
      if (text === undefined) throw new Error(`ENOENT: ${path}`);
      return text;
    },
  };
  const os = { availableParallelism: () => processors };
  const getBuiltinModule = (name: string): unknown => (name === "node:fs" ? fs : os);
  vi.stubGlobal("process", { platform, getBuiltinModule });
}

/** The files of a Linux where processors i and i + cores are threads of one core. */
function linux(cores: number, allowed: string): Record<string, string> {
  const siblings = Array.from({ length: 2 * cores }, (_, cpu) => [
    `/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`,
    `${cpu % cores},${(cpu % cores) + cores}\n`,
  ]);
  const status = `Name:\tnode\nCpus_allowed_list:\t${allowed}\nMems_allowed_list:\t0\n`;
  return { "/proc/self/status": status, ...(Object.fromEntries(siblings) as object) };
}

describe("coreCount", () => {
  it.each([
    ["0-7", 8, 4],
    ["0-3", 4, 4],
    ["1,5", 2, 1],
    ["0-2,6", 4, 3],
    ["7", 1, 1],
  ])("counts the physical cores behind processors %s", (allowed, processors, cores) => {
    machine(processors, linux(4, allowed));
    expect(coreCount()).toBe(cores);
    expect(automaticThreads()).toBe(cores);
  });

  it("counts processors where there are fewer of them, or Linux does not tell", () => {
    machine(2, linux(4, "0-7"));
    expect(coreCount()).toBe(2);
    machine(6, {});
    expect(coreCount()).toBe(6);
    machine(6, linux(4, "0-7"), "darwin");
    expect(coreCount()).toBe(6);
  });

  it("is the browser's number in a browser, of which threads get up to four", () => {
    vi.stubGlobal("process", undefined);
    for (const [processors, threads] of [
      [16, 4],
      [3, 3],
      [undefined, 1],
    ]) {
      vi.stubGlobal("navigator", { hardwareConcurrency: processors });
      expect(automaticThreads()).toBe(threads);
    }
  });

  it("keeps to the threads that an engine can have", () => {
    machine(256, {});
    expect(automaticThreads()).toBe(32);
  });
});
