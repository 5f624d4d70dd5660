import { expect, it, vi } from "vitest";
import { embeddedUrl } from "../../src/threads/start-thread.ts";

const text = vi.fn<() => string>();
vi.mock("../../build/worker.ts", () => ({
  get embedded() {
    return text();
  },
}));

it("looks for the embedded module again if it could not be had", async () => {
  text.mockImplementationOnce(() => {
    throw new Error("offline");
  });
  text.mockReturnValue("postMessage(1)");
  await expect(embeddedUrl()).rejects.toThrow("offline");
  const url = await embeddedUrl();
  expect(decodeURIComponent(url.href)).toBe("data:text/javascript,postMessage(1)");
  expect(await embeddedUrl()).toBe(url);
  expect(text).toHaveBeenCalledTimes(2);
});
