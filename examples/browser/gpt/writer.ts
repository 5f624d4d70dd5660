import { byId } from "../page.ts";
import type { WorkerMessage } from "./protocol.ts";
import type { Style } from "../../gpt/trainer.mjs";

type Answer = WorkerMessage & { readonly kind: "written" | "refused" };

/** Form that asks for a text, and the text that the network writes. */
export class Writer {
  readonly #form = byId<HTMLFormElement>("writing");
  readonly #button = byId<HTMLButtonElement>("write");
  readonly #prompt = byId("prompted");
  readonly #continued = byId("continued");
  readonly #status = byId("writing-status");
  /** Seed of the next text, so that no two are the same. */
  #seed = 1;

  /** @param ask called with what the form has when it is sent */
  constructor(ask: (prompt: string, style: Style) => void) {
    const temperature = this.#form.elements.namedItem("temperature") as HTMLInputElement;
    const show = (): void => {
      byId("temperature-text").textContent = Number(temperature.value).toFixed(1);
    };
    temperature.addEventListener("input", show);
    show();
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const data = new FormData(this.#form);
      const number = (name: string): number => Number(data.get(name));
      const prompt = String(data.get("prompt"));
      this.#show(prompt, "", "Writing…");
      this.#button.disabled = true;
      ask(prompt, {
        count: number("count"),
        temperature: number("temperature"),
        seed: this.#seed++,
      });
    });
  }

  /** Lets the form be sent, or not. @param isReady true once there is a network */
  open(isReady: boolean): void {
    this.#button.disabled = !isReady;
    if (!isReady) this.#show("", "", "");
  }

  take(answer: Answer): void {
    if (answer.kind === "refused") {
      this.#status.textContent = `It cannot continue this: ${answer.message}.`;
      this.#button.disabled = false;
      return;
    }
    this.#continued.textContent = answer.text;
    if (!answer.isDone) return;
    this.#status.textContent = "";
    this.#button.disabled = false;
  }

  #show(prompt: string, continued: string, status: string): void {
    this.#prompt.textContent = prompt;
    this.#continued.textContent = continued;
    this.#status.textContent = status;
  }
}
