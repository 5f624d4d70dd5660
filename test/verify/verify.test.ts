import { describe, expect, it } from "vitest";
import { type Exports, type KernelName, compileBuild } from "../../src/wasm/build.ts";
import { type SomeFamily, describeMiss } from "../../src/verify/case.ts";
import { families } from "../../src/verify/families.ts";
import { type Adapt, verifyBuild } from "../../src/verify/verify.ts";

const strict = { name: "strict", isShared: false, load: () => compileBuild("strict") };

/** The family of one kernel. */
function alone(kernel: KernelName): SomeFamily {
  const family = families.find(({ kernels }) => kernel in kernels);
  return { name: kernel, kernels: { [kernel]: family!.kernels[kernel]! } };
}

/** Verifies a kernel that another function replaces. */
async function missOf(kernel: KernelName, adapt: Adapt) {
  const { families } = await verifyBuild(strict, [alone(kernel)], { adapt });
  return families[0]!.misses[0];
}

const kernels = families.flatMap(({ kernels }) => Object.keys(kernels)) as KernelName[];

describe("every kernel is missed", () => {
  it.each(kernels)("%s, when it does nothing", async (kernel) => {
    const nothing: Adapt = (exports) => ({ ...exports, [kernel]: () => 0 });
    expect(await missOf(kernel, nothing)).toMatchObject({ kernel, isHot: false });
  });
});

describe("a kernel is missed", () => {
  /** sigmoid, with something after it. */
  const sigmoidAnd =
    (then: (exports: Exports, y: number, n: number) => void): Adapt =>
    (exports) => ({
      ...exports,
      sigmoid(x, y, n, p) {
        exports.sigmoid(x, y, n, p);
        then(exports, y, n);
      },
    });

  /** Returns the report about an adapted sigmoid. */
  async function reportOf(adapt: Adapt): Promise<string> {
    const miss = await missOf("sigmoid", adapt);
    return describeMiss(miss!);
  }

  it("when one element is further off than allowed", async () => {
    const further = sigmoidAnd(({ memory }, y, n) => {
      const floats = new Float32Array(memory.buffer, y, n);
      if (n > 8) floats[8]! *= 1 + 3 * 2 ** -23;
    });
    expect(await reportOf(further)).toMatch(/^\(n = 9, .*\): y\[8\] is \S+, expected .* for x = /);
  });

  it("when it writes outside", async () => {
    const outside = sigmoidAnd(({ memory }, y, n) => {
      new Float32Array(memory.buffer, y)[n] = 1;
    });
    expect(await reportOf(outside)).toContain("written outside");
  });

  it("when it traps", async () => {
    const trap = sigmoidAnd(() => {
      throw new WebAssembly.RuntimeError("unreachable");
    });
    expect(await reportOf(trap)).toBe("(n = 0, parameter 0): unreachable");
  });

  it("when it is right at first, and no more once it is hot", async () => {
    // The first case is of no elements, so that its coming again begins the second round.
    let [isWarm, isHot] = [false, false];
    const tires = sigmoidAnd(({ memory }, y, n) => {
      isHot ||= isWarm && n === 0;
      isWarm ||= n > 0;
      if (isHot && n > 0) new Float32Array(memory.buffer, y)[0] = 2;
    });
    expect(await missOf("sigmoid", tires)).toMatchObject({ came: "2", isHot: true });
  });
});
