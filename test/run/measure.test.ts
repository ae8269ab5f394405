import { describe, expect, test } from "vitest";
import { measureAll } from "../../src/metrics/registry.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { contrast } from "../../src/protocols/contrast.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import type { Protocol } from "../../src/protocols/protocol.ts";
import type { SuiteReport } from "../../src/report/schema.ts";
import { measureOverall, measureSuite } from "../../src/run/measure.ts";
import type { ScoreTable } from "../../src/scores/table.ts";
import { contrastSet } from "../protocols/contrast-set.ts";
import { pair, tableOf, type Answer } from "../protocols/suites.ts";

const options = { level: 0.95, seed: "0", output: "bradley-terry" as const };

function measured(id: string, protocol: Protocol, scores: ScoreTable): SuiteReport {
  const identity = { id, title: id, version: null, licence: null, chance: 0.5, available: scores.rows.n };
  const pinned = { fingerprint: null, state: "none" as const };
  return measureSuite({ ...identity, fingerprint: "00", pinned }, protocol, scores, options);
}

function scored(pairs: readonly PreferencePair[], margins: readonly Answer[]): ScoreTable {
  return tableOf(pairwise, pairs, (_, { row, side }) => (side === "chosen" ? margins[row]! : 0));
}

describe("counts of a group", () => {
  test("are of its own pairs and texts", () => {
    const pairs = ["a", "b", "a", "c"].map((subset, i) => pair(`${i}`, { subset, rejected: ["x", "y"] }));
    const scores = scored(pairs, [1, "failed", Number.NaN, 0]);
    scores.entries.truncated.set([1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1]);
    scores.entries.droppedDocuments.set([0, 2, 0, 0, 0, 5, 0, 0, 0, 0, 0, 1]);
    const report = measured("s", pairwise, scores);
    const counts = Object.fromEntries(report.groups.map((group) => [group.name, group.counts]));
    const none = { tied: 0, invalid: 0, unparsable: 0, failed: 0, unmatched: 0, tooLong: 0 };
    expect(counts).toEqual({
      a: { ...none, pairs: 2, comparisons: 4, judged: 2, invalid: 2, truncated: 1, droppedDocuments: 2 },
      b: { ...none, pairs: 1, comparisons: 2, judged: 0, failed: 2, truncated: 2, droppedDocuments: 5 },
      c: { ...none, pairs: 1, comparisons: 2, judged: 2, tied: 2, truncated: 1, droppedDocuments: 1 },
    });
    expect(report.counts).toMatchObject({ pairs: 4, comparisons: 8, truncated: 4, droppedDocuments: 8 });
    expect(report.groups.map((group) => group.metrics["count_truncated"]?.value)).toEqual([1, 2, 1]);
  });
});

test("the margin histogram says how many ties it leaves out", () => {
  const report = measured(
    "s",
    pairwise,
    scored(
      Array.from({ length: 9 }, (_, i) => pair(`${i}`)),
      [0, 0, 1, 1, 1, 1, 1, -1, 9e9],
    ),
  );
  expect(report.margins).toMatchObject({ ties: 2, clipped: 1 });
  expect(report.margins?.counts.reduce((sum, n) => sum + n, 0)).toBe(7);
});

describe("all suites together", () => {
  const margins = { one: [2, -1, 0.5, 3], two: [-2, 1] };
  // Ids, subsets and clusters of one suite mean nothing in another.
  const pairs = (n: number) =>
    Array.from({ length: n }, (_, i) => pair(`${i}`, { cluster: `c${i >> 1}`, subset: "x" }));
  const tables = new Map([
    ["one", scored(pairs(4), margins.one)],
    ["two", scored(pairs(2), margins.two)],
  ]);
  const suites = [...tables].map(([id, scores]) => measured(id, pairwise, scores));
  const overall = measureOverall(suites, tables, options);

  test("are measured as one suite whose subsets they are", () => {
    const all = [...pairs(4), ...pairs(2)].map((one, i) => ({
      ...one,
      id: `x:${one.id}`,
      subset: i < 4 ? "one" : "two",
      cluster: `${i < 4 ? "one" : "two"}:${one.cluster}`,
    }));
    const scores = scored(all, [...margins.one, ...margins.two]);
    const together = { outcomes: pairwise.judge(scores), rows: scores.rows, scores };
    expect(overall.metrics).toEqual(measureAll(together, { ...options, suite: "", group: "overall" }));
    expect(overall.metrics["accuracy"]).toMatchObject({ n: 6, clusters: 3 });
    expect(overall.metrics["accuracy"]?.value).toBeCloseTo(4 / 6, 12);
    expect(overall.metrics["accuracy_macro"]?.value).toBeCloseTo((3 / 4 + 1 / 2) / 2, 12);
    expect(overall.accuracy.value).toBeCloseTo((3 / 4 + 1 / 2) / 2, 12);
    const nll = [...margins.one, ...margins.two].reduce((sum, d) => sum + Math.log(1 + Math.exp(-d)), 0) / 6;
    expect(overall.metrics["nll"]?.value).toBeCloseTo(nll, 12);
  });

  test("join other protocols without their cells, and a suite without a verdict leaves the mean undefined", () => {
    const set = contrastSet("s");
    const failed = scored(pairs(2), ["failed", "failed"]);
    const mixed = new Map([
      ...tables,
      ["three", tableOf(contrast, set, (_, { side }) => (side === "chosen" ? 1 : 0))] as const,
    ]);
    const reports = [...suites, measured("three", contrast, mixed.get("three")!)];
    const { metrics, accuracy } = measureOverall(reports, mixed, options);
    expect(metrics).not.toHaveProperty("c_res");
    expect(metrics).not.toHaveProperty("signed_gap");
    expect(metrics["accuracy"]).toMatchObject({ n: 6 + set.length });
    expect(accuracy.value).toBeCloseTo((3 / 4 + 1 / 2 + 1) / 3, 12);
    const broken = new Map([...tables, ["four", failed] as const]);
    const lost = measureOverall([...suites, measured("four", pairwise, failed)], broken, options);
    expect([lost.accuracy.value, lost.metrics["accuracy_macro"]?.value]).toEqual([null, null]);
    expect(lost.metrics["accuracy"]?.value).toBeCloseTo(4 / 6, 12);
  });

  test("of one suite are that suite's own numbers", () => {
    const [only] = suites as [SuiteReport];
    expect(measureOverall([only], tables, options)).toEqual({
      accuracy: expect.objectContaining({ value: 3 / 4 }),
      metrics: only.metrics,
    });
  });
});
