// A TypeDoc plugin: makes pages by topic of the one long list that src/index.ts exports. A name's
// topic is the room of src that declares it.
import { Comment, Converter, DeclarationReflection, ReflectionKind } from "typedoc";
import { makeRecursiveVisitor } from "typedoc";

/** Topics in the order of the index: what their pages say first, and whose names they hold. */
const TOPICS = {
  engine: {
    text: "Kernels over one linear memory, and everything that lives in it.",
    rooms: ["engine", "wasm", "memory"],
  },
  model: {
    text: "Result of `engine.compile`: training steps, fit, evaluation, predictions, weights.",
    rooms: ["model", "compile", "training"],
  },
  generation: {
    text: "Prediction step by step, and drawing what comes next: text, or any sequence.",
    rooms: ["generation"],
  },
  callbacks: {
    text: "Functions that `fit({ callbacks: [...] })` calls during training, and charts of its history.",
    rooms: ["callbacks", "charts", "training/callbacks"],
  },
  stores: {
    text: "Places that keep checkpoints: folders, and in browsers OPFS and IndexedDB.",
    rooms: ["stores"],
  },
  remote: { text: "Training in a worker, which keeps a page free.", rooms: ["remote"] },
  layers: {
    text: "Networks and their layers: plain descriptions that hold no memory.",
    rooms: ["layers", "build/activation-layers", "initializers", "penalties"],
  },
  losses: { text: "Losses that a model minimises.", rooms: ["losses"] },
  metrics: { text: "Metrics besides the loss.", rooms: ["metrics"] },
  optimizers: {
    text: "Rules that move parameters along their gradients, and schedules of the learning rate.",
    rooms: ["optimizers", "schedules"],
  },
  graph: {
    text: "Graphs that you build by hand: a method for every op, and the reverse sweep.",
    rooms: ["graph", "base", "build", "compile/graph", "compile/step"],
  },
  data: {
    text: "Readers of tables and of CSV and IDX files, parts of data, and windows of time series.",
    rooms: ["data", "base/columns"],
  },
};

/** The other entry points of the package, by the module that TypeDoc names them by. */
const ENTRIES = {
  kernels: {
    name: "kernels",
    text: "`gradlane/kernels`: the kernels alone, over a memory of yours.",
  },
  "io/safetensors": {
    name: "safetensors",
    text: "`gradlane/safetensors`: the file format of weights.",
  },
  "data/digits": {
    name: "digits",
    text: "`gradlane/digits`: real handwritten digits, to try things on.",
  },
};

/** Returns the room of a source file: its own name if a topic lists it, else its folder's. */
function roomOf(file) {
  const path = file.split(/\/(?=(?:src|build)\/)/).at(-1);
  const name = path.replace(/^src\//, "").replace(/\.ts$/, "");
  const known = Object.values(TOPICS).flatMap(({ rooms }) => rooms);
  const room = [name, name.split("/")[0]].find((candidate) => known.includes(candidate));
  if (room) return room;
  throw new Error(`docs/api: expected a topic for ${path} in scripts/api/topics.mjs`);
}

function describe(module, text) {
  module.comment = new Comment([{ kind: "text", text }]);
}

/** A module for every topic, with its names taken out of the package's main module. */
function split(project, main) {
  const placed = main.children.map((child) => {
    return { child, room: roomOf(project.getSymbolIdFromReflection(child).fileName) };
  });
  for (const [name, { text, rooms }] of Object.entries(TOPICS)) {
    const topic = new DeclarationReflection(name, ReflectionKind.Module, project);
    describe(topic, text);
    project.registerReflection(topic, undefined, undefined);
    project.addChild(topic);
    const own = rooms.flatMap((room) => placed.filter((one) => one.room === room));
    for (const { child } of own) {
      main.removeChild(child);
      child.parent = topic;
      topic.addChild(child);
    }
  }
  project.removeReflection(main);
}

/** Ops are methods of graphs of two kinds, and have a place of their own. */
function removeInheritedMethods(project) {
  const methods = project.getReflectionsByKind(ReflectionKind.Method);
  for (const method of methods) if (method.inheritedFrom) project.removeReflection(method);
}

/** The alphabet, but `undefined` comes last. */
function compareTypes(a, b) {
  const [x, y] = [String(a), String(b)];
  return (x === "undefined") - (y === "undefined") || (x < y ? -1 : 1);
}

/**
 * Sorts unions: TypeScript has their types in the order in which it came across them anywhere, so
 * that a change elsewhere would be one of the pages. Type aliases have the order that they declare.
 */
function sortUnions(project) {
  const visitor = makeRecursiveVisitor({
    union({ types }) {
      types.sort(compareTypes);
    },
  });
  for (const reflection of Object.values(project.reflections)) {
    if (reflection.kind !== ReflectionKind.TypeAlias) reflection.type?.visit(visitor);
  }
}

/** Float32Array<ArrayBufferLike> is what Float32Array is. */
function removeDefaults(project) {
  const visitor = makeRecursiveVisitor({
    reference(type) {
      if (String(type.typeArguments) === "ArrayBufferLike") type.typeArguments = undefined;
    },
  });
  for (const { type } of Object.values(project.reflections)) type?.visit(visitor);
}

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    const [main, ...entries] = project.children;
    split(project, main);
    for (const module of entries) {
      const { name, text } = ENTRIES[module.name];
      module.name = name;
      describe(module, text);
      project.removeChild(module);
      project.addChild(module);
    }
  });
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => {
    removeInheritedMethods(project);
    removeDefaults(project);
    sortUnions(project);
  });
}
