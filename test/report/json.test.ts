import { describe, expect, test } from "vitest";
import { RmbenchError } from "../../src/errors.ts";
import { parseReport, renderJson } from "../../src/report/json.ts";
import { example, hostileReport } from "./example.ts";

function failure(text: string): RmbenchError {
  try {
    parseReport(text, "runs/a/report.json");
  } catch (error) {
    if (error instanceof RmbenchError) return error;
    throw error;
  }
  throw new Error("parsed");
}

describe("renderJson", () => {
  test("reads back to the same report", () => {
    const once = parseReport(renderJson(example()), "x");
    expect(parseReport(renderJson(once), "x")).toEqual(once);
    expect(once.suites.map(({ id, counts }) => [id, counts])).toEqual(
      example().suites.map(({ id, counts }) => [id, counts]),
    );
    expect(parseReport(renderJson(hostileReport()), "x").suites[0]?.title).toBe(hostileReport().suites[0]?.title);
  });

  test("writes keys in the order of the schema, whatever the order of the value", () => {
    const { execution, schema, ...rest } = example();
    expect(renderJson({ execution, ...rest, schema })).toBe(renderJson(example()));
    expect(Object.keys(JSON.parse(renderJson({ execution, ...rest, schema })))).toEqual([
      "schema",
      "rmbench",
      "model",
      "replay",
      "settings",
      "complete",
      "suites",
      "overall",
      "provenance",
      "execution",
    ]);
  });

  test("rounds to 12 significant digits, leaves integers, and ends with one line feed", () => {
    const report = example();
    report.overall.accuracy = { value: 1 / 3, n: 1_234_567_890_123_457 };
    const text = renderJson(report);
    expect(text).toContain('"value": 0.333333333333,');
    expect(text).toContain('"n": 1234567890123457');
    expect(text.endsWith("}\n")).toBe(true);
    report.overall.accuracy.value = 1 / 3 + 1e-15;
    expect(renderJson(report)).toBe(text);
  });

  test("refuses NaN, which JSON cannot hold, as a bug", () => {
    const report = example();
    report.overall.accuracy.value = NaN;
    expect(() => renderJson(report)).toThrow(/overall\.accuracy\.value/);
  });
});

describe("parseReport", () => {
  test("explains what is no JSON", () => {
    expect(failure(renderJson(example()).slice(0, 500))).toMatchObject({ code: "data" });
    expect(failure("{").message).toContain("runs/a/report.json is not JSON");
  });

  test("explains another version and another file", () => {
    expect(failure('{"schema": "rmbench/report@99"}').message).toContain('declares schema "rmbench/report@99"');
    expect(failure('{"schema": "rmbench/report@99"}').hint).toContain("version");
    expect(failure("[]").message).toContain("declares no schema");
  });

  test("names where a report is malformed", () => {
    const broken = JSON.parse(renderJson(example()));
    broken.suites[1].metrics.ece.value = "high";
    expect(failure(JSON.stringify(broken)).message).toContain("suites[1].metrics.ece.value");
  });
});
