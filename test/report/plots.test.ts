import { describe, expect, test } from "vitest";
import { plotNames } from "../../src/report/plot-names.ts";
import { marginsSvg, reliabilitySvg } from "../../src/report/plots.ts";
import { renderRunFiles } from "../../src/report/run-files.ts";
import { terminalSvg } from "../../src/report/terminal-svg.ts";
import { renderTerminal } from "../../src/report/terminal.ts";
import { example, hostile, hostileReport, report, suite } from "./example.ts";

/** Elements are balanced and attributes quoted: what an XML parser asks for, as far as our pictures go. */
function expectWellFormed(svg: string): void {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([\w:]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, close: string, name: string, __, empty: string) => {
      if (close === "/") expect(open.pop()).toBe(name);
      else if (empty === "") open.push(name);
      return "";
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]|&(?!#?\w+;)/);
}

describe("charts", () => {
  test("are the same bytes twice, whatever was drawn in between", async () => {
    const [a, b] = [suite("a", 0.7), suite("b", 0.6)];
    const first = [await reliabilitySvg(a), await marginsSvg(a)];
    await marginsSvg(b);
    expect([await reliabilitySvg(a), await marginsSvg(a)]).toEqual(first);
  });

  test("are well-formed with hostile names, which stay text", async () => {
    const one = suite(hostile.suite, 0.7);
    for (const svg of [await reliabilitySvg(one), await marginsSvg(one)]) {
      expectWellFormed(svg);
      expect(svg).not.toContain("<script");
      expect(svg).not.toContain("\u001b");
    }
  });

  test("a reliability diagram has a labelled point and an interval per bin", async () => {
    const svg = await reliabilitySvg(example().suites[0] ?? suite("a", 0.7));
    for (const { n } of suite("a", 0.7).calibration.bins) expect(svg).toContain(`>${n}</text>`);
    expect(svg).toContain("ECE 0.084 in 10 bins");
    expect(svg.match(/<line [^>]*rule mark/g)?.length).toBe(suite("a", 0.7).calibration.bins.length);
  });

  test("a margin histogram draws right and wrong bars differently beside colour", async () => {
    const svg = await marginsSvg(suite("a", 0.7));
    expect(svg).toContain('fill="#0072B2"');
    expect(svg).toContain('fill="white" stroke="#D55E00"');
    expect(svg).toContain("hollow: rejected scored higher (wrong)");
  });

  test("one bin, huge and tiny margins, and no margins still draw", async () => {
    const extreme = [
      { edges: [0, 1], counts: [5] },
      { edges: [-1000, 0, 1000], counts: [1, 1] },
      { edges: [-1e-9, 0, 1e-9], counts: [0, 3] },
      { edges: [], counts: [] },
      null,
    ];
    for (const bins of extreme) {
      const margins = bins === null ? null : { ...bins, ties: 0, clipped: 0 };
      const svg = await marginsSvg(suite("a", 0.7, { margins }));
      expectWellFormed(svg);
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    }
    const none = { headline: "ece" as const, because: "", bins: [] };
    expect(await reliabilitySvg(suite("a", 0.7, { calibration: none }))).not.toMatch(/NaN|undefined/);
  });

  test("a margin histogram says what it leaves out and what lies beyond it", async () => {
    const margins = { edges: [-1, 0, 1], counts: [2, 3], ties: 1, clipped: 1200 };
    expect(await marginsSvg(suite("a", 0.7, { margins }))).toContain(
      "1 tie not drawn; 1,200 beyond the ends, in the last bars",
    );
    expect(await marginsSvg(suite("a", 0.7))).not.toContain("not drawn");
  });

  test("are named by their suites, and the Markdown links to them", async () => {
    const files = await renderRunFiles(report([suite("a", 0.7), suite("a-2", 0.7)]));
    const charts = ["a", "a-2"].flatMap((id) => Object.values(plotNames(id)));
    expect(new Set(files.keys())).toEqual(new Set(["report.json", "report.md", ...charts]));
    for (const name of files.keys()) if (name.endsWith(".svg")) expect(files.get("report.md")).toContain(`](${name})`);
  });
});

describe("terminalSvg", () => {
  test("holds every line of the text, escaped, and is well-formed", () => {
    const text = renderTerminal([hostileReport()], { width: 80, color: false, unicode: true });
    const svg = terminalSvg(`$ npx rmbench run && echo '<ok>'\n${text}`);
    expectWellFormed(svg);
    expect(svg.match(/<text /g)?.length).toBe(1 + text.split("\n").filter((line) => line.trim() !== "").length);
    expect(svg).toContain("$ npx rmbench run &amp;&amp; echo");
  });

  test("places columns by terminal cells", () => {
    const svg = terminalSvg("漢字\n  ab\n");
    const placed = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)" textLength="([\d.]+)"/g)].map((m) =>
      m.slice(1).map(Number),
    );
    const [wide, narrow] = [placed[0] ?? [], placed[1] ?? []];
    expect(wide[2]).toBeCloseTo(2 * (narrow[2] ?? 0), 5);
    expect((narrow[0] ?? 0) - (wide[0] ?? 0)).toBeCloseTo(narrow[2] ?? 0, 5);
  });
});
