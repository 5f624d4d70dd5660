// jax-js on WebAssembly, compiled by jit(). It takes more than one thread where there is a Worker
// of the web, which Node has not. Its optimizers (@jax-js/optax) are not on the registry: Adam is
// written with its arrays here.
import { installedVersion } from "./manifest.mjs";
import { ADAM, oneHot } from "./works.mjs";

export const version = () => installedVersion("@jax-js/jax");

/**
 * One parameter's Adam step, which takes ownership of its arrays. The bias corrections come as
 * scalars, because compiled code would work out their powers again for every element.
 * @returns the new p, m and v
 */
function adam(np, [correction1, correction2], p, g, m, v) {
  const { learningRate, beta1, beta2, epsilon } = ADAM;
  const newM = m.mul(beta1).add(g.ref.mul(1 - beta1));
  const newV = v.mul(beta2).add(np.square(g).mul(1 - beta2));
  const divisor = np.sqrt(newV.ref.div(correction2)).add(epsilon);
  const newP = p.sub(newM.ref.div(correction1).div(divisor).mul(learningRate));
  return [newP, newM, newV];
}

/** A function that gives 1 - beta^t of both moments for t = 1, 2, 3... */
function corrections(np) {
  let [power1, power2] = [1, 1];
  return () => {
    power1 *= ADAM.beta1;
    power2 *= ADAM.beta2;
    return [np.array(1 - power1), np.array(1 - power2)];
  };
}

/**
 * A compiled function, timed with its execution: what it gives is pending until it is waited for.
 * Its last result can be read, and is freed when the next one comes.
 */
function held(compute) {
  let last;
  const run = () => {
    last?.dispose();
    last = compute();
    return last.blockUntilReady();
  };
  return { run, values: () => last.ref.dataSync() };
}

export async function open() {
  const { init, jit, lax, nn, numpy: np, valueAndGrad } = await import("@jax-js/jax");
  await init("wasm");
  const tensor = (data, shape) => np.array(data).reshape(shape);
  const zeros = (list) => list.map(({ shape }) => np.zeros(shape));

  const crossEntropy = (z, y) => {
    const [rows] = z.shape;
    return nn.logSoftmax(z).mul(y).sum().div(-rows);
  };
  const bceWithLogits = (z, y) => nn.softplus(z.ref).sub(z.mul(y)).mean();
  const lossOf = (h, y) => (y.shape[1] === 1 ? bceWithLogits(h, y) : crossEntropy(h, y));
  /** Dense layers with relu between them. */
  const multilayer = (parameters, x) => {
    let h = x;
    for (let i = 0; i < parameters.length; i += 2) {
      const z = np.matmul(h, parameters[i]).add(parameters[i + 1]);
      h = i < parameters.length - 2 ? nn.relu(z) : z;
    }
    return h;
  };
  const conv = (h, w, b) => nn.relu(lax.conv(h, w, [1, 1], "VALID").add(b.reshape([-1, 1, 1])));
  /** Its convolutions have channels first; the dense layer takes them last. */
  const convnet = ([w1, b1, w2, b2, ...dense], x) => {
    const [rows] = x.shape;
    const y = conv(conv(x, w1, b1), w2, b2).reshape([rows, 64, 12, 2, 12, 2]);
    const pooled = np.max(y, [3, 5]).transpose([0, 2, 3, 1]).reshape([rows, -1]);
    return multilayer(dense, pooled);
  };

  /** @param parameters arrays, which it takes */
  const training = (network, parameters, x, y) => {
    const loss = (p, xs, ys) => lossOf(network(p, xs), ys);
    const update = jit((scalars, p, m, v, xs, ys) => {
      const kept = p.map((array) => array.ref);
      const [value, gradients] = valueAndGrad(loss)(kept, xs, ys);
      const own = () => scalars.map((scalar) => scalar.ref);
      const results = p.map((_, i) => adam(np, own(), p[i], gradients[i], m[i], v[i]));
      scalars.forEach((scalar) => scalar.dispose());
      return [value, ...[0, 1, 2].map((part) => results.map((result) => result[part]))];
    });
    let state = [parameters, zeros(parameters), zeros(parameters)];
    const nextScalars = corrections(np);
    let last;
    const run = () => {
      const [value, ...updated] = update(nextScalars(), ...state, x.ref, y.ref);
      state = updated;
      // Reading one result executes all.
      last = value.item();
    };
    return { run, values: () => [last] };
  };

  return {
    remark: "Adam is written with its arrays, as its optimizers are not on the registry",

    sgemm(work, { a, b }) {
      const [left, right] = [tensor(a, [work.m, work.k]), tensor(b, [work.k, work.n])];
      const product = jit(np.matmul);
      return held(() => product(left.ref, right.ref));
    },

    map(work, source) {
      const x = np.array(source.x);
      const gelu = (value) => nn.gelu(value, { approximate: false });
      const functions = { exp: np.exp, tanh: np.tanh, sigmoid: nn.sigmoid, gelu };
      const compiled = jit(functions[work.function]);
      return held(() => compiled(x.ref));
    },

    adam(work, source) {
      const g = np.array(source.g);
      const update = jit((...given) => adam(np, ...given));
      const next = corrections(np);
      let state = [np.array(source.p), np.zeros([work.n]), np.zeros([work.n])];
      const run = () => {
        const [p, m, v] = state;
        state = update(next(), p, g.ref, m, v);
        return state[0].blockUntilReady();
      };
      return { run, values: () => state[0].ref.dataSync() };
    },

    step(work, data) {
      const x = tensor(data.x, [work.batch, work.layers[0]]);
      const parameters = data.parameters.map(({ data: from, shape }) => tensor(from, shape));
      return training(multilayer, parameters, x, tensor(oneHot(data), [work.batch, data.outputs]));
    },

    convnet(work, data) {
      const x = tensor(data.x, [work.batch, 1, 28, 28]);
      const parameters = data.parameters.map(({ data: from, shape }) => {
        const array = tensor(from, shape);
        return shape.length === 4 ? array.transpose([3, 2, 0, 1]) : array;
      });
      return training(convnet, parameters, x, tensor(oneHot(data), [work.batch, data.outputs]));
    },
  };
}
