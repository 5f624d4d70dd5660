import GithubSlugger from "github-slugger";
import hljs from "highlight.js/lib/common";
import http from "highlight.js/lib/languages/http";
import { Marked, type RendererObject, type Token, type Tokens } from "marked";
import { addressOf, read, relative, targetOf } from "./files.ts";

/** The repository's files as HTML. */

export interface Heading {
  /** 2 for the first below the title. */
  readonly depth: number;
  readonly id: string;
  readonly html: string;
}

export interface Article {
  /** HTML of the first heading. */
  readonly title: string;
  /** HTML of everything else. */
  readonly body: string;
  /** Headings below the title. */
  readonly headings: readonly Heading[];
  /** Files of the repository that it links to. */
  readonly links: readonly string[];
}

hljs.registerLanguage("http", http);

export function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return text.replace(/[&<>"]/g, (character) => entities[character]!);
}

/** Longer blocks, in characters, are data: in colours their page would be megabytes. */
const LONG = 64_000;

/** Highlights a block of code, unless it is long or its language unknown. */
function highlight(code: string, language: string): string {
  const isCode = code.length < LONG && hljs.getLanguage(language) !== undefined;
  const html = isCode ? hljs.highlight(code, { language }).value : escape(code);
  return `<pre><code>${html}</code></pre>\n`;
}

/** Returns true if the label of a link is the name of its file: training.md, api/. */
function isPath(label: string): boolean {
  return /^[\w./-]+(\.md|\/)$/.test(label);
}

function titleOf(file: string): string {
  return escape(/^# (.*)$/m.exec(read(file))![1]!);
}

const ANCHOR = /^<a id="([^"]+)"><\/a>\s*$/;

/** Takes the anchors that stand above headings out of a page; returns them by heading. */
function takeAnchors(tokens: Token[]): Map<Token, string> {
  const anchors = new Map<Token, string>();
  for (let i = tokens.length - 1; i >= 0; i--) {
    const id = ANCHOR.exec(tokens[i]!.raw)?.[1];
    const next = tokens.slice(i + 1).find(({ type }) => type !== "space");
    if (id === undefined || next?.type !== "heading") continue;
    anchors.set(next, id);
    tokens.splice(i, 1);
  }
  return anchors;
}

/** Renderers that all pages share. */
const common: RendererObject = {
  code({ text, lang }) {
    return highlight(text, lang ?? "");
  },
  table({ header, rows }) {
    const row = (cells: Tokens.TableCell[]): string =>
      `<tr>${cells.map((cell) => this.tablecell(cell).trimEnd()).join("")}</tr>\n`;
    // An empty cell heads nothing.
    const head = row(header).replace(/<th[^>]*><\/th>/g, "<td></td>");
    const body = rows.map(row).join("");
    return `<div class="table"><table><thead>${head}</thead><tbody>${body}</tbody></table></div>\n`;
  },
};

/** Returns the address of a link, if it leads to a page, and the file that it leads to, if any. */
function destinationOf(file: string, href: string): { address?: string; target?: string } {
  const [path, hash] = href.split("#") as [string, string?];
  if (/^\w+:/.test(href) || path === "") return { address: href };
  const target = targetOf(file, path);
  if (target === undefined) return {};
  const address = relative(addressOf(file), addressOf(target));
  return { address: hash === undefined ? address : `${address}#${hash}`, target };
}

/**
 * Renders a Markdown file, with the ids that GitHub gives its headings.
 * @throws Error if one of its links leads to no file
 */
export function articleOf(file: string): Article {
  const text = read(file);
  const headings: Heading[] = [];
  const links: string[] = [];
  const slugger = new GithubSlugger();
  for (const [, id] of text.matchAll(/<a id="([^"]+)">/g)) slugger.slug(id!);
  const marked = new Marked({ renderer: common });
  const tokens = marked.lexer(text);
  const anchors = takeAnchors(tokens);
  const renderer: RendererObject = {
    heading(token) {
      const { tokens: inline, depth } = token;
      const html = this.parser.parseInline(inline);
      const plain = this.parser.parseInline(inline, this.parser.textRenderer);
      const id = anchors.get(token) ?? slugger.slug(plain);
      headings.push({ depth, id, html });
      return depth === 1 ? "" : `<h${depth} id="${id}">${html}</h${depth}>\n`;
    },
    link({ href, text: label, tokens: inline }) {
      const { address, target } = destinationOf(file, href);
      if (target !== undefined) links.push(target);
      const isNamed = target?.endsWith(".md") && isPath(label);
      const html = isNamed ? titleOf(target!) : this.parser.parseInline(inline);
      return address === undefined ? html : `<a href="${escape(address)}">${html}</a>`;
    },
    image({ href, text: alternative }) {
      // Of the repository: Vite takes it from there.
      const source = relative(addressOf(file), `../../${targetOf(file, href)}`);
      return `<img src="${source}" alt="${escape(alternative)}" />`;
    },
  };
  const body = marked.use({ renderer }).parser(tokens);
  const [title, ...others] = headings;
  return { title: title!.html, body, headings: others, links };
}

/** Shows any other text of the repository. */
export function sourceOf(file: string): Article {
  const extension = /\.(\w+)$/.exec(file)?.[1] ?? "";
  const body = highlight(read(file), extension);
  return { title: `<code>${escape(file)}</code>`, body, headings: [], links: [] };
}
