import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createServer } from "vite";
import { describe, expect } from "vitest";
import { ISOLATION, ISOLATION_AND_FILES, html, moduleHtml, serve, visit } from "./chromium.ts";
import { type Trained, onOneThread, onTwoThreads } from "./golden.ts";
import { type Project, WASM_ADDRESS, createProject, guide } from "./project.ts";
import { browser, row } from "./tools.ts";

const esbuild = fileURLToPath(new URL("../../node_modules/.bin/esbuild", import.meta.url));

const reason = "there is no SharedArrayBuffer, for which a page has to be cross-origin isolated";

/** Report of a page without shared memory that asks for threads. */
const withoutMemory: Trained = { ...onOneThread, notes: [`threads: 1, ${reason}`] };

/** Two threads are asked of a page, and nothing may be on its console. */
async function expectTrained(page: string, expected: Trained): Promise<void> {
  const visited = await visit(`${page}?threads=2`, "trained", "product");
  expect(visited).toEqual({ values: [expected, [19, 22, 43, 50]], console: [] });
}

/** A project with this page, which gets the address of the .wasm file so. */
function createPage(addresses: string, page: string): Project {
  const project = createProject();
  project.write("addresses.mjs", addresses);
  project.write("index.html", page);
  return project;
}

const IMPORTED = 'export { default as moduleUrl } from "gradlane/kernels.wasm";';

describe("all in one script", async () => {
  const { folder, run } = createPage(IMPORTED, html('<script src="page.js"></script>'));
  await run(esbuild, "page.mjs", "--bundle", "--loader:.wasm=dataurl", "--outfile=page.js");

  row("a classic script trains on two threads in an isolated page", browser, async () => {
    await serve(folder, ISOLATION, (address) => expectTrained(address, onTwoThreads));
  });

  row(
    "a classic script trains on one thread in a page that is not, and says so",
    browser,
    async () => {
      await serve(folder, {}, (address) => expectTrained(address, withoutMemory));
    },
  );

  row(
    "a classic script trains on one thread in a file's page, as in Electron",
    browser,
    async () => {
      await expectTrained(pathToFileURL(join(folder, "index.html")).href, withoutMemory);
    },
  );
});

describe("under a Content-Security-Policy", async () => {
  const { folder, run } = createPage(IMPORTED, moduleHtml("page.js"));
  const flags = ["--bundle", "--format=esm", "--splitting", "--loader:.wasm=file", "--outdir=."];
  await run(esbuild, "page.mjs", "worker=gradlane/worker", ...flags);
  const policy = (scripts: string) => ({
    ...ISOLATION,
    "Content-Security-Policy": `default-src 'none'; connect-src 'self'; img-src data:; ${scripts}`,
  });

  row("a Content-Security-Policy is met by what docs/bundlers.md says", browser, async () => {
    const [scripts, workers] = ["script-src 'self' 'wasm-unsafe-eval'", "worker-src 'self'"];
    for (const text of [scripts, workers]) expect(guide).toContain(`\`${text}\``);
    await serve(folder, policy(`${scripts}; ${workers}`), (address) =>
      expectTrained(address, onTwoThreads),
    );
  });

  row(
    "a Content-Security-Policy without wasm-unsafe-eval gives an error that says so",
    browser,
    async () => {
      await serve(folder, policy("script-src 'self'"), async (address) => {
        const visited = visit(`${address}?threads=1`, "trained");
        await expect(visited).rejects.toThrow(/CompileError.*Content Security/);
      });
    },
  );
});

describe("where a Content-Security-Policy forbids workers", async () => {
  const { folder, run } = createPage(IMPORTED, moduleHtml("page.js"));
  const flags = ["--bundle", "--format=esm", "--splitting", "--loader:.wasm=file"];
  await run(esbuild, "page.mjs", "worker=gradlane/worker", ...flags, "--outdir=.");
  const bare = createPage(IMPORTED, moduleHtml("page.js"));
  await bare.run(esbuild, "page.mjs", ...flags, "--outdir=.");

  /** The values of the page under a policy for workers; the browser tells of it on the console. */
  async function trained(pages: string, workers: string): Promise<unknown> {
    let value: unknown;
    const headers = { ...ISOLATION, "Content-Security-Policy": `worker-src ${workers}` };
    await serve(pages, headers, async (address) => {
      value = (await visit(`${address}?threads=2`, "trained")).values[0];
    });
    return value;
  }

  /** One thread, on the kernels that had been chosen for two. */
  const withoutWorkers: Trained = {
    ...onOneThread,
    build: "threads",
    notes: [
      expect.stringMatching(
        /^threads: 1, expected thread 1 to start, it has failed: .*polic/i,
      ) as string,
    ],
  };

  row("an engine has one thread, and says so", browser, async () => {
    expect(await trained(folder, "'none'")).toEqual(withoutWorkers);
  });

  row("so it does where only the package's own file is allowed, and missing", browser, async () => {
    expect(await trained(bare.folder, "'self'")).toEqual(withoutWorkers);
  });

  row("threads run what is embedded where only that is allowed", browser, async () => {
    expect(await trained(folder, "blob:")).toEqual(onTwoThreads);
  });
});

describe("a page without a bundler", () => {
  const file = (name: string): string => `./node_modules/gradlane/dist/${name}`;
  const imports = {
    gradlane: file("index.js"),
    "gradlane/digits": file("digits.js"),
    "gradlane/kernels": file("kernels.js"),
    "gradlane/kernels.wasm": file("strict.wasm"),
  };
  const map = `<script type="importmap">${JSON.stringify({ imports })}</script>`;
  const { folder } = createPage(
    'export const moduleUrl = import.meta.resolve("gradlane/kernels.wasm");',
    html(map) + '<script type="module" src="page.mjs"></script>',
  );

  row("an import map is enough for two threads", browser, async () => {
    await serve(folder, ISOLATION_AND_FILES, (address) => expectTrained(address, onTwoThreads));
  });
});

describe("Vite's development server", () => {
  const { folder } = createPage(
    `export const moduleUrl = ${WASM_ADDRESS};`,
    moduleHtml("page.mjs"),
  );

  row("Vite's development server serves a page that trains on two threads", browser, async () => {
    const server = await createServer({
      ...{ root: folder, configFile: false, logLevel: "error" },
      server: { host: "127.0.0.1", port: 0, headers: ISOLATION_AND_FILES, hmr: false, ws: false },
    });
    await server.listen();
    try {
      // On the console Vite complains about the connection to itself, which it is without.
      const url = `${server.resolvedUrls!.local[0]!}?threads=2`;
      const { values } = await visit(url, "trained", "product");
      expect(values).toEqual([onTwoThreads, [19, 22, 43, 50]]);
    } finally {
      await server.close();
    }
  });
});
