// A TypeDoc plugin: pages as docs/kernel-abi.md has them. A signature as code says types and what is
// returned; below it comes what the docstring says, and a table of parameters only where it says
// something of them.
import { MarkdownTheme, MarkdownThemeContext } from "typedoc-plugin-markdown";

const COLUMNS = 100;

/** `name(a: number, b?: string): void`, on a line of its own for each parameter if it is long. */
function signatureText({ name, parameters = [], type, parent }) {
  const list = parameters.map((parameter) => {
    const { flags, defaultValue } = parameter;
    const mark = flags.isOptional || defaultValue ? "?" : "";
    // What TypeDoc calls an argument that is taken apart where it is declared.
    const called = parameter.name === "__namedParameters" ? "options" : parameter.name;
    return `${flags.isRest ? "..." : ""}${called}${mark}: ${parameter.type}`;
  });
  const result = `: ${type}`;
  const called = name.startsWith("__") ? "" : `${name}${parent?.flags.isOptional ? "?" : ""}`;
  const line = `${called}(${list.join(", ")})${result}`;
  if (line.length <= COLUMNS) return line;
  return `${called}(\n  ${list.join(",\n  ")},\n)${result}`;
}

function codeBlock(text) {
  return `\`\`\`ts\n${text}\n\`\`\``;
}

/** `Throws RangeError if …`: what the tags of a docstring say. */
function tagLines(context, comment) {
  const tags = comment.blockTags.filter(({ tag }) => tag === "@throws" || tag === "@returns");
  return tags.map(({ tag, content }) => {
    const text = context.helpers.getCommentParts(content).replace(/^- /, "").trim();
    return `**${tag[1].toUpperCase()}${tag.slice(2)}** ${text}`;
  });
}

/** The example of a docstring, which TypeDoc gives as a block of code. */
function exampleParts(context, comment) {
  const tags = comment.blockTags.filter(({ tag }) => tag === "@example");
  return tags.map(({ content }) => `**Example**\n\n${context.helpers.getCommentParts(content)}`);
}

/** The docstring of a function, an accessor or one half of it. */
function commentParts(context, comment) {
  if (!comment) return [];
  const summary = context.helpers.getCommentParts(comment.summary);
  return [summary, ...tagLines(context, comment), ...exampleParts(context, comment)];
}

/** Drops the row of an object that only its properties describe. */
function tableOf(text) {
  return text.replace(/^\| `options\?` \| .* \| - \|\n/m, "");
}

/** Returns true for a parameter that the docstring describes, or a property of it: `options.alpha`. */
function isDescribed({ comment, type }) {
  return Boolean(comment) || type?.declaration?.children?.some((child) => child.comment);
}

/** Returns a line that links to the options of a function, because code blocks cannot. */
function optionsLine(context, { parameters = [] }) {
  const reflection = parameters.at(-1)?.type?.reflection;
  if (!reflection?.name.endsWith("Options")) return undefined;
  return `**Options** [${reflection.name}](${context.urlTo(reflection)})`;
}

class Context extends MarkdownThemeContext {
  constructor(...args) {
    super(...args);
    const { partials } = this;
    this.partials = {
      ...partials,
      signature: (model) => {
        const [summary, ...tags] = commentParts(this, model.comment ?? model.parent?.comment);
        const described = (model.parameters ?? []).filter(isDescribed);
        const table =
          described.length > 0 && tableOf(partials.parametersTable.call(this, described));
        const options = optionsLine(this, model);
        const parts = [codeBlock(signatureText(model)), summary, table, options, ...tags];
        return parts.filter(Boolean).join("\n\n");
      },
      // All classes extend Object; some say so for the sake of consoles (src/base/printable.ts).
      hierarchy: (model, ...rest) => {
        const isBase = model.types.every((type) => String(type) === "Object") && !model.next?.next;
        return isBase ? "" : partials.hierarchy.call(this, model, ...rest);
      },
      accessor: ({ name, getSignature, setSignature }) => {
        const code = `${setSignature ? "" : "readonly "}${name}: ${getSignature.type}`;
        const halves = [getSignature, setSignature];
        const parts = halves.flatMap((half) => commentParts(this, half?.comment));
        return [codeBlock(code), ...parts].join("\n\n");
      },
    };
  }
}

export function load(app) {
  app.renderer.defineTheme(
    "gradlane",
    class extends MarkdownTheme {
      getRenderContext(page) {
        return new Context(this, page, this.application.options);
      }
    },
  );
}
