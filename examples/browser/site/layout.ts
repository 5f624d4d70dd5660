import { relative } from "./files.ts";
import type { Heading } from "./markdown.ts";
import type { Documentation, Group, Page } from "./pages.ts";

/** Most headings of a page without a table of contents. */
const FEW = 2;

function withoutTags(html: string): string {
  return html.replace(/<[^>]*>/g, "");
}

/** Returns the name of a page in the navigation. */
function nameOf({ file, title }: Page): string {
  if (file === "README.md") return "Overview";
  return file === "docs/api/README.md" ? "All modules" : withoutTags(title);
}

function linkTo(page: Page, from: Page): string {
  const current = page === from ? ' aria-current="page"' : "";
  return `<a href="${relative(from.address, page.address)}"${current}>${nameOf(page)}</a>`;
}

function navigation(groups: readonly Group[], from: Page): string {
  const lists = groups.map(({ name, pages }) => {
    const items = pages.map((page) => `<li>${linkTo(page, from)}</li>`).join("");
    return `<h2>${name}</h2>\n<ul>${items}</ul>`;
  });
  return `<nav class="pages" aria-label="Documentation">
<details><summary>All pages</summary>
${lists.join("\n")}
</details>
</nav>`;
}

/** The second and third level; links in headings lead elsewhere, so tags are left out. */
function contents(headings: readonly Heading[]): string {
  const shown = headings.filter(({ depth }) => depth <= 3);
  if (shown.length <= FEW) return "";
  const items = shown.map(({ depth, id, html }) => {
    return `<li class="depth-${depth}"><a href="#${id}">${withoutTags(html)}</a></li>`;
  });
  return `<nav class="contents" aria-label="On this page">
<details><summary>On this page</summary>
<ul>${items.join("")}</ul>
</details>
</nav>`;
}

/** The pages before and after in the navigation. */
function neighbours(groups: readonly Group[], page: Page): string {
  const all = groups.flatMap(({ pages }) => pages);
  const at = all.indexOf(page);
  const [previous, next] = at < 0 ? [] : [all[at - 1], all[at + 1]];
  const before = previous ? `<p>Previous: ${linkTo(previous, page)}</p>` : "";
  const after = next ? `<p>Next: ${linkTo(next, page)}</p>` : "";
  return `<footer class="neighbours">${before}${after}</footer>`;
}

/** Opens the navigation where there is room for it beside the text, before that is shown. */
const UNFOLD = `<script>
{
  const wide = matchMedia("(min-width: 72rem)");
  const unfold = () => {
    for (const details of document.querySelectorAll("nav details")) details.open = wide.matches;
  };
  wide.addEventListener("change", unfold);
  unfold();
  const pages = document.querySelector(".pages");
  const current = pages.querySelector("[aria-current]");
  if (current) pages.scrollTop = current.offsetTop - pages.clientHeight / 2;
}
</script>`;

/** A page of the site; its styles and its script are for Vite to resolve. */
export function layOut(page: Page, { groups }: Documentation): string {
  const { address, title, body, headings } = page;
  const to = (path: string): string => relative(address, path);
  const current = address === "docs/index.html" ? "page" : "true";
  const name = page.file === "README.md" ? "" : `${withoutTags(title)} · `;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<title>${name}gradlane</title>
<link rel="icon" href="data:," />
<link rel="stylesheet" href="${to("site/docs.css")}" />
<script type="module" src="${to("site/docs.ts")}"></script>
</head>
<body>
<a class="skip" href="#text">Skip to the text</a>
<header>
<p class="name">gradlane</p>
<nav aria-label="Site">
<a href="${to("index.html")}">Digits</a>
<a href="${to("gpt.html")}">GPT</a>
<a href="${to("benchmark.html")}">Benchmark</a>
<a href="${to("docs/index.html")}" aria-current="${current}">Docs</a>
</nav>
</header>
<div class="reading">
${navigation(groups, page)}
<main id="text" tabindex="-1">
<h1>${title}</h1>
${contents(headings)}
${UNFOLD}
<div class="text">
${body}</div>
${neighbours(groups, page)}
</main>
</div>
</body>
</html>
`;
}
