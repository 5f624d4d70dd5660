/** Escapes a text for the content and the attributes of HTML and XML. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

/** Parts of an HTML page, as markup but for the title, which is text. */
export interface Page {
  readonly title: string;
  /** Content security policy, under which browsers refuse what it does not name. */
  readonly policy: string;
  readonly style: string;
  readonly body: string;
}

/** Returns an HTML page that needs no network, for light and dark, from a phone's width on. */
export function htmlPage({ title, policy, style, body }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeMarkup(title)}</title>
<style>${style}</style>
</head>
<body>
${body}</body>
</html>
`;
}
