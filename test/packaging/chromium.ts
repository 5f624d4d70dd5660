import { type UserConfig, preview } from "vite";
import { afterAll } from "vitest";
import { type Browser, launchChromium } from "./playwright.ts";

let running: Promise<Browser> | undefined;

afterAll(async () => {
  await (await running)?.close();
});

/** State of a page after a visit. */
export interface Visited {
  /** The values of the globals that were asked for, promises resolved. */
  readonly values: readonly unknown[];
  /** All that the console shows, and errors that nobody has caught. */
  readonly console: readonly string[];
}

/** The value of a global, in a page that may not have got so far. */
function valueOf(name: string): string {
  const wait = "new Promise((resolve) => setTimeout(resolve, 20))";
  return `(async () => { while (!("${name}" in globalThis)) await ${wait}; return ${name}; })()`;
}

/**
 * Opens a page and waits for globals of it.
 * @throws Error if one of them is a promise that is rejected
 */
export async function visit(url: string, ...names: readonly string[]): Promise<Visited> {
  running ??= launchChromium();
  const page = await (await running).newPage();
  const console: string[] = [];
  page.on("console", (message) => console.push(message.text()));
  page.on("pageerror", (error) => console.push(String(error)));
  try {
    await page.goto(url);
    const values: unknown[] = [];
    for (const name of names) values.push(await page.evaluate(valueOf(name)));
    return { values, console };
  } finally {
    await page.close();
  }
}

/** A page with this in its head. */
export function html(head: string): string {
  const icon = '<link rel="icon" href="data:," />';
  return `<!doctype html><meta charset="utf-8" />${icon}${head}`;
}

/** A page that runs a module. */
export function moduleHtml(file: string): string {
  return html(`<script type="module" src="./${file}"></script>`);
}

/** Headers that isolate a page from others, without which it has no shared memory. */
export const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/**
 * Headers under which a page's workers run only from files, not from scripts that the package
 * embeds.
 */
export const ISOLATION_AND_FILES = {
  ...ISOLATION,
  "Content-Security-Policy": "worker-src 'self'",
};

/** Serves a folder with these headers while something is done with its address. */
export async function serve(
  folder: string,
  headers: Readonly<Record<string, string>>,
  use: (address: string) => Promise<void>,
): Promise<void> {
  const config: UserConfig = {
    ...{ root: folder, appType: "mpa", logLevel: "error", build: { outDir: folder } },
    preview: { host: "127.0.0.1", port: 0, headers },
  };
  const server = await preview({ ...config, configFile: false });
  try {
    await use(server.resolvedUrls!.local[0]!);
  } finally {
    await server.close();
  }
}
