import manifest from "../../../package.json" with { type: "json" };
import { Ceiling } from "../../../src/cli/bench/ceiling.ts";
import { measure, measureInTurns } from "../../../src/cli/bench/measure.ts";
import { fullBudget, quickBudget } from "../../../src/cli/bench/timing.ts";
import { Workbench } from "../../../src/cli/bench/workbench.ts";
import type { BenchmarkMessage, RunMessage } from "./protocol.ts";
import { commonWorks, tileWorks } from "./works.ts";

/** Measures on a thread of its own, so that the page stays smooth and its frames out of the figures. */

const BUDGETS = { quick: quickBudget, full: fullBudget };

function tell(message: BenchmarkMessage): void {
  postMessage(message);
}

async function run({ budget: name, math }: RunMessage): Promise<void> {
  const bench = await Workbench.create({ math });
  try {
    const { info } = bench.engine;
    const budget = BUDGETS[name];
    const ceiling = await Ceiling.create(info.math);
    const { loop: peak, gflops } = await ceiling.peak(budget);
    tell({
      kind: "begun",
      environment: {
        ...{ gradlane: manifest.version, browser: navigator.userAgent },
        ...{ cores: navigator.hardwareConcurrency, crossOriginIsolated },
        ...info,
        date: new Date().toISOString(),
      },
      peak: ceiling.loops.map(({ name: loop }, i) => ({ loop, gflops: gflops[i]! })),
    });
    const instruments = { bench, ceiling, peak, budget };
    for (const work of commonWorks.flatMap(({ works }) => works)) {
      tell({ kind: "measured", results: await measure(work, instruments) });
    }
    tell({ kind: "measured", results: await measureInTurns(tileWorks.works, instruments) });
    tell({ kind: "done" });
  } finally {
    bench.dispose();
  }
}

addEventListener("message", ({ data }: MessageEvent<RunMessage>) => {
  run(data).catch((error: unknown) => {
    tell({ kind: "failed", message: error instanceof Error ? error.message : String(error) });
  });
});
