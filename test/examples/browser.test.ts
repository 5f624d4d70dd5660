import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type PreviewServer, build, preview } from "vite";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { trainingData } from "../../examples/browser/digits/data.ts";
import {
  BATCH_SIZE,
  EPOCHS,
  compileOptions,
  digitNetwork,
} from "../../examples/browser/digits/network.ts";
import { createEngine } from "gradlane";
import { type Browser, type Page, launchChromium } from "../packaging/playwright.ts";
import { browser as tools, rows } from "../packaging/tools.ts";
import { drawings } from "./drawings.ts";

const root = fileURLToPath(new URL("../../examples/browser/", import.meta.url));
const configFile = join(root, "vite.config.ts");

/** Returns the SHA-256 of the weights that the page's settings give, trained here. */
async function trainedHere(): Promise<string> {
  const settings = { units: 128, learningRate: 0.001 };
  const { data } = await trainingData();
  const engine = await createEngine();
  const model = engine.compile(digitNetwork(settings), compileOptions(settings));
  await model.fit(data, { epochs: EPOCHS, batchSize: BATCH_SIZE });
  const hash = createHash("sha256");
  for (const parameter of model.parameters) hash.update(parameter.data);
  engine.dispose();
  return hash.digest("hex");
}

rows("examples/browser, in Chromium", tools, () => {
  const outDir = mkdtempSync(join(tmpdir(), "gradlane-browser-"));
  let browser: Browser;
  /** Servers of the pages: one as of `npm run demo`, and one without headers. */
  let isolated: PreviewServer;
  let plain: PreviewServer;
  const complaints: string[] = [];

  beforeAll(async () => {
    const shared = { root, logLevel: "error", build: { outDir, emptyOutDir: true } } as const;
    await build({ ...shared, configFile });
    isolated = await preview({ ...shared, configFile, preview: { port: 0 } });
    plain = await preview({ ...shared, configFile: false, preview: { port: 0 } });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await Promise.all([isolated.close(), plain.close()]);
    rmSync(outDir, { recursive: true });
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  async function open(
    server: PreviewServer,
    path: string,
    width = 1280,
    height = 900,
  ): Promise<Page> {
    const page = await browser.newPage({ viewport: { width, height } });
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    await page.goto(new URL(path, server.resolvedUrls!.local[0]).href);
    await page.locator("h1").waitFor();
    return page;
  }

  /** Trains as the form says; returns the accuracy on the test digits. */
  async function train(page: Page): Promise<number> {
    await page.getByRole("button", { name: /^Train/ }).click();
    await page.getByRole("button", { name: "Train again" }).waitFor();
    await page.getByText(/^Trained in/).waitFor();
    return parseFloat((await page.locator("#accuracy").textContent())!);
  }

  /** Draws on the pad with the mouse, whose moves are told one by one. */
  async function draw(page: Page, strokes: readonly (readonly (readonly number[])[])[]) {
    const { x, y, width, height } = (await page.locator("#pad").boundingBox())!;
    for (const stroke of strokes) {
      for (const [i, [u, v]] of stroke.entries()) {
        await page.mouse.move(x + (u! * width) / 100, y + (v! * height) / 100);
        if (i === 0) await page.mouse.down();
      }
      await page.mouse.up();
    }
  }

  /** The digit whose bar is the longest. */
  async function guess(page: Page): Promise<number> {
    return Number(await page.locator("#scores .best > :first-child").textContent());
  }

  it("trains to the weights that Node comes to, on one thread and on two", async () => {
    const page = await open(isolated, "index.html");
    expect(await train(page)).toBeGreaterThan(94);
    await page.getByLabel("Threads").selectOption("2");
    await train(page);
    const hashes = page.locator("#runs code");
    const expected = await trainedHere();
    expect(await hashes.first().getAttribute("title")).toBe(expected);
    expect(await hashes.last().getAttribute("title")).toBe(expected);
    expect(await page.locator("#runs tr").first().textContent()).toMatch(/same bits\s*2/);
    await page.close();
  });

  it("pauses, resumes and restarts", async () => {
    const page = await open(isolated, "index.html");
    await page.getByLabel("Speed").selectOption("slow");
    await page.getByRole("button", { name: "Train" }).click();
    await page.locator("#epoch", { hasText: "1 of" }).waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText(/^Paused/).waitFor();
    // A step that was under way, and the frame that shows it.
    await page.waitForTimeout(300);
    const loss = await page.locator("#loss").textContent();
    await page.waitForTimeout(500);
    expect(await page.locator("#loss").textContent()).toBe(loss);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Restart" }).click();
    await page.getByLabel("Speed").selectOption("full");
    await page.getByRole("button", { name: "Train again" }).waitFor();
    expect(await page.locator("#epoch").textContent()).toBe(`${EPOCHS} of ${EPOCHS}`);
    expect(await page.locator("#runs tr").count()).toBe(1);
    await page.close();
  });

  it("reads what is drawn, by mouse and by keyboard", async () => {
    const page = await open(isolated, "index.html");
    await train(page);
    const wrong: string[] = [];
    for (const { digit, strokes } of drawings) {
      await page.getByRole("button", { name: "Clear" }).click();
      await draw(page, strokes);
      const guessed = await guess(page);
      if (guessed !== digit) wrong.push(`${digit} as ${guessed}`);
    }
    // A 1 with a base as 2, an open 4 and a narrow 8 as 9.
    expect(wrong.length, wrong.join(", ")).toBeLessThanOrEqual(3);
    await page.locator("#pad").focus();
    await page.keyboard.press("Delete");
    await page.getByText(/^Draw something/).waitFor();
    // A 7: to the upper left, along the top, and down.
    await press(page, [...times(6, "ArrowUp"), ...times(4, "ArrowLeft"), "Space"]);
    await press(page, times(9, "ArrowRight"));
    await page.keyboard.down("ArrowDown");
    for (let i = 0; i < 5; i++) await press(page, ["ArrowLeft", "ArrowDown", "ArrowDown"]);
    await page.keyboard.up("ArrowDown");
    await press(page, ["Space"]);
    await page.getByText(/ a 7: /).waitFor();
    await page.close();
  });

  it("measures, and gives the figures as JSON", async () => {
    const page = await open(isolated, "benchmark.html");
    await page.getByRole("button", { name: "Run" }).click();
    await page.locator("#charts canvas").first().waitFor();
    expect(await page.locator("#charts canvas").count()).toBeLessThan(5);
    await page.getByText("Done.").waitFor({ timeout: 110_000 });
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download JSON" }).click();
    const report = JSON.parse(readFileSync(await (await waiting).path(), "utf8")) as {
      environment: { browser: string; tile: string };
      groups: { works: string[] }[];
      results: { peer: string; work: string; milliseconds: number }[];
    };
    expect(report.environment).toMatchObject({ build: "strict", crossOriginIsolated: true });
    const own = report.results.filter(({ peer }) => peer === "gradlane");
    expect(own.map(({ work }) => work)).toEqual(report.groups.flatMap(({ works }) => works));
    for (const { milliseconds } of own) expect(milliseconds).toBeGreaterThan(0);
    expect(await page.locator("#figures tr").count()).toBe(own.length);
    // The step of exclusive or has neither a share nor a speed.
    expect(await page.locator("#figures td", { hasText: "–" }).count()).toBe(2);
    expect(await page.locator("#charts canvas").count()).toBe(5);
    await page.close();
  });

  const phones = [
    [360, 640],
    [390, 844],
  ] as const;

  it.each(phones)("the first screen of %d x %d has the pad and Train", async (width, height) => {
    const page = await open(isolated, "index.html", width, height);
    await page.getByText(/^Draw something/).waitFor();
    for (const selector of ["#pad", "#clear", "#train", "#trained"]) {
      const box = (await page.locator(selector).boundingBox())!;
      expect(box.y + box.height, selector).toBeLessThanOrEqual(height);
    }
    // As much as a finger needs.
    expect((await page.locator("#pad").boundingBox())!.width).toBeGreaterThan(200);
    await page.close();
  });

  it.each(phones)("the benchmark is short before Run, on %d x %d", async (width, height) => {
    const page = await open(isolated, "benchmark.html", width, height);
    const { y } = (await page.getByRole("button", { name: "Run" }).boundingBox())!;
    expect(y).toBeLessThan(height - 44);
    const whole = await page.evaluate("document.documentElement.scrollHeight");
    expect(whole).toBeLessThan(1.25 * height);
    expect(await page.locator("#charts *").count()).toBe(0);
    await page.close();
  });

  it("fits a phone with all that a run shows", async () => {
    const page = await open(isolated, "index.html", 360, 640);
    await train(page);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await page.evaluate("document.querySelector('#trained').value")).toBe(1);
    await page.close();
  });

  it.each([360, 1280])("shows pictures whose pixels are whole, %d pixels wide", async (width) => {
    const page = await open(isolated, "index.html", width);
    await train(page);
    const sizes = `Array.from(document.querySelectorAll("#pad, #seen, #filters"), (canvas) => {
      return [canvas.width, canvas.clientWidth, canvas.height, canvas.clientHeight];
    })`;
    for (const [columns, clientWidth, rows, clientHeight] of (await page.evaluate(
      sizes,
    )) as number[][]) {
      expect([columns, rows]).toEqual([clientWidth, clientHeight]);
    }
    await page.close();
  });

  it("opens where the browser's language is none that Intl knows", async () => {
    const page = await browser.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.addInitScript({
      content: `Object.defineProperty(Navigator.prototype, "language", { get: () => "C" });`,
    });
    await page.goto(isolated.resolvedUrls!.local[0]!);
    await page.getByText(/^Draw something/).waitFor();
    await page.close();
  });

  it("trains on one thread where memory cannot be shared, and says why", async () => {
    const page = await open(plain, "index.html");
    await page.getByText(/^One thread only: .* not cross-origin isolated/).waitFor();
    expect(await page.locator("[name=threads] option:disabled").allTextContents()).toEqual([
      ...["2", "auto"],
    ]);
    expect(await train(page)).toBeGreaterThan(94);
    await page.close();
  });
});

function times(count: number, key: string): string[] {
  return new Array<string>(count).fill(key);
}

async function press(page: Page, keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}
