// What a page does whose bundler brings workers along.
import { openTrainer } from "./addresses.mjs";
import { threads } from "./page.mjs";
import { trainRemotely } from "./remote.mjs";

globalThis.remote = globalThis.trained.then(() => trainRemotely(openTrainer(), threads));
