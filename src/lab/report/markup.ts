/** Text as HTML and SVG have it: nothing that a log or a command says can become an element of the page. */

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** JSON inside a `script` element, which only `</` and `<!--` could leave. */
export function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}
