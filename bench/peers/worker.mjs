// One peer in a process of its own, which answers the requests on its standard input, one line of
// JSON each: worker.mjs FILE OPTIONS [WORK]. With a work it times its start instead: import, set-up
// and first call.
import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { inputs, spread } from "./works.mjs";

/** Long enough for code to be compiled by the optimising tier, and for a few calls of slow work. */
const WARM_UP = { milliseconds: 500, calls: 3 };

// Answers alone go to standard output; libraries greet there.
console.log = console.error;
const answer = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

const [file, options, work] = process.argv.slice(2);

/** Milliseconds that some calls take. */
async function time(trial, calls) {
  const start = performance.now();
  if (trial.asynchronous) for (let i = 0; i < calls; i++) await trial.run();
  else for (let i = 0; i < calls; i++) trial.run();
  return performance.now() - start;
}

/** The values that are checked, of each of the first calls; sets what the last of them took. */
async function firstCalls(trial, calls) {
  const checked = [];
  for (let i = 0; i < calls; i++) {
    const begin = performance.now();
    const running = trial.run();
    trial.asynchronous = running instanceof Promise;
    await running;
    trial.last = performance.now() - begin;
    const values = await trial.values();
    checked.push(...spread(values.length).map((at) => values[at]));
  }
  return checked;
}

/** Runs a trial until it is warm. @returns milliseconds of a call */
async function warmUp(trial) {
  let [calls, total, last] = [1, 0, 0];
  for (let done = 0; total < WARM_UP.milliseconds || done < WARM_UP.calls; done += calls) {
    const spent = await time(trial, calls);
    total += spent;
    last = spent / calls;
    if (spent < trial.sample / 2) calls *= 2;
  }
  return last;
}

/** The requests that the process answers. */
function service(peer, version) {
  const trials = new Map();
  return {
    open: () => ({ version, remark: peer.remark }),

    async prepare({ work }) {
      const trial = await peer[work.kind]?.(work, inputs[work.kind](work));
      if (!trial) return { unsupported: true };
      const values = await firstCalls(trial, work.calls);
      trials.set(work.name, Object.assign(trial, { sample: work.sample }));
      return { values, own: trial.own, milliseconds: trial.last };
    },

    async warmUp({ name }) {
      const trial = trials.get(name);
      const milliseconds = await warmUp(trial);
      trial.callsPerSample = Math.max(1, Math.ceil(trial.sample / milliseconds));
      return { milliseconds };
    },

    /**
     * Times enough calls to fill a sample, so that neither the clock nor one pause decides it. If
     * that is more than one call, as many go first untimed: another peer has used the caches in
     * between, and threads sleep.
     */
    async sample({ name }) {
      const trial = trials.get(name);
      const { callsPerSample } = trial;
      if (callsPerSample > 1) await time(trial, callsPerSample);
      return { milliseconds: (await time(trial, callsPerSample)) / callsPerSample };
    },
  };
}

async function serve() {
  const { open, version } = await import(`./${file}`);
  const requests = service(await open(JSON.parse(options)), version());
  for await (const line of createInterface({ input: process.stdin })) {
    const { request, ...details } = JSON.parse(line);
    try {
      answer(await requests[request](details));
    } catch (error) {
      answer({ error: error.message });
    }
  }
}

/** Data is there before the clock starts. */
async function start() {
  const parsed = JSON.parse(work);
  const data = inputs.step(parsed);
  const begin = performance.now();
  const { open } = await import(`./${file}`);
  const peer = await open(JSON.parse(options));
  if (!peer.step) return answer({ unsupported: true });
  const trial = await peer.step(parsed, data);
  const first = await firstCalls(trial, 1);
  const milliseconds = performance.now() - begin;
  const values = [...first, ...(await firstCalls(trial, parsed.calls - 1))];
  answer({ milliseconds, values, own: trial.own });
}

/** Returns what a person can do about an error, if that is known, or else its message. */
function explained({ code, message }) {
  if (code !== "ERR_MODULE_NOT_FOUND") return message;
  const [missing] = message.split(" imported from ");
  const isOwn = file === "gradlane.mjs" && missing.includes("/dist/");
  return isOwn
    ? "dist/ is not built (npm run build)"
    : `${missing} (npm install --prefix bench/peers)`;
}

await (work ? start() : serve()).catch((error) => answer({ error: explained(error) }));
process.exit();
