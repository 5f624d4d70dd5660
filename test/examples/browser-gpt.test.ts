import { readFileSync } from "node:fs";
import { createEngine } from "gradlane";
import { expect, it } from "vitest";
import { RECIPE } from "../../examples/gpt/network.mjs";
import { Trainer } from "../../examples/gpt/trainer.mjs";
import type { Page } from "../packaging/playwright.ts";
import { browser as tools, rows } from "../packaging/tools.ts";
import { useDemo } from "./demo.ts";

const book = readFileSync(new URL("../../examples/gpt/moby-dick.txt", import.meta.url), "utf8");

/** Settings of the shortest training that the page offers. */
const small = { ...RECIPE, layers: 2, heads: 2, width: 64, context: 32, steps: 200 };

rows("the GPT of examples/browser, in Chromium", tools, () => {
  const demo = useDemo();

  /** Opens the page, with the shortest training chosen. */
  async function open(width?: number, height?: number): Promise<Page> {
    const page = await demo.open("isolated", "gpt.html", width, height);
    await page.getByText("Not trained yet.").waitFor();
    // Two would wait for each other on machines that have more to do.
    await page.locator("[name=threads]").selectOption("1");
    await page.locator("[name=network]").selectOption("small");
    await page.locator("[name=steps]").selectOption("200");
    return page;
  }

  async function choose(page: Page, name: string, text: string): Promise<void> {
    const file = { name, mimeType: "text/plain", buffer: Buffer.from(text) };
    await page.locator("#book").setInputFiles(file);
  }

  async function train(page: Page): Promise<void> {
    await page.getByRole("button", { name: /^Train/ }).click();
    await page.getByText("Trained. Let it write.").waitFor();
  }

  async function write(page: Page): Promise<string> {
    await page.getByRole("button", { name: "Write" }).click();
    const written = page.locator("#continued");
    await expect.poll(async () => (await written.textContent())!.length).toBe(200);
    return (await written.textContent())!;
  }

  async function expectFits(page: Page, width: number): Promise<void> {
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
  }

  /** Returns the file that the page gives for download. */
  async function download(page: Page): Promise<Uint8Array> {
    const waiting = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download weights" }).click();
    return readFileSync(await (await waiting).path());
  }

  it("trains to Node's weights through pauses and reloads, and writes", async () => {
    const page = await open();
    await page.getByRole("button", { name: "Train" }).click();
    // 20 steps at least, and so three samples.
    await page.locator("#samples li", { hasText: "After 20 steps" }).waitFor();
    await write(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByText(/^Paused/).waitFor();
    const step = await page.locator("#step").textContent();
    const samples = await page.locator("#samples").textContent();
    await page.goto(demo.address("isolated", "gpt.html"));
    await page.getByText(/^Paused/).waitFor();
    expect(await page.locator("#step").textContent()).toBe(step);
    expect(await page.locator("#samples").textContent()).toBe(samples);
    expect(await page.locator("#facts").textContent()).toMatch(/^Moby-Dick, chapters 1 to 15: /);
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByText("Trained. Let it write.").waitFor();
    expect(await page.locator("#step").textContent()).toBe("200 of 200");
    expect(await page.locator("#samples li").count()).toBe(41);
    expect(Number(await page.locator("#validation").textContent())).toBeLessThan(2.7);

    const engine = await createEngine();
    const here = new Trainer(engine, book, small);
    while (!here.isDone) here.trainStep();
    const there = await Trainer.resume(engine, book, await download(page));
    expect(there.step).toBe(200);
    for (const [i, { name, data }] of there.model.parameters.entries()) {
      expect(data, name).toEqual(here.model.parameters[i]!.data);
    }
    const style = { count: 200, temperature: 0.8, seed: 1 };
    expect(await write(page)).toBe([...here.write("Call me ", style)].join(""));
    engine.dispose();
    await expectFits(page, 1280);
    await page.close();
  });

  it("learns a text of one's own on a phone, unless it is too short, and forgets it", async () => {
    const page = await open(375, 812);
    const { y } = (await page.getByRole("button", { name: "Train" }).boundingBox())!;
    expect(y).toBeLessThan(406);
    await choose(page, "short.txt", "Call me.");
    await page.getByRole("button", { name: "Train" }).click();
    await page.getByText(/^Training failed: expected a text of 330 characters or more/).waitFor();
    await choose(page, "pets.txt", "the cat sat on the mat, the dog sat on the log.\n".repeat(40));
    await train(page);
    expect(await page.locator("#facts").textContent()).toMatch(/^pets\.txt: 1,728 characters/);

    await page.locator("[name=prompt]").fill("The whale");
    await page.getByRole("button", { name: "Write" }).click();
    await page.getByText(/^It cannot continue this: expected some of .*, got "T"/).waitFor();
    await page.locator("[name=prompt]").fill("the cat");
    expect(await write(page)).toContain(" sat on the ");
    await expectFits(page, 375);

    await page.getByRole("button", { name: "Forget" }).click();
    await page.getByText("Not trained yet.").waitFor();
    await page.goto(demo.address("isolated", "gpt.html"));
    await page.getByText("Not trained yet.").waitFor();
    expect(await page.locator("#samples li").count()).toBe(0);
    await page.close();
  });
});
