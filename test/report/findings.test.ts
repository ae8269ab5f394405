import { describe, expect, test } from "vitest";
import { findingsOf } from "../../src/report/findings.ts";
import type { SuiteNumbers } from "../../src/report/headline.ts";
import { counts, estimate, suite } from "./example.ts";

/** A suite in which nothing stands out. */
const calm = suite("calm", 0.75, { metrics: { ...suite("x", 0.75).metrics, ece: estimate(0.05) } });

function codes(changes: Partial<SuiteNumbers>): string[] {
  return findingsOf({ ...calm, ...changes }).map(({ code }) => code);
}

function withMetrics(metrics: SuiteNumbers["metrics"]): Partial<SuiteNumbers> {
  return { metrics: { ...calm.metrics, ...metrics } };
}

describe("findingsOf", () => {
  test("is silent where nothing stands out", () => {
    expect(codes({})).toEqual([]);
  });

  test("below a shortcut, or with an interval that includes it", () => {
    expect(codes({ shortcuts: [{ name: "longest", accuracy: estimate(0.95, 0.1) }] })).toEqual(["below-shortcut"]);
    expect(codes({ shortcuts: [{ name: "longest", accuracy: estimate(0.8, 0.1) }] })).toEqual(["shortcut"]);
    expect(codes({ shortcuts: [{ name: "longest", accuracy: estimate(0.7, 0.1) }] })).toEqual(["shortcut"]);
    expect(codes({ shortcuts: [{ name: "longest", accuracy: estimate(0.6, 0.1) }] })).toEqual([]);
  });

  test("not distinguishable from guessing, and worse than guessing", () => {
    expect(codes(withMetrics({ accuracy: estimate(0.55, 0.06) }))).toContain("chance");
    expect(codes(withMetrics({ accuracy: estimate(0.4, 0.06) }))).toContain("below-chance");
    expect(codes({ ...withMetrics({ accuracy: estimate(0.3, 0.06) }), chance: 0.25 })).toContain("chance");
  });

  test("badly calibrated only beyond what a perfect model shows, with the direction in words", () => {
    const over = findingsOf({ ...calm, ...withMetrics({ ece: estimate(0.12), calibration_slope: estimate(0.6) }) });
    expect(over[0]?.text).toMatch(/^Over-confident: ECE 0\.120, a perfect model stays below 0\.096/);
    const under = findingsOf({ ...calm, ...withMetrics({ ece: estimate(0.12), calibration_slope: estimate(1.6) }) });
    expect(under[0]?.text).toMatch(/^Under-confident/);
    expect(codes(withMetrics({ ece: estimate(0.09) }))).toEqual([]);
    expect(codes(withMetrics({ calibration_slope: estimate(-0.2) }))).toEqual(["inverted-confidence"]);
  });

  test("says nothing about the raw ECE where the headline is the cross-fitted one", () => {
    const calibration = { ...calm.calibration, headline: "ece_cross_fitted" as const };
    expect(codes({ ...withMetrics({ ece: estimate(0.3) }), calibration })).toEqual([]);
    expect(codes({ ...withMetrics({ ece_cross_fitted: estimate(0.3) }), calibration })).toEqual(["badly-calibrated"]);
  });

  test("every kind of lost comparison is an error with its number", () => {
    const lost = findingsOf({
      ...calm,
      counts: counts({ judged: 110, invalid: 1, unparsable: 2, failed: 3, tooLong: 4 }),
    });
    expect(lost.map(({ code, severity }) => `${severity} ${code}`)).toEqual([
      "error invalid",
      "error unparsable",
      "error failed",
      "error too-long",
    ]);
    expect(lost[3]?.text).toContain("4 of 120 comparisons");
  });

  test("truncation, dropped documents, ties, too few pairs", () => {
    expect(codes({ counts: counts({ truncated: 1, droppedDocuments: 2 }) })).toEqual([
      "truncated",
      "dropped-documents",
    ]);
    expect(codes({ counts: counts({ tied: 30 }) })).toEqual(["ties"]);
    expect(codes({ counts: counts({ tied: 1 }) })).toEqual([]);
    expect(codes(withMetrics({ accuracy: estimate(0.75, 0.11) }))).toEqual(["too-few-pairs"]);
  });

  test("one-sided and length-biased only where large and certain", () => {
    expect(codes(withMetrics({ signed_gap: estimate(0.4, 0.1) }))).toEqual(["one-sided"]);
    expect(codes(withMetrics({ signed_gap: estimate(0.4, 0.5) }))).toEqual([]);
    const length = {
      accuracy_chosen_longer: estimate(0.9),
      accuracy_chosen_shorter: estimate(0.5),
      length_gap: estimate(0.4, 0.1),
    };
    const found = findingsOf({ ...calm, ...withMetrics(length) });
    expect(found[0]?.text).toBe(
      "Prefers longer answers: 90.0% right where the chosen one is longer, 50.0% where it is shorter.",
    );
  });

  test("other pairs than pinned, a selection, and an undefined accuracy", () => {
    expect(codes({ pinned: { fingerprint: "ab".repeat(32), state: "differs" } })).toEqual(["fingerprint-differs"]);
    expect(
      codes({ pinned: { fingerprint: "ab".repeat(32), state: "partial" }, counts: counts({ pairs: 60 }) }),
    ).toEqual(["selection"]);
    expect(codes(withMetrics({ accuracy: estimate(null) }))).toEqual(["no-accuracy"]);
  });
});
