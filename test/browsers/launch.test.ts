import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { GRACE_MS, launch } from "./launch.ts";

/** Takes no notice of SIGTERM for a minute; its process id goes to the file that it is to open. */
const stubborn = vi.hoisted(
  () => `
    process.on("SIGTERM", () => undefined);
    setTimeout(() => process.exit(), 60_000);
    require("node:fs").writeFileSync(process.argv[1], String(process.pid));
  `,
);

vi.mock("./browsers.ts", () => ({
  browsers: {
    chromium: { command: [process.execPath, "-e", stubborn], arguments: (url: string) => [url] },
  },
}));

const folder = mkdtempSync(join(tmpdir(), "gradlane-launch-"));

afterEach(() => {
  vi.useRealTimers();
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

it("kills a browser that does not end when it is asked to", async () => {
  const file = join(folder, "pid");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const { stop, ended } = launch("chromium", file, true);
  const pid = await vi.waitUntil(() => existsSync(file) && Number(readFileSync(file, "utf8")), {
    timeout: 30_000,
  });
  const end = vi.fn();
  void ended.then(end);
  const stopped = stop();
  vi.advanceTimersByTime(GRACE_MS - 1);
  await sleep(200);
  expect(end).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  await stopped;
  expect(end).toHaveBeenCalled();
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});
