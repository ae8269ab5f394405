import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { exampleFolder, makeExample } from "../../recipes/example.ts";
import { parseReport } from "../../src/report/json.ts";
import { renderRunFiles } from "../../src/report/run-files.ts";
import type { Report } from "../../src/report/schema.ts";

const committed = new Map(
  readdirSync(exampleFolder)
    .sort()
    .map((name) => [name, readFileSync(join(exampleFolder, name), "utf8")]),
);
const reportOf = (files: ReadonlyMap<string, string>): Report =>
  parseReport(files.get("report.json") ?? "", "reports/example/report.json");

describe("reports/example is as this version of rmbench makes it (else `npm run example`)", () => {
  let fresh: Map<string, string>;
  beforeAll(() => {
    fresh = makeExample();
  });

  test("has the same files", () => {
    expect([...committed.keys()]).toEqual([...fresh.keys()]);
  });

  test("its page and charts are those of its own report.json, to the byte", async () => {
    const files = await renderRunFiles(reportOf(committed));
    expect(files).toEqual(committed);
  });

  test("its report.json has the same numbers", () => {
    expect(differences(comparable(reportOf(committed)), comparable(reportOf(fresh)))).toEqual([]);
  });

  test("is small, and names no machine's folder", () => {
    const bytes = [...committed.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    expect(bytes).toBeLessThan(300_000);
    expect(reportOf(committed).execution.argv.filter((word) => /[\\/]/.test(word))).toEqual([]);
  });
});

describe("the comparison", () => {
  test.each([
    [1, 2, ["at: 1, now 2"]],
    [0.5, 0.52, ["at: 0.5, now 0.52"]],
    [0.5, 0.5001, []],
    [0.5, null, ["at: 0.5, now null"]],
    [{ a: 1 }, { a: 1, b: 2 }, ["at.b: undefined, now 2"]],
    ["x", "y", ['at: "x", now "y"']],
  ])("of %j with %j", (before, now, found) => {
    expect(differences(before, now, "at")).toEqual(found);
  });
  test("of what is counted takes no tolerance", () => {
    expect(differences({ accuracy: { value: 0.5 } }, { accuracy: { value: 0.501 } })).toHaveLength(1);
  });
});

/** Without what a machine decides; numbers in sentences may round to another last digit. */
function comparable({ execution: _execution, provenance, ...report }: Report): unknown {
  const suites = report.suites.map(({ findings, ...suite }) => ({
    ...suite,
    findings: findings.map((finding) => ({ ...finding, text: finding.text.replace(/\d+(\.\d+)?/g, "#") })),
  }));
  return { ...report, suites, provenance: { packages: provenance.packages } };
}

/** Metrics that count right and wrong: a score that rounds differently does not move them. */
const counted = /\.(accuracy\w*|tie_rate|c_res|c_ins|c_joint|balanced_accuracy|signed_gap)\./;

/**
 * Another CPU rounds float32 sums differently, which moves rewards by parts in a million. Fitted numbers and null
 * distributions of small groups move a thousand times as much (3e-3 at a reward's 1e-5), so they may here.
 */
function differences(before: unknown, now: unknown, path = ""): string[] {
  if (typeof before === "object" && before !== null && typeof now === "object" && now !== null) {
    const [a, b] = [before, now] as Record<string, unknown>[];
    return [...new Set([...Object.keys(a!), ...Object.keys(b!)])].flatMap((key) =>
      differences(a![key], b![key], `${path}.${key}`),
    );
  }
  if (typeof before === "number" && typeof now === "number") {
    const whole = Number.isInteger(before) && Number.isInteger(now);
    const allowed = whole ? 0 : counted.test(`${path}.`) ? 1e-9 : 5e-3 * Math.max(1, Math.abs(before));
    if (Math.abs(before - now) <= allowed) return [];
  } else if (before === now) return [];
  return [`${path}: ${JSON.stringify(before)}, now ${JSON.stringify(now)}`];
}
