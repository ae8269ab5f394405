import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { renderTerminal, type TerminalOptions } from "../../src/report/terminal.ts";
import { estimate, example, hostileReport, report, suite } from "./example.ts";

const plain: TerminalOptions = { width: 80, color: false, unicode: true };
const wide = report([
  suite("漢字かな交じりの評価スイート名", 0.7),
  suite("🫠👩‍👩‍👧🪿 emoji ☺", 0.6, { shortcuts: [{ name: "最長の答え🫠を選ぶ", accuracy: estimate(0.61, 0.1) }] }),
  suite("한국어", 0.55),
]);
wide.model.notice = "これは道具を試すためのモデルです。".repeat(8);

const named: [string, Parameters<typeof renderTerminal>[0]][] = [
  ["example", [example()]],
  ["wide characters", [wide]],
  ["hostile names", [hostileReport()]],
  ["models", [example(), wide, hostileReport()]],
  [
    "nothing judged",
    [report([suite("empty", 0.5, { metrics: { accuracy: estimate(null) }, shortcuts: [], margins: null })])],
  ],
];

/** Columns of the terminal at which the cells of a table line begin, where two spaces separate them. */
function cellStarts(line: string): number[] {
  return [...line.matchAll(/(?:^|(?<= {2}))\S/g)].map(({ index }) => stringWidth(line.slice(0, index)));
}

describe("renderTerminal", () => {
  test.each(named.flatMap(([name, reports]) => [40, 60, 80, 120].map((width) => ({ name, reports, width }))))(
    "$name keeps every line within $width columns",
    ({ reports, width }) => {
      for (const unicode of [true, false]) {
        const text = renderTerminal(reports, { ...plain, width, unicode });
        expect(Math.max(...text.split("\n").map((line) => stringWidth(line)))).toBeLessThanOrEqual(width);
      }
    },
  );

  test("lines up columns under wide characters and new emoji", () => {
    const lines = renderTerminal([wide], plain).split("\n");
    const at = lines.findIndex((line) => line.startsWith("suite"));
    const starts = lines.slice(at + 2, at + 5).map((line) => cellStarts(line).slice(-3));
    expect(starts[1]).toEqual(starts[0]);
    expect(starts[2]).toEqual(starts[0]);
  });

  test("has no escape sequence without colour, not even from ids", () => {
    for (const [, reports] of named)
      expect(renderTerminal(reports, plain)).not.toMatch(
        /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/,
      );
  });

  test("says the same with colour", () => {
    const coloured = renderTerminal([example()], { ...plain, color: true });
    expect(coloured).toContain("\u001b[");
    expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(renderTerminal([example()], plain));
  });

  test("shows pairs, accuracy with interval, shortcut, and ECE with a perfect model's", () => {
    const row = renderTerminal([example()], { ...plain, width: 100 })
      .split("\n")
      .find((line) => line.startsWith("rag-citation"));
    expect(row).toContain("120  63.3% [55.3, 71.3]");
    expect(row).toContain("70.0% most-citations");
    expect(row).toContain(".084 (.058, .096)");
  });

  test("names the columns that a narrow terminal does not show", () => {
    const text = renderTerminal([example()], { ...plain, width: 60 });
    expect(text).toContain("Not shown in 60 columns: best shortcut.");
    expect(text).toContain("63.3% [55.3, 71.3]");
    expect(text).toContain(".084 (.058, .096)");
  });

  test("uses ASCII alone where asked", () => {
    const text = renderTerminal([example()], { ...plain, unicode: false });
    expect(text).toMatch(/^[\u0000-\u007f]*$/);
  });

  test("puts errors before warnings before notes, and counts what it leaves out", () => {
    const lines = renderTerminal([example()], plain).split("\n");
    const marks = lines.filter((line) => /^[✗!·] /.test(line)).map((line) => line.charAt(0));
    expect(marks.join("")).toMatch(/^✗+!+·*$/);
    const total = example().suites.reduce((sum, one) => sum + one.findings.length, 0);
    const left = /and (\d+) more/.exec(lines.join("\n"))?.[1];
    expect(marks.length + Number(left ?? 0)).toBe(total);
  });

  test("carries the model's notice, the place of the files, and an incomplete run", () => {
    const text = renderTerminal([{ ...example(), complete: false }], {
      ...plain,
      files: "Report: reports/tiny/report.md",
    });
    expect(text.replace(/\s+/g, " ")).toContain("tiny is for trying the harness");
    expect(text.endsWith("\nReport: reports/tiny/report.md\n")).toBe(true);
    expect(text).toContain("INCOMPLETE");
  });

  test("compares models in rows, with every suite in a column, whatever the width", () => {
    const other = example();
    other.model.id = "onnx:./checkpoints/with-a-rather-long-name/step-2000";
    const text = renderTerminal([example(), other], { ...plain, width: 60 });
    for (const id of ["mean", "consistency", "rag-citation", "rag-abstain", "safety"]) expect(text).toContain(id);
    expect(text).toContain("step-2000");
    expect(text).toContain("71.7% ±8.0");
  });
});
