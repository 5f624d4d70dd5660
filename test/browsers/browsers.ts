import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** A browser, and how it is started without a screen. */
export interface Browser {
  /** The Debian packages that it comes with. */
  readonly packages: string;
  /** The command, with undefined for a program that is not installed. */
  readonly command: readonly (string | undefined)[];
  /** Returns the arguments that open a page, with a fresh folder for the profile. */
  readonly arguments: (url: string, profile: string) => readonly string[];
  readonly environment?: (profile: string) => Readonly<Record<string, string>>;
  /** Further settings without which isolated pages have no SharedArrayBuffer. */
  readonly sharing?: Readonly<Record<string, string>>;
  /** Contents of a new profile, by file. */
  readonly files?: Readonly<Record<string, string>>;
}

/** The first program of these names in the folders of PATH. */
function onPath(...names: readonly string[]): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** WebKitGTK's MiniBrowser, which Debian keeps beside the library. */
function miniBrowser(): string | undefined {
  if (process.platform !== "linux") return undefined;
  const platforms = readdirSync("/usr/lib").filter((name) => name.endsWith("-linux-gnu"));
  return platforms.map((name) => `/usr/lib/${name}/webkit2gtk-4.1/MiniBrowser`).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Firefox neither greets nor calls home, and does not ask about a page that computes for long. */
const preferences = {
  "app.update.enabled": false,
  "browser.aboutwelcome.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.max_script_run_time": 0,
  "extensions.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "toolkit.telemetry.enabled": false,
};

const userJs = Object.entries(preferences)
  .map(([name, value]) => `user_pref("${name}", ${value});\n`)
  .join("");

/** Sandboxes are off: they do not start in a container or as root, and the pages are our own. */
export const browsers = {
  chromium: {
    packages: "chromium",
    command: [onPath("chromium", "chromium-browser", "google-chrome")],
    arguments: (url, profile) => [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
      ...["--no-first-run", "--disable-background-networking", "--disable-component-update"],
      ...["--disable-sync", `--user-data-dir=${profile}`, url],
    ],
  },
  firefox: {
    packages: "firefox-esr",
    command: [onPath("firefox-esr", "firefox")],
    arguments: (url, profile) => ["--headless", "--no-remote", "--profile", profile, url],
    environment: () => ({ MOZ_DISABLE_CONTENT_SANDBOX: "1" }),
    files: { "user.js": userJs },
  },
  webkit: {
    packages: "webkit2gtk-driver xvfb",
    command: [onPath("xvfb-run"), "--auto-servernum", miniBrowser()],
    arguments: (url) => ["--private", url],
    environment: (profile) => ({
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1",
      XDG_CACHE_HOME: profile,
      XDG_DATA_HOME: profile,
    }),
    // WebKitGTK 2.50 has it only so, whatever the page's headers are (WebKit's bug 317847); Safari
    // does as the headers say.
    sharing: { JSC_useSharedArrayBuffer: "1" },
  },
} as const satisfies Record<string, Browser>;

export type BrowserName = keyof typeof browsers;

const names = Object.keys(browsers) as BrowserName[];

/** Those that cannot be started here. */
const missing = names.filter((name) => browsers[name].command.includes(undefined));

/** Those that can. */
export const installed = names.filter((name) => !missing.includes(name));

const packages = missing.map((name) => browsers[name].packages).join(" ");

/**
 * Names the browsers that are not run here, and how to install them; undefined if none is missing.
 */
export const skipped =
  missing.length === 0
    ? undefined
    : `nothing has been tested in ${missing.join(", ")}, NOT INSTALLED here` +
      ` (on Debian: apt-get install ${packages})`;
