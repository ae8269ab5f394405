import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { encodeScores } from "../../src/scores/arrow.ts";
import { tableOf } from "../protocols/suites.ts";
import { runHere } from "./in-process.ts";
import { pair, somePairs, writeSomePairs } from "./pairs.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-audit-"));
afterAll(() => rmSync(folder, { recursive: true }));

const formula = "=cmd|' /C calc'!A0";
const escape = "p\u001b[31m-red";
/** Of 20 pairs, the models agree against the label of the fourth, and the sixth is a toss-up. */
const pairs = [...somePairs(18), pair({ id: formula, subset: "odd" }), pair({ id: escape, subset: "odd" })];
const marginOf = (model: number, i: number) => (i === 3 ? -2 - model / 10 : i === 5 ? (model % 2 ? 0.3 : -0.2) : 1 + i);
const json = <T>(text: string) => JSON.parse(text) as T;

beforeAll(async () => {
  await writeSomePairs(join(folder, "some.arrow"), pairs);
  for (const model of [0, 1, 2, 3]) {
    const lines = pairs.map(({ id }, i) => ({
      id,
      chosen_score: marginOf(model, i) * 10 ** model,
      rejected_score: 0,
    }));
    writeFileSync(join(folder, `m${model}.jsonl`), lines.map((line) => JSON.stringify(line)).join("\n"));
    const run = ["run", "-m", `scores:m${model}.jsonl`, "-s", "some.arrow", "-o", `run${model}`, "--progress", "none"];
    const { code, stderr } = await runHere(run, folder);
    if (code !== 0) throw new Error(stderr);
  }
});

const audit = (...args: string[]) => runHere(["audit", ...args], folder);
const all = ["run0", "run1", "run2", "run3/scores.arrow"];

describe("rmbench audit", () => {
  it("puts the pair that the models vote down first, in numbers that no loud model decides", async () => {
    const { code, stdout, stderr } = await audit(...all, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { suites, models, normalised } = json<{
      normalised: boolean;
      models: Record<string, string[]>;
      suites: {
        suite: string;
        pairs: { id: string; mu: number; label: string; suggestion: string; against: number }[];
      }[];
    }>(stdout);
    expect({ models, normalised }).toEqual({
      models: { some: ["scores:m0.jsonl", "scores:m1.jsonl", "scores:m2.jsonl", "run3/scores.arrow"] },
      normalised: true,
    });
    expect(suites[0]!.pairs[0]).toMatchObject({ id: "pair-3", label: "incorrect", suggestion: "flip", against: 4 });
    // By hand: the deviation of each model's margins, then the mean of −(2 + m/10) / deviation.
    const strength = [0, 1, 2, 3].map((model) => {
      const margins = pairs.map((_, i) => marginOf(model, i));
      const mean = margins.reduce((sum, margin) => sum + margin, 0) / margins.length;
      const deviation = Math.sqrt(margins.reduce((sum, d) => sum + (d - mean) ** 2, 0) / (margins.length - 1));
      return marginOf(model, 3) / deviation;
    });
    expect(suites[0]!.pairs[0]!.mu).toBeCloseTo(strength.reduce((sum, d) => sum + d, 0) / 4, 10);
  });

  it("shows keys without their escapes, and how many pairs it does not show", async () => {
    const { stdout } = await audit(...all, "-n", "20");
    expect(stdout).toContain("p\\u{1b}[31m-red");
    expect(stdout).not.toContain("\u001b");
    expect((await audit(...all, "-n", "1")).stdout).toContain("19 pairs are not shown");
  });

  it("writes a sheet that no spreadsheet runs and an Arrow file of flags, and leaves the pairs as they are", async () => {
    const before = readFileSync(join(folder, "some.arrow"));
    const { code, stdout } = await audit(...all, "-o", "review.csv", "--flags", "flags.arrow");
    expect(code).toBe(0);
    expect(stdout).toContain(join(folder, "flags.arrow"));
    const sheet = parse(readFileSync(join(folder, "review.csv")), { columns: true }) as Record<string, string>[];
    expect(sheet).toHaveLength(20);
    expect(sheet[0]).toMatchObject({ suite: "some", id: "pair-3", label: "incorrect", decision: "", against: "4" });
    expect(sheet.map(({ id }) => id)).toContain(`'${formula}`);
    const flags = tableFromIPC(readFileSync(join(folder, "flags.arrow")));
    expect(flags.schema.fields.map(({ name }) => name)).toEqual([
      ...["suite", "subset", "id", "mu", "sigma", "label", "suggestion"],
    ]);
    expect({ ...flags.get(0)!.toJSON() }).toMatchObject({ suite: "some", id: "pair-3", suggestion: "flip" });
    expect(flags.get(0)!.toJSON()["mu"]).toBe(Number(sheet[0]!["mu"]));
    expect(readFileSync(join(folder, "some.arrow")).equals(before)).toBe(true);
    // Again: its own files are replaced, a stranger's is not.
    expect((await audit(...all, "-o", "review.csv", "--flags", "flags.arrow")).code).toBe(0);
    writeFileSync(join(folder, "mine.csv"), "a,b\n");
    expect(await audit(...all, "-o", "mine.csv")).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not replaced/),
    });
    expect(await audit(...all, "--flags", "some.arrow")).toMatchObject({ code: 2 });
  });

  it.each([
    [["run0", "nowhere"], /there is no run at nowhere/],
    [["run0", "run0"], /at least two distinct models: all 2 runs are of one model/],
    [["run0", "some.arrow"], /is no score table of rmbench/],
    [["run0", "run1", "-o", "review.txt"], /review.txt is no .csv file/],
    [["run0", "run1", "--strong-share", "3"], /must be a share/],
  ])("refuses %j with one clear error", async (args, message) => {
    const { code, stdout, stderr } = await audit(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr.match(/^rmbench: /gm)!.length).toBeLessThanOrEqual(2);
  });

  it("warns of fewer than four models", async () => {
    expect((await audit("run0", "run1")).stderr).toMatch(/some: 2 models vote; at least 4 are advisable/);
  });
});

