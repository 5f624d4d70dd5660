// onnxruntime-web on WebAssembly (MLAS), one thread. It runs graphs and cannot train.
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";
import { installedVersion } from "./manifest.mjs";

export const version = () => installedVersion("onnxruntime-web");

const FLOAT = 1;

/** Versions of ONNX 1.16: opset 20 is the first with Gelu, and needs models of version 9. */
const [IR_VERSION, OPSET] = [9, 20];

/** A model of one operator over constants, serialised. */
function modelOf(schema, operator, constants, shape) {
  const initializer = constants.map(({ data, dims }, i) => ({
    ...{ name: `x${i}`, dims, dataType: FLOAT },
    rawData: new Uint8Array(data.buffer),
  }));
  const dim = shape.map((dimValue) => ({ dimValue }));
  const node = { opType: operator, input: initializer.map(({ name }) => name), output: ["y"] };
  const output = { name: "y", type: { tensorType: { elemType: FLOAT, shape: { dim } } } };
  const Model = schema.lookupType("onnx.ModelProto");
  const graph = { name: operator, node: [node], initializer, output: [output] };
  const model = { irVersion: IR_VERSION, opsetImport: [{ version: OPSET }], graph };
  return Model.encode(Model.fromObject(model)).finish();
}

// Operands are constants of the graph, because inputs are copied into WebAssembly on every run,
// which takes longer than a small product. They are neither folded nor packed beforehand.
const OPTIONS = {
  executionProviders: ["wasm"],
  graphOptimizationLevel: "disabled",
  extra: { session: { disable_prepacking: "1" } },
};

export async function open() {
  const ort = await import("onnxruntime-web");
  ort.env.wasm.numThreads = 1;
  const schema = await protobuf.load(fileURLToPath(new URL("onnx.proto", import.meta.url)));

  const trial = async (...model) => {
    const session = await ort.InferenceSession.create(modelOf(schema, ...model), OPTIONS);
    let result;
    const run = async () => {
      result = await session.run({});
    };
    return { run, values: () => result.y.data };
  };

  const operators = { exp: "Exp", tanh: "Tanh", sigmoid: "Sigmoid", gelu: "Gelu" };
  return {
    remark: "it cannot train; operands are constants of the graph, not packed beforehand",

    sgemm({ m, n, k }, { a, b }) {
      const constants = [
        { data: a, dims: [m, k] },
        { data: b, dims: [k, n] },
      ];
      return trial("MatMul", constants, [m, n]);
    },

    map(work, { x }) {
      const constants = [{ data: x, dims: [work.n] }];
      return trial(operators[work.function], constants, [work.n]);
    },
  };
}
