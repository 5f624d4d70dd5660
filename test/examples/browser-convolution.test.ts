import { expect, it } from "vitest";
import { EPOCHS } from "../../examples/browser/digits/network.ts";
import type { Page } from "../packaging/playwright.ts";
import { browser as tools, rows } from "../packaging/tools.ts";
import { draw, expectWholePixels, look, train, trainedHere, useDemo } from "./demo.ts";
import { drawings } from "./drawings.ts";

/** Chooses the convolutional network, which the page then shows. */
async function choose(page: Page, filters: string): Promise<void> {
  await page.locator("[name=kind]").selectOption("convolutional");
  await page.locator("[name=filters]").selectOption(filters);
  await page.locator("#maps").waitFor();
}

rows("the convolutional network of examples/browser, in Chromium", tools, () => {
  const demo = useDemo();

  it("trains a convolutional network, and shows its filters and feature maps", async () => {
    const page = await demo.open("isolated", "index.html");
    expect(await page.locator("#maps").boundingBox()).toBeNull();
    await choose(page, "8");
    const canvases = ["#filters", "#maps"];
    const untrained = await Promise.all(canvases.map((canvas) => look(page, canvas)));
    await page.getByRole("button", { name: "Train" }).click();
    await page.locator("#accuracy", { hasText: "%" }).waitFor();
    const early = parseFloat((await page.locator("#accuracy").textContent())!);
    await page.getByText(/^Trained in/).waitFor();
    const late = parseFloat((await page.locator("#accuracy").textContent())!);
    expect(late).toBeGreaterThan(94);
    expect(late).toBeGreaterThan(early);
    for (const [i, canvas] of canvases.entries()) {
      const { colors, picture } = await look(page, canvas);
      // Each filter has nine pixels, and more than half of the maps' have ink.
      expect(colors, canvas).toBeGreaterThan(30);
      expect(picture, canvas).not.toBe(untrained[i]!.picture);
    }
    const expected = await trainedHere({ kind: "convolutional", units: 8, learningRate: 0.001 });
    expect(await page.locator("#runs code").getAttribute("title")).toBe(expected);
    await page.close();
  });

  it("shows the feature maps of a digit by choice: a test digit, or the drawing", async () => {
    const page = await demo.open("isolated", "index.html");
    await choose(page, "16");
    const pictures = new Set<string>();
    const expectMapsOf = async (name: string): Promise<void> => {
      await page.locator(`#maps[aria-label^="Feature maps of ${name}"]`).waitFor();
      pictures.add((await look(page, "#maps")).picture);
    };
    // The test digits come after the page.
    await expect.poll(async () => (await look(page, "#maps")).colors).toBeGreaterThan(30);
    await expectMapsOf("test digit 3");
    await page.getByLabel("test digit 7").click();
    await expectMapsOf("test digit 7");
    await page.keyboard.press("ArrowLeft");
    await expectMapsOf("test digit 6");
    await draw(page, drawings[0]!.strokes);
    await expectMapsOf("your drawing");
    expect(pictures.size).toBe(4);
    await page.getByRole("button", { name: "Clear" }).click();
    await expectMapsOf("test digit 6");
    expect(pictures.size).toBe(4);
    await page.close();
  });

  it("keeps what has learnt until the next training, whichever network is chosen", async () => {
    const page = await demo.open("isolated", "index.html");
    await train(page);
    const { picture } = await look(page, "#filters");
    await page.locator("[name=kind]").selectOption("convolutional");
    await page.getByText(/^Press Restart to train the convolutional network/).waitFor();
    expect((await look(page, "#filters")).picture).toBe(picture);
    await page.getByRole("button", { name: "Restart" }).click();
    await page.locator("#maps").waitFor();
    await page.locator("#epoch", { hasText: `of ${EPOCHS.convolutional}` }).waitFor();
    await page.close();
  });

  it.each([360, 1280])("fits a page %d pixels wide, in whole pixels", async (width) => {
    const page = await demo.open("isolated", "index.html", width);
    for (const filters of ["8", "16", "32"]) {
      await choose(page, filters);
      await expectWholePixels(page, "#filters, #maps, #subjects canvas");
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
    }
    await page.close();
  });
});
