// Lines for a terminal of 80 columns.

const count = (number) => number.toLocaleString("en");

/** Text and network of a training, and the memory that it takes. */
export function plan({ model, settings, alphabet, train, validation }) {
  const { layers, heads, width, context, batch, steps } = settings;
  const parameters = model.parameters.reduce((sum, { data }) => sum + data.length, 0);
  const megabytes = model.memoryPlan.total / 1e6;
  return [
    `text      ${count(train.length)} characters to train on, ${alphabet.characters.length} different ones;`,
    `          ${count(validation.x.length)} more to validate with`,
    `network   ${layers} layers, ${heads} heads, width ${width}, context ${context}:`,
    `          ${count(parameters)} parameters, ${megabytes.toFixed(1)} MB to train`,
    `training  ${count(steps)} steps of ${batch} windows, ${count(batch * context)} characters each`,
  ].join("\n");
}

/** State of the training on a line. @param loss mean of the steps since the line before, if there were some */
export function progress({ step, loss, validationLoss, milliseconds }) {
  const trained = `, loss ${loss?.toFixed(4)}, ${milliseconds?.toFixed(1)} ms a step`;
  const validation = `validation ${validationLoss.toFixed(4)}`;
  return `step ${count(step)}: ${validation}${loss === undefined ? "" : trained}`;
}

/** A sample on one line. */
export function quote(text) {
  return `  ${text.replaceAll("\n", "↵")}`;
}

/** Breaks lines at spaces, so that they have 80 columns at most where words are not longer. */
export function wrap(text) {
  return text.replace(/(?![^\n]{1,80}$)([^\n]{1,80}) /gm, "$1\n");
}
