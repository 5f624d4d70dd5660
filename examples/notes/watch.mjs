// A graph whose values can be read by name, and the loss's gradient by any of them.

/** A matrix, a list or a number as [values, shape]. */
function flatten(value) {
  const shape = [];
  for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
  return [Float32Array.from([value].flat(Infinity)), shape];
}

/** Returns a value of gradlane, { data, shape } or a number, as a matrix, a list or a number. */
export function unflatten(value) {
  if (typeof value === "number") return value;
  const { data, shape } = value;
  const numbers = Array.from(data);
  if (shape.length === 1) return numbers;
  const [rows, columns] = shape;
  return Array.from({ length: rows }, (_, i) => numbers.slice(i * columns, (i + 1) * columns));
}

/** A graph of this engine; its methods take and give matrices as lists of rows. */
export function watch(engine) {
  const g = engine.graph();
  const values = new Map();
  const sources = new Map();
  let step, loss;
  return {
    g,
    /** Adds a parameter, by which the loss is differentiated. */
    parameter(name, value) {
      const [data, shape] = flatten(value);
      const node = g.parameter(shape, data);
      values.set(name, node);
      sources.set(name, node);
      return node;
    },
    constant(value) {
      return g.constant(...flatten(value));
    },
    /**
     * Names a value in between, to read it and dJ/dvalue later. A graph has gradients of parameters,
     * so zeros are added to the value: dJ/dvalue = dJ/dzeros.
     */
    see(name, node) {
      const zeros = g.parameter(node.shape, 0);
      values.set(name, g.add(node, zeros));
      sources.set(name, zeros);
      return values.get(name);
    },
    /** Forward and reverse sweep for a scalar; without it, the last one again. */
    run(scalar) {
      if (scalar) {
        loss = scalar;
        step = g.compile(loss, { outputs: [...values.values()] });
      }
      step.run();
      return step.value(loss);
    },
    value: (name) => unflatten(step.value(values.get(name))),
    /** dJ/dvalue. */
    d: (name) => unflatten(step.gradient(sources.get(name))),
    set(name, value) {
      step.set(sources.get(name), flatten(value)[0]);
    },
  };
}
