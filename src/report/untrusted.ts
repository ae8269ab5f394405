/**
 * Text from pairs, suites and models is adversarial: ids may carry terminal escapes, bidi controls, markup or
 * spreadsheet formulas. Every renderer passes such text through one of these functions, by where it lands (the CSV of scores
 * through `scores/spreadsheet-cell.ts`, JSON through its serialiser).
 */

const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const beforeJoiner = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u;
const beforeSelector = /(?:\p{Extended_Pictographic}|[0-9#*])$/u;

/**
 * Makes controls, bidi marks, zero-width and other invisible code points visible as `\u{202e}`; one line in, one line
 * out. Emoji keep their joiner and variation selector.
 */
export function visible(text: string): string {
  return text.replace(hidden, (found: string, at: number) => {
    const before = text.slice(Math.max(0, at - 2), at);
    const partOfEmoji =
      found === "\u200d"
        ? beforeJoiner.test(before) && /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3))
        : found === "\ufe0f" && beforeSelector.test(before);
    return partOfEmoji ? found : `\\u{${found.codePointAt(0)?.toString(16) ?? ""}}`;
  });
}

/** For running Markdown and table cells, where HTML, links, bare URLs and GitHub's mentions are live too. */
export function markdownText(text: string): string {
  return (
    visible(text)
      .replace(/[\\`*_[\]~|#]/g, "\\$&")
      .replace(/&/g, "&amp;")
      .replace(/</g, "&lt;")
      .replace(/>/g, "&gt;")
      // GitHub looks for mentions and issue numbers in the rendered text, where an entity is the character again.
      .replace(/@|#(?=\d)/g, "$&<!-- -->")
      .replace(/\$/g, "&#36;")
      .replace(/:(?=\/\/)/g, "&#58;")
      .replace(/\bwww\./gi, (found) => `${found.slice(0, 3)}&#46;`)
      .replace(/^(\s*)([-+=])/, (_, space: string, mark: string) => `${space}&#${mark.charCodeAt(0)};`)
  );
}

/** For monospaced Markdown: a backtick span, or HTML `code` for texts that such a span cannot hold in a table. */
export function markdownCode(text: string): string {
  return /^[\w.,:;/+=()@ -]+$/.test(text) && text.trim() === text
    ? `\`${text}\``
    : `<code>${markdownText(text)}</code>`;
}

/** For text and attribute values of XML and SVG. */
export function xmlText(text: string): string {
  return visible(text)
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}
