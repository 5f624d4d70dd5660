import { afterEach, describe, expect, it, vi } from "vitest";
import { loadDigits } from "../../src/data/digits.ts";
import { trainInWorker } from "../../src/index.ts";
import { nodeThreads } from "../../src/threads/connection.ts";
import { weightsOf } from "../engine/fixtures.ts";
import { classifier, engineOf } from "./fixtures.ts";

/**
 * Object with the Worker class, which differs: in Node it is the module that the package asks for.
 */
const home = (nodeThreads() ?? globalThis) as { Worker: unknown };
const { Worker: realWorker } = home;

const { Memory: RealMemory } = WebAssembly;

afterEach(() => {
  home.Worker = realWorker;
  WebAssembly.Memory = RealMemory;
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

/** The engine has one thread for that reason, and trains to the weights that one thread gives. */
async function expectOneThread(note: string | RegExp, options: object = {}): Promise<void> {
  const { train } = await loadDigits();
  const engine = await engineOf(2, { workerUrl: undefined, ...options });
  expect(engine.info.threads).toBe(1);
  expect(engine.info.notes).toEqual([expect.stringMatching(note)]);
  const models = [classifier(engine), classifier(await engineOf(1))];
  for (const model of models) await model.fit(train, { epochs: 1, batchSize: 64 });
  const [weights, expected] = models.map(weightsOf);
  expect(weights).toEqual(expected);
}

/** A worker that refuses to be made, as one that a policy forbids in Chromium. */
class ForbiddenWorker {
  constructor() {
    throw new DOMException("a policy forbids it", "SecurityError");
  }
}

/** A worker that tells later that it has not started, as the standard has it. */
class FailingWorker extends EventTarget {
  constructor() {
    super();
    setTimeout(() => this.dispatchEvent(new Event("error")), 10);
  }
  postMessage(): void {
    return;
  }
  terminate(): void {
    return;
  }
}

/** A worker to which a shared memory cannot be sent. */
class SeparateWorker extends FailingWorker {
  static ended = 0;
  override postMessage(): void {
    throw new DOMException("it is of another agent cluster", "DataCloneError");
  }
  override terminate(): void {
    SeparateWorker.ended++;
  }
}

/** Node's, where it is. */
interface ModuleFinder {
  getBuiltinModule?(name: string): unknown;
}

describe("an engine that is to have two threads has one", () => {
  it.each([
    ["are forbidden", ForbiddenWorker, /, expected thread 1 to start, it has failed: a policy/],
    [
      "do not start",
      FailingWorker,
      /, expected thread 1 to start, it has failed: its module cannot/,
    ],
    [
      "cannot share",
      SeparateWorker,
      /, expected thread 1 to start, it has failed: it is of another/,
    ],
  ])("where workers %s, and says why", async (_, Worker, note) => {
    home.Worker = Worker;
    await expectOneThread(note);
    // An address of the caller's makes no difference where no other worker starts.
    await expectOneThread(note, { workerUrl: new URL("worker.js", import.meta.url) });
  });

  it("and leaves no worker behind to which nothing could be sent", async () => {
    home.Worker = SeparateWorker;
    SeparateWorker.ended = 0;
    await engineOf(3, { workerUrl: undefined });
    // Two threads, each tried with the package's file and with what is embedded.
    expect(SeparateWorker.ended).toBe(4);
  });

  it("where a shared memory is refused", async () => {
    WebAssembly.Memory = class extends RealMemory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) throw new RangeError("no address space");
        super(descriptor);
      }
    };
    await expectOneThread(/^threads: 1, there is no shared memory: no address space$/);
  });

  it.each([
    ["SharedArrayBuffer", undefined],
    ["crossOriginIsolated", false],
  ])("where %s is %s", async (name, value) => {
    vi.stubGlobal(name, value);
    await expectOneThread(/^threads: 1, there is no SharedArrayBuffer, .* cross-origin isolated$/);
  });

  it("where there are no workers, in which nothing can be trained either", async () => {
    const { process } = globalThis as { process?: ModuleFinder };
    if (process?.getBuiltinModule) {
      const find = process.getBuiltinModule.bind(process);
      vi.spyOn(process as Required<ModuleFinder>, "getBuiltinModule").mockImplementation((name) =>
        name === "node:worker_threads" ? undefined : find(name),
      );
    } else {
      Reflect.deleteProperty(globalThis, "Worker");
    }
    await expectOneThread(/^threads: 1, there are no workers here$/);
    expect(() => trainInWorker(new URL("worker.js", import.meta.url))).toThrow(
      "trainInWorker: expected workers, there are none here",
    );
  });
});
