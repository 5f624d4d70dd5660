import { expect } from "vitest";
import { ISOLATION_AND_FILES, visit } from "./chromium.ts";
import { onOneThread, onTwoThreads } from "./golden.ts";
import { createProject } from "./project.ts";
import { browser, row } from "./tools.ts";

const headers = Object.entries(ISOLATION_AND_FILES).map(([key, value]) => ({ key, value }));

process.env.NEXT_TELEMETRY_DISABLED = "1";

/** Its root is what it may read; the project has Next itself by a link. */
const config = `export default {
  turbopack: { root: "/" },
  headers: () => [{ source: "/:path*", headers: ${JSON.stringify(headers)} }],
};`;

row("Next trains on its server and in its page", ["next", ...browser], async () => {
  const project = createProject();
  for (const name of ["next", "react", "react-dom"]) project.link(name);
  project.write("next.config.mjs", config);
  const next = "node_modules/next/dist/bin/next";
  const { stdout, stderr } = await project.run(process.execPath, next, "build");
  expect(`${stdout}${stderr}`).not.toMatch(/warn/i);
  const args = [next, "start", "--port=0"];
  const { address, stop } = await project.start(/localhost:(\d+)/, process.execPath, ...args);
  try {
    for (const expected of [onOneThread, onTwoThreads]) {
      const { threads } = expected;
      const response = await fetch(`${address}train?threads=${threads}`);
      expect(await response.json()).toEqual(expected);
      const visited = await visit(`${address}?threads=${threads}`, "trained", "remote");
      expect(visited).toEqual({ values: [expected, expected], console: [] });
    }
  } finally {
    stop();
  }
});
