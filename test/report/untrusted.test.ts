import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markdownCode, markdownText, visible, xmlText } from "../../src/report/untrusted.ts";
import { plainCell, spreadsheetCell } from "../../src/scores/spreadsheet-cell.ts";

describe("visible", () => {
  test("spells what a terminal obeys or hides", () => {
    expect(visible("\u001b[2J")).toBe("\\u{1b}[2J");
    expect(visible("a\u202eb\u2066c\u200bd\ufeffe\u00adf")).toBe("a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}e\\u{ad}f");
    expect(visible("a\r\nb\tc\u2028d")).toBe("a\\u{d}\\u{a}b\\u{9}c\\u{2028}d");
    expect(visible("\ud800x")).toBe("\\u{d800}x");
    expect(visible("x\u{e0041}")).toBe("x\\u{e0041}");
  });

  test("leaves letters of every script and whole emoji alone", () => {
    for (const text of ["naïve", "漢字", "नमस्ते", "한국어", "❤️", "👩‍👩‍👧", "👍🏽", "1️⃣", "🏳️‍🌈"])
      expect(visible(text)).toBe(text);
  });

  test("spells a joiner that joins nothing", () => {
    expect(visible("👩\u200d")).toBe("👩\\u{200d}");
    expect(visible("a\ufe0f")).toBe("a\\u{fe0f}");
  });

  test("leaves no control character in any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect(visible(visible(text))).toBe(visible(text));
      }),
    );
  });
});

/** What a browser shows for text with character references. */
function decoded(html: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"' };
  return html.replace(/&(?:#(\d+)|(\w+));/g, (_, code: string | undefined, name: string | undefined) =>
    code === undefined ? (named[name ?? ""] ?? "") : String.fromCharCode(Number(code)),
  );
}

const adversarial = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.string({
    unit: fc.constantFrom("\\", "|", "`", "<", ">", "&", "[", "]", "(", "_", "*", "#", "$", "a", " ", "&#124;", "://"),
  }),
);

test("XML texts read as the visible text and hold no live character", () => {
  fc.assert(
    fc.property(adversarial, (text) => {
      expect(decoded(xmlText(text))).toBe(visible(text));
      expect(xmlText(text).replace(/&#?\w+;/g, "")).not.toMatch(/[<>&"']/);
    }),
  );
});

test("Markdown texts read as the visible text and hold no live character", () => {
  fc.assert(
    fc.property(adversarial, (text) => {
      const markdown = markdownText(text).replaceAll("<!-- -->", "");
      const bare = markdown.replace(/\\[!-/:-@[-`{-~]/g, "");
      expect(bare.replace(/&#?\w+;/g, "")).not.toMatch(/[<>|`*_[\]\\&~$]|:\/\//);
      expect(decoded(markdown.replace(/\\([!-/:-@[-`{-~])/g, (_, mark: string) => `&#${mark.charCodeAt(0)};`))).toBe(
        visible(text),
      );
    }),
  );
});

test("Markdown texts mention nobody and no issue on GitHub, which looks behind entities and backslashes", () => {
  expect(markdownText("ask @octocat about #12, a@b.c")).toBe("ask @<!-- -->octocat about \\#<!-- -->12, a@<!-- -->b.c");
  expect(markdownText("$ & # heading")).toBe("&#36; &amp; \\# heading");
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("@", "#", "$", "&", "1", "a", ";", ":", "/", "w", ".") }), (text) => {
      const rendered = decoded(markdownText(text).replace(/\\(?=[!-/:-@[-`{-~])/g, ""));
      expect(rendered).not.toMatch(/@\w|#\d/);
    }),
  );
});

test("code in Markdown is a backtick span where that holds, HTML elsewhere", () => {
  expect(markdownCode("ece_null_mean")).toBe("`ece_null_mean`");
  expect(markdownCode("a`b|c")).toBe("<code>a\\`b\\|c</code>");
  expect(markdownCode(" padded ")).toBe("<code> padded </code>");
});

test("a spreadsheet cell never begins a formula, and reads back exactly", () => {
  for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "''@x", "'quoted'", "plain", ""]) {
    expect(spreadsheetCell(text)).not.toMatch(/^[=+\-@\t\r]/);
    expect(plainCell(spreadsheetCell(text))).toBe(text);
  }
  fc.assert(fc.property(fc.string(), (text) => plainCell(spreadsheetCell(text)) === text));
});
