// A transform of asc: functions that Binaryen would inline wherever they are called. The strict kernels
// are 1.3% smaller without, compressed, and no slower: a call of these does enough work to be one.
import { Transform } from "assemblyscript/transform";

const FUNCTIONS = [
  "assembly/loops/rows/fillRow",
  "assembly/permute/copyRow",
  "assembly/gemm/tiles/tileFor",
  "assembly/random/philox/philox",
];

export default class NoInline extends Transform {
  afterCompile(module) {
    for (const name of FUNCTIONS) {
      if (!module.getFunction(name)) throw new Error(`no-inline.mjs: there is no function ${name}`);
      this.binaryen.setPassArgument("no-inline", name);
      module.runPasses(["no-inline"]);
    }
    this.binaryen.clearPassArguments();
  }
}
