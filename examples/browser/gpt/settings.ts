import { RECIPE, type Settings } from "../../gpt/network.mjs";
import { type Book, type Threads } from "./protocol.ts";

/** Networks that the page offers: how long they take grows with the number of their weights. */
const NETWORKS: Readonly<Record<string, Partial<Settings>>> = {
  small: { layers: 2, heads: 2, width: 64, context: 32 },
  medium: {},
  large: { layers: 6, heads: 6, width: 192, context: 128 },
};

/** The text that the page brings along. */
const CHAPTERS = new URL("../../gpt/moby-dick.txt", import.meta.url);

/** Contents of the form. */
export interface Choice {
  readonly settings: Settings;
  readonly threads: Threads;
}

export function chosen(form: HTMLFormElement): Choice {
  const data = new FormData(form);
  const threads = String(data.get("threads"));
  const sizes = NETWORKS[String(data.get("network"))];
  return {
    settings: { ...RECIPE, ...sizes, steps: Number(data.get("steps")) },
    threads: threads === "auto" ? threads : Number(threads),
  };
}

/** Returns the file that was chosen, or the text that the page brings along. */
export async function chosenBook(input: HTMLInputElement): Promise<Book> {
  const [file] = input.files!;
  if (file) return { title: file.name, text: await file.text() };
  const response = await fetch(CHAPTERS);
  if (!response.ok) throw new Error(`expected ${CHAPTERS.pathname}, got ${response.status}`);
  return { title: "Moby-Dick, chapters 1 to 15", text: await response.text() };
}
