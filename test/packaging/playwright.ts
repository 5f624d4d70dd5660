import { pathToFileURL } from "node:url";
import { chromiumPath, modulePath } from "./tools.ts";

/**
 * Part of playwright-core that is used; its own types are not installed with the package's tools
 * (https://playwright.dev/docs/api/class-playwright).
 */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: readonly string[] }): Promise<Browser>;
  };
}

interface PageOptions {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly javaScriptEnabled?: boolean;
}

export interface Browser {
  newPage(options?: PageOptions): Promise<Page>;
  close(): Promise<void>;
}

type Text = string | RegExp;

export interface Page {
  readonly keyboard: Record<"press" | "down" | "up", (key: string) => Promise<void>>;
  readonly mouse: Record<"down" | "up", () => Promise<void>> & {
    move(x: number, y: number): Promise<void>;
  };
  on(event: "console", listener: (message: ConsoleMessage) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  on(event: "response", listener: (response: Response) => void): void;
  addInitScript(script: { content: string }): Promise<void>;
  goto(url: string): Promise<unknown>;
  goBack(): Promise<unknown>;
  title(): Promise<string>;
  evaluate(expression: string): Promise<unknown>;
  locator(selector: string, options?: { hasText: Text }): Locator;
  getByRole(role: string, options: { name: Text }): Locator;
  getByLabel(text: Text): Locator;
  getByText(text: Text): Locator;
  waitForEvent(event: "download"): Promise<{ path(): Promise<string> }>;
  waitForTimeout(milliseconds: number): Promise<void>;
  close(): Promise<void>;
}

interface ConsoleMessage {
  type(): string;
  text(): string;
}

interface Response {
  status(): number;
  url(): string;
}

interface Locator {
  first(): Locator;
  last(): Locator;
  waitFor(options?: { timeout: number }): Promise<void>;
  click(): Promise<void>;
  focus(): Promise<void>;
  selectOption(value: string): Promise<unknown>;
  fill(text: string): Promise<void>;
  setInputFiles(file: { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
  count(): Promise<number>;
  textContent(): Promise<string | null>;
  allTextContents(): Promise<string[]>;
  getAttribute(name: string): Promise<string | null>;
  boundingBox(): Promise<{ x: number; y: number; width: number; height: number } | null>;
}

/** Starts Chromium without a screen. */
export async function launchChromium(): Promise<Browser> {
  const { href } = pathToFileURL(modulePath("playwright-core/index.mjs"));
  const { chromium } = (await import(href)) as Playwright;
  // The sandbox does not start in a container or as root, and the pages are our own.
  return chromium.launch({ executablePath: chromiumPath!, args: ["--no-sandbox"] });
}
