import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { EPOCHS } from "../../examples/browser/digits/network.ts";
import type { Page } from "../packaging/playwright.ts";
import { browser as tools, rows } from "../packaging/tools.ts";
import { draw, expectWholePixels, train, trainedHere, useDemo } from "./demo.ts";
import { drawings } from "./drawings.ts";

rows("examples/browser, in Chromium", tools, () => {
  const demo = useDemo();

  /** The digit whose bar is the longest. */
  async function guess(page: Page): Promise<number> {
    return Number(await page.locator("#scores .best > :first-child").textContent());
  }

  it("trains to the weights that Node comes to, on one thread and on two", async () => {
    const page = await demo.open("isolated", "index.html");
    expect(await train(page)).toBeGreaterThan(94);
    await page.getByLabel("Threads").selectOption("2");
    await train(page);
    const hashes = page.locator("#runs code");
    const expected = await trainedHere({ kind: "dense", units: 128, learningRate: 0.001 });
    expect(await hashes.first().getAttribute("title")).toBe(expected);
    expect(await hashes.last().getAttribute("title")).toBe(expected);
    expect(await page.locator("#runs tr").first().textContent()).toMatch(/same bits\s*2/);
    await page.close();
  });

  it("pauses, resumes and restarts", async () => {
    const page = await demo.open("isolated", "index.html");
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
    expect(await page.locator("#epoch").textContent()).toBe(`${EPOCHS.dense} of ${EPOCHS.dense}`);
    expect(await page.locator("#runs tr").count()).toBe(1);
    await page.close();
  });

  it("reads what is drawn, by mouse and by keyboard", async () => {
    const page = await demo.open("isolated", "index.html");
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
    const page = await demo.open("isolated", "benchmark.html");
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
    const page = await demo.open("isolated", "index.html", width, height);
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
    const page = await demo.open("isolated", "benchmark.html", width, height);
    const { y } = (await page.getByRole("button", { name: "Run" }).boundingBox())!;
    expect(y).toBeLessThan(height - 44);
    const whole = await page.evaluate("document.documentElement.scrollHeight");
    expect(whole).toBeLessThan(1.25 * height);
    expect(await page.locator("#charts *").count()).toBe(0);
    await page.close();
  });

  it("fits a phone with all that a run shows", async () => {
    const page = await demo.open("isolated", "index.html", 360, 640);
    await train(page);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
    expect(await page.evaluate("document.querySelector('#trained').value")).toBe(1);
    await page.close();
  });

  it.each([360, 1280])("shows pictures whose pixels are whole, %d pixels wide", async (width) => {
    const page = await demo.open("isolated", "index.html", width);
    await train(page);
    await expectWholePixels(page, "#pad, #seen, #filters");
    await page.close();
  });

  it("opens where the browser's language is none that Intl knows", async () => {
    const page = await demo.newPage();
    await page.addInitScript({
      content: `Object.defineProperty(Navigator.prototype, "language", { get: () => "C" });`,
    });
    await page.goto(demo.address("isolated", "index.html"));
    await page.getByText(/^Draw something/).waitFor();
    await page.close();
  });

  it("trains on one thread where memory cannot be shared, and says why", async () => {
    const page = await demo.open("plain", "index.html");
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
