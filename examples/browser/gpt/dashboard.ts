import { Curves } from "../curves.ts";
import { byId, formatCount } from "../page.ts";
import type { Overview, WorkerMessage } from "./protocol.ts";

type Message<Kind> = WorkerMessage & { readonly kind: Kind };

/** Figures and curves of a training. */
export class Dashboard {
  readonly #curves = new Curves(byId("loss-chart"), {
    ends: [50, 100, 200, 500, 1000, 2000, 5000],
    range: (least, most) => [Math.floor(least || 0), 1.02 * most || 1],
    format: (loss) => loss.toFixed(1),
  });
  readonly #progress = byId<HTMLProgressElement>("trained");
  #steps = 0;
  #characters = 0;

  /** Shows where a training stands; empty without one. */
  open(overview: Overview | undefined): void {
    this.#curves.clear();
    this.#progress.value = 0;
    for (const id of ["step", "speed", "loss", "validation"]) byId(id).textContent = "–";
    if (!overview) return;
    const { settings, step, points } = overview;
    this.#steps = settings.steps;
    this.#characters = settings.batch * settings.context;
    for (const point of points) this.#curves.add(point);
    this.#curves.draw();
    this.#showStep(step);
    this.#showLosses(points.findLast(({ batch }) => batch !== undefined)?.batch);
    this.#showValidation(points.findLast(({ test }) => test !== undefined)?.test);
  }

  /** Takes some steps into figures and curves. */
  train({ step, milliseconds, point }: Message<"trained">): void {
    this.#curves.add(point);
    this.#curves.draw();
    this.#showStep(step);
    this.#showLosses(point.batch);
    byId("speed").textContent = formatCount((1000 * this.#characters) / milliseconds);
  }

  report({ points }: Message<"reported">): void {
    for (const point of points) this.#curves.add(point);
    this.#curves.draw();
    this.#showValidation(points.at(-1)!.test);
  }

  #showStep(step: number): void {
    this.#progress.value = step / this.#steps;
    byId("step").textContent = `${formatCount(step)} of ${formatCount(this.#steps)}`;
  }

  #showLosses(loss: number | undefined): void {
    if (loss !== undefined) byId("loss").textContent = loss.toFixed(3);
  }

  #showValidation(loss: number | undefined): void {
    if (loss === undefined) return;
    byId("validation").textContent = loss.toFixed(3);
    byId("loss-chart").ariaLabel = `Loss by step: ${loss.toFixed(3)} for text it never saw`;
  }
}
