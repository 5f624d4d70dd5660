/**
 * A network of inputs-hidden-1 units with tanh, trained with binary cross-entropy on the logit and
 * Adam by loops that one would write by hand, in JavaScript and double precision. The comparison
 * shows what a step of gradlane costs beyond its arithmetic.
 */
export interface PlainNetwork {
  readonly inputs: number;
  readonly hidden: number;
  /** Hidden weights [inputs, hidden] and biases [hidden], output weights [hidden] and bias. */
  readonly parameters: Float64Array;
  readonly gradients: Float64Array;
  /** First and second moments of Adam. */
  readonly m: Float64Array;
  readonly v: Float64Array;
  /** Number of steps that Adam has done. */
  steps: number;
  /** Activations of the hidden layer for the present example. */
  readonly activations: Float64Array;
}

/** Creates a network from inputs * hidden + hidden + hidden + 1 parameters. */
export function plainNetwork(inputs: number, hidden: number, initial: ArrayLike<number>) {
  const parameters = Float64Array.from(initial);
  const zeros = () => new Float64Array(parameters.length);
  return {
    ...{ inputs, hidden, parameters, gradients: zeros(), m: zeros(), v: zeros(), steps: 0 },
    activations: new Float64Array(hidden),
  } satisfies PlainNetwork;
}

/**
 * Trains on a batch: x [batch, inputs], y [batch] of 0 and 1.
 * @returns mean loss before the step
 */
export function plainStep(net: PlainNetwork, x: Float32Array, y: Float32Array): number {
  net.gradients.fill(0);
  let loss = 0;
  for (let example = 0; example < y.length; example++) {
    const logit = predict(net, x, example * net.inputs);
    const target = y[example]!;
    // Stable for logits of any size, as in PyTorch.
    loss += Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
    const error = (1 / (1 + Math.exp(-logit)) - target) / y.length;
    accumulate(net, x, example * net.inputs, error);
  }
  adam(net, 1e-3, 0.9, 0.999, 1e-8);
  return loss / y.length;
}

/**
 * Returns the logit of the example at x[from], and leaves its hidden activations in the network.
 */
function predict(net: PlainNetwork, x: Float32Array, from: number): number {
  const { inputs, hidden, parameters, activations } = net;
  const biases = inputs * hidden;
  const output = biases + hidden;
  let logit = parameters[output + hidden]!;
  for (let j = 0; j < hidden; j++) {
    let sum = parameters[biases + j]!;
    for (let i = 0; i < inputs; i++) sum += x[from + i]! * parameters[i * hidden + j]!;
    activations[j] = Math.tanh(sum);
    logit += activations[j]! * parameters[output + j]!;
  }
  return logit;
}

/**
 * Adds the gradients of the example at x[from]; `error` is the derivative of its loss by the logit.
 */
function accumulate(net: PlainNetwork, x: Float32Array, from: number, error: number): void {
  const { inputs, hidden, parameters, gradients, activations } = net;
  const biases = inputs * hidden;
  const output = biases + hidden;
  for (let j = 0; j < hidden; j++) {
    const activation = activations[j]!;
    const slope = error * parameters[output + j]! * (1 - activation * activation);
    for (let i = 0; i < inputs; i++) gradients[i * hidden + j]! += slope * x[from + i]!;
    gradients[biases + j]! += slope;
    gradients[output + j]! += error * activation;
  }
  gradients[output + hidden]! += error;
}

/** Updates parameters as in Kingma and Ba, "Adam: a method for stochastic optimization", 2015. */
function adam(
  net: PlainNetwork,
  learningRate: number,
  beta1: number,
  beta2: number,
  epsilon: number,
): void {
  const { parameters, gradients, m, v } = net;
  net.steps++;
  const rate = learningRate / (1 - Math.pow(beta1, net.steps));
  const root = 1 / (1 - Math.pow(beta2, net.steps));
  for (let i = 0; i < parameters.length; i++) {
    const g = gradients[i]!;
    m[i] = beta1 * m[i]! + (1 - beta1) * g;
    v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
    parameters[i]! -= (rate * m[i]!) / (Math.sqrt(v[i]! * root) + epsilon);
  }
}
