import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import * as library from "../../src/index.ts";
import { html, serve, visit } from "./chromium.ts";
import { createProject } from "./project.ts";
import { browser, row } from "./tools.ts";
import { use } from "./program/service.mjs";

const esbuild = fileURLToPath(new URL("../../node_modules/.bin/esbuild", import.meta.url));

/** Report of the same program in Node, where two threads are available. */
const expected = {
  ...(await use(library, loadDigits)),
  threads: 1,
  notes: ["revectorize: off, it needs Node", "threads: 1, there are no workers here"],
  relaxed: expect.stringMatching(/^relaxed|strict$/) as string,
};

/** A page that registers service.js, and asks it. */
function page(type: "classic" | "module"): string {
  return html(`<script type="module">
    const { serviceWorker } = navigator;
    const { installing } = await serviceWorker.register("./service.js", { type: "${type}" });
    await new Promise((resolve) => {
      installing.onstatechange = () => installing.state === "activated" && resolve();
    });
    globalThis.answer = new Promise((resolve) => {
      serviceWorker.onmessage = ({ data }) => resolve(data);
    });
    serviceWorker.startMessages();
    installing.postMessage("use");
  </script>`);
}

/** The script of a service worker that takes the package from there. */
function script(library: string, digits: string): string {
  return `
    import * as library from "${library}";
    import { loadDigits } from "${digits}";
    import { serve } from "./service.mjs";
    serve(library, loadDigits);`;
}

/** Returns the answer of a service worker. */
async function answerOf(folder: string): Promise<unknown> {
  let answer: unknown;
  await serve(folder, {}, async (address) => {
    answer = (await visit(address, "answer")).values[0];
  });
  return answer;
}

const dist = "./node_modules/gradlane/dist";

describe("in a service worker", () => {
  it("is compared with two models that have learned the same", () => {
    const [one, other] = expected.weights;
    expect(other).toEqual(one);
    expect(expected.accuracy).toBeGreaterThan(0.8);
    expect(expected.refused).toMatch(/^TypeError: module: expected a build of gradlane/);
  });

  row("gradlane/static has every part", browser, async () => {
    const { folder, write } = createProject();
    write("service.js", script(`${dist}/static.js`, `${dist}/digits.js`));
    write("index.html", page("module"));
    expect(await answerOf(folder)).toEqual(expected);
  });

  row("gradlane says what to import in its place", browser, async () => {
    const { folder, write } = createProject();
    write("service.js", script(`${dist}/index.js`, `${dist}/digits.js`));
    write("index.html", page("module"));
    expect(await answerOf(folder)).toMatch(
      /^TypeError: expected to load a part of gradlane, .*import.*; gradlane\/static has every part/,
    );
  });

  for (const entry of ["gradlane", "gradlane/static"]) {
    row(`${entry} has every part where it is bundled into one script`, browser, async () => {
      const { folder, write, run } = createProject();
      write("service.mjs.js", script(entry, "gradlane/digits"));
      write("index.html", page("classic"));
      await run(esbuild, "service.mjs.js", "--bundle", "--outfile=service.js");
      expect(await answerOf(folder)).toEqual(expected);
    });
  }
});
