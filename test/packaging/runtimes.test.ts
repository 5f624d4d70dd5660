import { describe, expect, it } from "vitest";
import { type Trained, onOneLane, onTwoLanes } from "./golden.ts";
import { createProject } from "./project.ts";

/** The versions of Node that are listed in the environment, and the one at hand. */
const listed = (process.env.GRADLANE_NODES ?? "").split(":").filter((path) => path !== "");

describe.each([process.execPath, ...listed])("in Node: %s", (node) => {
  const project = createProject();

  it.each([onOneLane, onTwoLanes])("trains on $threads", async (expected) => {
    const options = JSON.stringify({ threads: expected.threads });
    const { stdout, stderr } = await project.run(node, "main.mjs", options);
    expect(JSON.parse(stdout) as Trained).toEqual(expected);
    expect(stderr).toBe("");
  });
});