describe("rmbench audit agreement", () => {
  it("counts a judge's ratings against its rankings", async () => {
    const asked = pairs.slice(0, 4);
    const ratings = tableOf(pairwise, asked, (_, { row, side }) => (side === "chosen" ? [3, 2, 1, 2][row]! : 2));
    const rankings = tableOf(pairwise, asked, (_, { order }) => (order === 0 ? 1 : -1), "pairwise");
    for (const [name, table] of Object.entries({ ratings, rankings })) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of encodeScores(new Map([["some", table]]), name)) chunks.push(chunk);
      writeFileSync(join(folder, `${name}.arrow`), Buffer.concat(chunks));
    }
    const { code, stdout } = await audit("agreement", "ratings.arrow", "rankings.arrow", "--json");
    expect(code).toBe(0);
    const { suites } = json<{ suites: object[] }>(stdout);
    expect(suites[0]).toMatchObject({
      ...{ suite: "some", n: 4, agreeing: 1, share: 0.25, leftOut: 0 },
      confusion: [
        [1, 0, 0],
        [2, 0, 0],
        [1, 0, 0],
      ],
    });
    expect((await audit("agreement", "ratings.arrow", "rankings.arrow")).stdout).toMatch(/some: 25\.0% \[.*\(1 of 4/);
  });

  it("refuses two runs of ratings", async () => {
    const { code, stderr } = await audit("agreement", "run0", "run1");
    expect(code).toBe(2);
    expect(stderr).toMatch(/some: the runs are pointwise and pointwise/);
  });
});

describe("rmbench audit downstream", () => {
  it("correlates accuracy with the user's numbers, and recovers the gap", async () => {
    // Runs of known accuracy: the first k of 20 pairs right.
    for (const [name, right] of Object.entries({ weak: 12, mid: 14, good: 15, top: 18 })) {
      const lines = pairs.map(({ id }, i) =>
        JSON.stringify({ id, chosen_score: i < right ? 1 : -1, rejected_score: 0 }),
      );
      writeFileSync(join(folder, `${name}.jsonl`), lines.join("\n"));
      const run = ["run", "-m", `scores:${name}.jsonl`, "-s", "some.arrow", "-o", name, "--progress", "none"];
      expect((await runHere(run, folder)).code).toBe(0);
    }
    writeFileSync(join(folder, "wins.csv"), "run,value\nweak,0.6\nmid,0.75\ngood,0.7\nscores:top.jsonl,0.9\n");
    const args = [
      "downstream",
      "weak",
      "mid",
      "good",
      "top",
      "--column",
      "wins.csv",
      "--weak",
      "weak",
      "--ceiling",
      "top",
    ];
    const { code, stdout, stderr } = await audit(...args, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = json<{
      points: { accuracy: number }[];
      spearman: { estimate: number; interval: [number, number] };
      gap: { run: string; recovered: number }[];
    }>(stdout);
    expect(report.points.map(({ accuracy }) => accuracy)).toEqual([0.6, 0.7, 0.75, 0.9]);
    expect(report.spearman.estimate).toBeCloseTo(0.8, 12);
    expect(report.gap[0]!.run).toBe("mid");
    expect(report.gap[0]!.recovered).toBeCloseTo(0.5, 12); // fixture d11
    expect((await audit(...args, "--json")).stdout).toBe(stdout);
    expect((await audit(...args, "--seed", "1", "--json")).stdout).not.toBe(stdout);
  });

  it.each([
    ["run,value\nrun0,1\nrun1,2\n", /wins2.csv has no value for run2/],
    ["run,value\nrun0,1\nrun1,x\nrun2,3\n", /row 2: no run and finite value/],
    ["run,value\nrun0,1\nrun0,2\n", /run0 has a value already/],
  ])("refuses values %j", async (text, message) => {
    writeFileSync(join(folder, "wins2.csv"), text);
    const { code, stderr } = await audit("downstream", "run0", "run1", "run2", "--column", "wins2.csv");
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("counts no run twice", async () => {
    writeFileSync(join(folder, "wins3.csv"), "run,value\nrun0,1\nrun1,2\nrun1/,3\n");
    const { code, stderr } = await audit("downstream", "run0", "run1", "run1/", "--column", "wins3.csv");
    expect(code).toBe(2);
    expect(stderr).toContain("run1/ is named twice");
  });
});
