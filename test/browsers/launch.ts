import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserName, browsers } from "./browsers.ts";

/** Characters that are kept of the end of what a browser writes to stderr. */
const KEPT = 4000;

/** Milliseconds that a browser has to end by itself once it is asked to. */
export const GRACE_MS = 5000;

/** A browser that has been started. */
export interface Running {
  /** Ends it with all its processes and removes its profile. */
  readonly stop: () => Promise<void>;
  /** Resolved with the last that it wrote to stderr when it has ended, by itself or not. */
  readonly ended: Promise<string>;
}

/**
 * Opens a page in a fresh browser without a screen.
 * @param isolated whether the page is served with the headers that isolate it from other origins
 * @throws Error if the browser is not installed
 */
export function launch(name: BrowserName, url: string, isolated: boolean): Running {
  const browser: Browser = browsers[name];
  const [program, ...first] = browser.command.map((part) => {
    if (part === undefined) throw new Error(`${name}: expected ${browser.packages}, not installed`);
    return part;
  });
  const profile = mkdtempSync(join(tmpdir(), `gradlane-${name}-`));
  for (const [file, text] of Object.entries(browser.files ?? {})) {
    writeFileSync(join(profile, file), text);
  }
  // The leader of a process group, so that the processes which it starts can be ended with it.
  const child = spawn(program!, [...first, ...browser.arguments(url, profile)], {
    env: {
      ...process.env,
      TMPDIR: profile,
      ...browser.environment?.(profile),
      ...(isolated ? browser.sharing : {}),
    },
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-KEPT);
  });
  const signal = (kind: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, kind);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };
  const clear = (): void => {
    signal("SIGKILL");
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  process.once("exit", clear);
  const exited = once(child, "exit");
  return {
    ended: exited.then(() => errors),
    stop: async () => {
      signal("SIGTERM");
      const impatience = setTimeout(signal, GRACE_MS, "SIGKILL");
      await exited;
      clearTimeout(impatience);
      process.off("exit", clear);
      clear();
    },
  };
}
