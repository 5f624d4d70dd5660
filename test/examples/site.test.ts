import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { type PreviewServer, build, createServer, preview } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pages as markdown } from "../docs/blocks.ts";
import { type Browser, type Page, launchChromium } from "../packaging/playwright.ts";
import { browser as tools, rows } from "../packaging/tools.ts";

const root = fileURLToPath(new URL("../../examples/browser/", import.meta.url));
const outDir = mkdtempSync(join(tmpdir(), "gradlane-site-"));
const shared = { root, configFile: join(root, "vite.config.ts"), logLevel: "error" } as const;
await build({ ...shared, build: { outDir, emptyOutDir: true } });

const files = readdirSync(outDir, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".html"));
const texts = new Map(files.map((file) => [file, readFileSync(join(outDir, file), "utf8")]));
const documents = files.filter((file) => file.startsWith("docs/"));

/** Returns all values of an attribute on a page. */
function attributes(file: string, name: string): string[] {
  const matches = texts.get(file)!.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"));
  return Array.from(matches, ([, value]) => value!);
}

/** Addresses of a page that lie on the site, as [file, anchor]. */
function links(file: string): [target: string, anchor: string | undefined][] {
  const all = ["href", "src"].flatMap((name) => attributes(file, name));
  return all
    .filter((link) => !/^\w+:/.test(link))
    .map((link) => {
      const [path, anchor] = link.split("#") as [string, string?];
      return [path ? posix.join(posix.dirname(file), path) : file, anchor];
    });
}

/** Pages that are reached from a page. */
function reached(start: string): Set<string> {
  const found = new Set([start]);
  for (const file of found) {
    for (const [target] of links(file)) if (texts.has(target)) found.add(target);
  }
  return found;
}

afterAll(() => {
  rmSync(outDir, { recursive: true });
});

describe("the site that `npm run demo` builds", () => {
  it("has a page for the README and for every page of docs/", () => {
    const titles = markdown()
      .filter((file) => /^(docs\/|README)/.test(file))
      .map((file) => /^# (.*)$/m.exec(readFileSync(join(root, "../..", file), "utf8"))![1]!);
    const shown = documents.map((file) => /<h1>(.*)<\/h1>/.exec(texts.get(file)!)?.[1]);
    for (const title of titles) expect(shown).toContain(title);
    expect(titles.length).toBeGreaterThan(20);
  });

  it.each(files)("%s has no link that leads nowhere, nor out of its folder", (file) => {
    const broken = links(file).filter(([target, anchor]) => {
      if (target.startsWith("/") || !existsSync(join(outDir, target))) return true;
      return anchor !== undefined && !attributes(target, "id").includes(anchor);
    });
    expect(broken).toEqual([]);
    expect(links(file).length).toBeGreaterThan(5);
  });

  it.each(files)("%s has a title, one first heading, and each id once", (file) => {
    const text = texts.get(file)!;
    expect(text).toMatch(/<title>[^<]+<\/title>/);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    const ids = attributes(file, "id");
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it.each(documents)("%s leads to the demos, and shows where it stands", (file) => {
    const targets = links(file).map(([target]) => target);
    expect(targets).toEqual(expect.arrayContaining(["index.html", "benchmark.html"]));
    const navigation = /<nav class="pages"[^]*?<\/nav>/.exec(texts.get(file)!)![0];
    const isListed = navigation.includes('aria-current="page"');
    // Others are files that these link to.
    expect(isListed).toBe(!/\.\w+\.html$|NOTICE/.test(file));
  });

  it("gives every page its own title", () => {
    const titles = files.map((file) => /<title>(.*)<\/title>/.exec(texts.get(file)!)![1]!);
    expect(titles.toSorted()).toEqual([...new Set(titles)].toSorted());
  });

  it("is reached as a whole from the first page", () => {
    expect([...reached("index.html")].toSorted()).toEqual(files.toSorted());
  });

  it("has a table of contents for each heading of the second and third level", () => {
    const text = texts.get("docs/kernel-abi.html")!;
    const headings = [...text.matchAll(/<h[23] id="([^"]+)"/g)].map(([, id]) => `#${id}`);
    const contents = /<nav class="contents"[^]*?<\/nav>/.exec(text)![0];
    const listed = [...contents.matchAll(/href="([^"]+)"/g)].map(([, link]) => link);
    expect(listed).toEqual(headings);
    expect(headings.length).toBeGreaterThan(50);
  });

  it("highlights code, and shows the sources that pages link to", () => {
    expect(texts.get("docs/training.html")).toContain('<span class="hljs-keyword">import</span>');
    expect(texts.get("docs/architecture.html")).toContain('href="./src/model/model.ts.html"');
    expect(texts.get("docs/src/model/model.ts.html")).toContain("trainStep");
  });
});

it("is served by `vite dev` too", async () => {
  const options = { ...shared, server: { port: 0, ws: false, hmr: false } } as const;
  const server = await createServer({ ...options, cacheDir: join(outDir, ".vite") });
  try {
    await server.listen();
    const visit = (path: string) => fetch(new URL(path, server.resolvedUrls!.local[0]));
    expect(await (await visit("docs/")).text()).toContain("<h1>Documentation</h1>");
    expect(await (await visit("docs/api/model.html")).text()).toContain("<h1>model</h1>");
    const image = await visit("docs/images/digits.png");
    expect(image.headers.get("content-type")).toBe("image/png");
    expect((await visit("docs/none.html")).status).toBe(404);
  } finally {
    await server.close();
  }
});

rows("the site in Chromium, in a folder of a server without headers", tools, () => {
  let browser: Browser;
  let server: PreviewServer;
  const at = (file: string): string => new URL(file, server.resolvedUrls!.local[0]).href;

  beforeAll(async () => {
    const folder = { base: "/a/folder/", preview: { port: 0 }, build: { outDir } };
    server = await preview({ root, configFile: false, logLevel: "error", ...folder });
    browser = await launchChromium();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  it("has only pages that fit a phone, find all their files and leave the console empty", async () => {
    const page = await browser.newPage({ viewport: { width: 360, height: 640 } });
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("response", (response) => {
      if (response.status() >= 400) complaints.push(response.url());
    });
    for (const file of files) {
      await page.goto(at(file));
      const widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]");
      expect(widths, file).toEqual([360, 360]);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  /** Goes from the list of pages to a heading of another page, and back. */
  async function walk(page: Page): Promise<void> {
    await page.goto(at("docs/index.html"));
    await page.getByText("All pages").click();
    await page.locator(".pages a", { hasText: "Kernel ABI" }).click();
    await page.getByText("On this page").click();
    await page.locator(".contents a", { hasText: "crossEntropySmoothed" }).first().click();
    const heading = page.locator("#crossentropysmoothed");
    expect((await heading.boundingBox())!.y).toBeLessThan(640);
    await page.goBack();
    await page.goBack();
    expect(await page.title()).toBe("Documentation · gradlane");
  }

  it.each([true, false])("is walked through on a phone, JavaScript: %s", async (isEnabled) => {
    const options = { viewport: { width: 360, height: 640 }, javaScriptEnabled: isEnabled };
    const page = await browser.newPage(options);
    await walk(page);
    await page.close();
  });

  it("shows the navigation beside the text where there is room", async () => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.goto(at("docs/api/safetensors.html"));
    const current = (await page.locator(".pages [aria-current]").boundingBox())!;
    expect(current.y + current.height).toBeLessThan(900);
    expect(current.x + current.width).toBeLessThan((await page.locator("h1").boundingBox())!.x);
    await page.close();
  });
});
