import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { format } from "node:util";
import { type Plugin, createServer } from "vite";

/** Pages of the documentation in Chromium, served by Vite as their readers would. */

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** Chromium, if it is installed. */
export const chromium = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Where a page says what it prints. */
const LOG = "/printed-by-the-page";

/** Stands before a page's scripts: sends what they print, and what goes wrong, to the server. */
const RECORDER = `<script>
  const send = (kind, values) =>
    fetch("${LOG}", { method: "POST", body: JSON.stringify({ kind, values }) });
  console.log = (...values) => send("log", values);
  addEventListener("error", ({ message }) => send("error", [message]));
  addEventListener("unhandledrejection", ({ reason }) => send("error", [String(reason)]));
</script>`;

interface Message {
  readonly kind: "log" | "error";
  readonly values: unknown[];
}

/** Hears what a page prints. */
function recorder(hear: (message: Message) => void): Plugin {
  return {
    name: "recorder",
    transformIndexHtml: (html) => RECORDER + html,
    configureServer({ middlewares }) {
      middlewares.use(LOG, (request, response) => {
        let body = "";
        request.on("data", (chunk) => (body += String(chunk)));
        request.on("end", () => {
          response.end();
          hear(JSON.parse(body) as Message);
        });
      });
    },
  };
}

async function stop(browser: ChildProcess, profile: string): Promise<void> {
  browser.kill();
  if (browser.exitCode === null && browser.signalCode === null) await once(browser, "exit");
  rmSync(profile, { recursive: true, maxRetries: 5 });
}

/**
 * Opens the folder's index.html, and gives what it prints until that is `count` lines.
 * @throws what the page throws, or after a minute
 */
export async function visit(folder: string, count: number): Promise<string[]> {
  const printed: string[] = [];
  let hear: (message: Message) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    setTimeout(reject, 60_000, new Error(`expected ${count} lines of the page`)).unref();
    hear = ({ kind, values }) => {
      if (kind === "error") reject(new Error(`the page: ${String(values[0])}`));
      printed.push(format(...values));
      if (printed.length === count) resolve();
    };
  });
  const server = await createServer({
    root: folder,
    logLevel: "error",
    cacheDir: join(folder, ".vite"),
    plugins: [recorder((message) => hear(message))],
    // The package is linked and not installed, so its files lie outside of the folder.
    server: { port: 0, host: "localhost", fs: { strict: false } },
  });
  await server.listen();
  const profile = mkdtempSync(join(tmpdir(), "gradlane-chromium-"));
  const flags = ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${profile}`];
  const [url] = server.resolvedUrls!.local as [string];
  const browser = spawn(chromium!, [...flags, url], { stdio: "ignore" });
  try {
    await done;
    return printed;
  } finally {
    await stop(browser, profile);
    await server.close();
  }
}
