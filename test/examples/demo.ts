import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createEngine } from "gradlane";
import { type PreviewServer, build, preview } from "vite";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { trainingData } from "../../examples/browser/digits/data.ts";
import {
  BATCH_SIZE,
  EPOCHS,
  type NetworkSettings,
  compileOptions,
  digitNetwork,
} from "../../examples/browser/digits/network.ts";
import { type Browser, type Page, launchChromium } from "../packaging/playwright.ts";

const root = fileURLToPath(new URL("../../examples/browser/", import.meta.url));
const configFile = join(root, "vite.config.ts");

/** Servers of the pages: one as of `npm run demo`, and one without headers. */
type Server = "isolated" | "plain";

/** Pages of the demo in a browser. */
export interface Demo {
  address(server: Server, path: string): string;
  /** Opens an empty page, whose errors fail the test. */
  newPage(width?: number, height?: number): Promise<Page>;
  /** Opens a page of the demo, whose warnings fail the test too. */
  open(server: Server, path: string, width?: number, height?: number): Promise<Page>;
}

/** Builds and serves the pages, and starts a browser, for all tests of the group that calls it. */
export function useDemo(): Demo {
  const outDir = mkdtempSync(join(tmpdir(), "gradlane-browser-"));
  let browser: Browser;
  let servers: Record<Server, PreviewServer>;
  const complaints: string[] = [];

  beforeAll(async () => {
    const shared = { root, logLevel: "error", build: { outDir, emptyOutDir: true } } as const;
    await build({ ...shared, configFile });
    servers = {
      isolated: await preview({ ...shared, configFile, preview: { port: 0 } }),
      plain: await preview({ ...shared, configFile: false, preview: { port: 0 } }),
    };
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all(Object.values(servers).map((server) => server.close()));
    rmSync(outDir, { recursive: true });
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  const demo: Demo = {
    address: (server, path) => new URL(path, servers[server].resolvedUrls!.local[0]).href,
    async newPage(width = 1280, height = 900) {
      const page = await browser.newPage({ viewport: { width, height } });
      page.on("pageerror", (error) => complaints.push(error.message));
      return page;
    },
    async open(server, path, width, height) {
      const page = await demo.newPage(width, height);
      page.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(message.text());
      });
      await page.goto(demo.address(server, path));
      await page.locator("h1").waitFor();
      return page;
    },
  };
  return demo;
}

/** Returns the SHA-256 of the weights that the page's settings give, trained here. */
export async function trainedHere(settings: NetworkSettings): Promise<string> {
  const { data } = await trainingData();
  const engine = await createEngine();
  const model = engine.compile(digitNetwork(settings), compileOptions(settings));
  await model.fit(data, { epochs: EPOCHS[settings.kind], batchSize: BATCH_SIZE });
  const hash = createHash("sha256");
  for (const parameter of model.parameters) hash.update(parameter.data);
  engine.dispose();
  return hash.digest("hex");
}

/** Trains as the form says; returns the accuracy on the test digits. */
export async function train(page: Page): Promise<number> {
  await page.getByRole("button", { name: /^Train/ }).click();
  await page.getByRole("button", { name: "Train again" }).waitFor();
  await page.getByText(/^Trained in/).waitFor();
  return parseFloat((await page.locator("#accuracy").textContent())!);
}

/** Draws on the pad, at the top of the page, with the mouse, whose moves are told one by one. */
export async function draw(
  page: Page,
  strokes: readonly (readonly (readonly number[])[])[],
): Promise<void> {
  await page.evaluate("scrollTo(0, 0)");
  const { x, y, width, height } = (await page.locator("#pad").boundingBox())!;
  for (const stroke of strokes) {
    for (const [i, [u, v]] of stroke.entries()) {
      await page.mouse.move(x + (u! * width) / 100, y + (v! * height) / 100);
      if (i === 0) await page.mouse.down();
    }
    await page.mouse.up();
  }
}

/** Number of colours that a canvas shows, and a text that stands for its picture. */
interface Look {
  readonly colors: number;
  readonly picture: string;
}

/** Looks at a canvas, through a copy that may be read often. */
export async function look(page: Page, canvas: string): Promise<Look> {
  return (await page.evaluate(`(() => {
    const canvas = document.querySelector("${canvas}");
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data } = context.getImageData(0, 0, copy.width, copy.height);
    const colors = new Set(new Uint32Array(data.buffer)).size;
    return { colors, picture: canvas.toDataURL() };
  })()`)) as Look;
}

/** Fails unless each canvas soon has as many pixels as it covers on the page: it is drawn in a later frame. */
export async function expectWholePixels(page: Page, canvases: string): Promise<void> {
  const others = `Array.from(document.querySelectorAll("${canvases}"), (canvas) => {
    return [canvas.width, canvas.clientWidth, canvas.height, canvas.clientHeight];
  }).filter(([columns, width, rows, height]) => columns !== width || rows !== height)`;
  await expect.poll(() => page.evaluate(others), { timeout: 5000 }).toEqual([]);
}
