import { join } from "node:path";
import { format } from "node:util";
import { type Plugin, createServer } from "vite";
import type { BrowserName } from "../browsers/browsers.ts";
import { launch } from "../browsers/launch.ts";

/** Pages of the documentation in browsers, served by Vite as their readers would. */

/** Address to which a page sends its output. */
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

/**
 * Opens the folder's index.html in a browser, and gives what it prints until that is `count` lines.
 * @throws what the page throws, or after a minute
 */
export async function visit(name: BrowserName, folder: string, count: number): Promise<string[]> {
  const printed: string[] = [];
  let hear: (message: Message) => void = () => undefined;
  let fail: (reason: Error) => void = () => undefined;
  const done = new Promise<void>((resolve, reject) => {
    fail = reject;
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
  const [url] = server.resolvedUrls!.local as [string];
  const browser = launch(name, url, true);
  void browser.ended.then((last) => {
    fail(new Error(`${name} has ended: ${last}`));
  });
  try {
    await done;
    return printed;
  } finally {
    await browser.stop();
    await server.close();
  }
}
