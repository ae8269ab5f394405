import { describe, expect, test } from "vitest";
import { reporters } from "../../src/report/registry.ts";
import { renderMarkdown } from "../../src/report/markdown.ts";
import { markdownCode, markdownText } from "../../src/report/untrusted.ts";
import { example, hostileReport } from "../report/example.ts";

/** How each format writes a name; a reporter that is missing here fails. */
const spell: Record<string, (name: string) => string> = {
  md: markdownText,
  json: (name) => JSON.stringify(name),
};

describe.each(reporters)("reporter $name", (reporter) => {
  const { extension } = reporter;
  const render: typeof reporter.render = (report) => reporter.render(report);
  test("gives the same bytes twice and leaves the report alone", async () => {
    const report = example();
    const first = await render(report);
    expect(await render(report)).toBe(first);
    expect(report).toEqual(example());
    expect(await render(structuredClone(report))).toBe(first);
  });

  test("shows every suite, metric, group, shortcut and finding", async () => {
    const report = example();
    const text = await render(report);
    const written = spell[extension];
    if (written === undefined) throw new Error(`no spelling for .${extension}`);
    for (const suite of report.suites) {
      const names = [
        suite.id,
        ...suite.groups.map(({ name }) => name),
        ...suite.shortcuts.map(({ name }) => name),
        ...suite.findings.map((finding) => finding.text),
      ];
      for (const name of Object.keys(suite.metrics)) expect(text).toContain(name);
      for (const name of names) expect(text).toContain(written(name));
    }
    expect(text).toContain(written(report.model.notice ?? ""));
  });

  test("lets no control, bidi or escape character through, nor a lone surrogate", async () => {
    const text = await render(hostileReport());
    const hidden =
      extension === "json"
        ? /[\u0000-\u0009\u000b-\u001f\u007f]|\p{Cs}/u
        : /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]|[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
    expect(text).not.toMatch(hidden);
    expect(text.endsWith("\n")).toBe(true);
    expect(text.endsWith("\n\n")).toBe(false);
  });
});

describe("Markdown with hostile names", () => {
  const text = renderMarkdown(hostileReport(), { charts: true });

  test("has no tag but code, no attribute, and no comment but the one that breaks mentions", () => {
    const tags = text.match(/<[^>]*>?/g) ?? [];
    expect(new Set(tags)).toEqual(new Set(["<code>", "</code>", "<!-- -->"]));
    expect(markdownCode("</code><b>")).toBe("<code>&lt;/code&gt;&lt;b&gt;</code>");
  });

  test("keeps every table rectangular and every heading ours", () => {
    const lines = text.split("\n");
    let columns: number | null = null;
    for (const line of lines) {
      if (!line.startsWith("|")) columns = null;
      else {
        const cells = line.split(/(?<!\\)\|/).length;
        expect(cells).toBe(columns ?? cells);
        columns = cells;
      }
    }
    const fixed = [
      "What stands out",
      "All suites",
      "Provenance",
      "Metrics",
      "Subsets",
      "Directions",
      "Calibration",
      "Shortcuts",
      "Counts",
    ];
    const headings = lines.filter((line) => /^#+ /.test(line)).map((line) => line.replace(/^#+ /, ""));
    const report = hostileReport();
    const names = [report.model.id, ...report.suites.map(({ id }) => id)].map(markdownText);
    expect(headings.filter((heading) => !fixed.includes(heading)).sort()).toEqual(names.sort());
  });

  test("links only to the charts beside it, and to nothing outside of a run's folder", () => {
    const targets = (markdown: string) =>
      [...markdown.matchAll(/(?<!\\)\]\(([^)]*)\)/g)].map(([, target]) => target ?? "");
    expect(targets(text).length).toBe(4);
    for (const target of targets(text)) expect(target).toMatch(/^(reliability|margins)-[a-z0-9-]+\.svg$/);
    expect(targets(renderMarkdown(hostileReport()))).toEqual([]);
  });
});
