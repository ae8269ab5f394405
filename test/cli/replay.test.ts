import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { runHere } from "./in-process.ts";
import { pair, somePairs, writeSomePairs } from "./pairs.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-replay-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(60));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const saved = (run: string): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(folder, run, "report.json"), "utf8")));
const replay = (scores: string, out: string, ...more: string[]) =>
  runHere(["run", "--model", `scores:${scores}`, "--suite", "some.arrow", "--out", out, ...more], folder);
const jsonl = (file: string, lines: readonly object[]) =>
  writeFileSync(join(folder, file), lines.map((line) => JSON.stringify(line)).join("\n"));

describe("rmbench run --model scores:<file>", () => {
  it("gives the same numbers and counts as the run that the scores are from, in any of their formats", async () => {
    writeFileSync(
      join(folder, "odd-rm.mjs"),
      `export default { name: "odd-rm", asks: ["pointwise"], score: (all) => all.map(({ response: r }) => {
        if (r.startsWith("Answer 3:")) throw new Error("no");
        return r.startsWith("Answer 5:") ? NaN : r.length;
      }) };`,
    );
    const live = ["run", "--model", "./odd-rm.mjs", "--suite", "some.arrow", "--max-errors", "2", "--out", "live"];
    const { code: scored, stderr: said } = await runHere(live, folder);
    expect(scored, said).toBe(0);
    await runHere(["report", "live", "-o", "live.scores.jsonl", "-o", "live.scores.csv"], folder);
    const numbers = (run: string) =>
      saved(run).suites.map(({ counts, metrics: { accuracy, margin_mean, auroc } }) => ({
        counts,
        accuracy,
        margin_mean,
        auroc,
      }));
    expect(saved("live").suites[0]!.counts).toMatchObject({ failed: 1, invalid: 1, unmatched: 0 });
    for (const [i, file] of ["live.scores.jsonl", "live.scores.csv", "live/scores.arrow"].entries()) {
      const { code, stderr } = await replay(file, `replay-${i}`, "--max-errors", "2");
      expect(code, stderr).toBe(0);
      expect(numbers(`replay-${i}`)).toEqual(numbers("live"));
      expect(saved(`replay-${i}`).replay).toEqual({ scores: 120, matched: 120, unmatched: 0 });
    }
  });

  it("takes over which texts were truncated, too long or unparsable", async () => {
    const lines = somePairs(60).flatMap(({ id }, i) =>
      ["chosen", "rejected"].map((side) => ({
        id,
        side,
        reward: side === "chosen" && i < 2 ? null : i,
        status: side === "chosen" && i < 2 ? (["too-long", "unparsable"] as const)[i] : "ok",
        tokens: 100 + i,
        truncated: i === 7,
        dropped_documents: i === 8 ? 3 : 0,
      })),
    );
    jsonl("statuses.jsonl", lines);
    const { code, stderr } = await replay("statuses.jsonl", "statuses", "--max-errors", "2");
    expect(code, stderr).toBe(0);
    expect(saved("statuses").suites[0]!.counts).toMatchObject({
      judged: 58,
      tooLong: 1,
      unparsable: 1,
      truncated: 2,
      droppedDocuments: 6,
    });
    await runHere(["report", "statuses", "-o", "again.scores.jsonl"], folder);
    const written = readFileSync(join(folder, "again.scores.jsonl"), "utf8").trim().split("\n");
    expect(written.map((line) => (JSON.parse(line) as { tokens: number }).tokens)).toEqual(
      lines.map(({ tokens }) => tokens),
    );
  });

  it("joins keys that its own CSV guards against spreadsheets", async () => {
    const hostile = ["=1+1", "'=1+1", "-a", "@b", "'plain"].map((id) => pair({ id, subset: `+${id}` }));
    await writeSomePairs(join(folder, "formulas.arrow"), hostile);
    const suite = ["--suite", "formulas.arrow"];
    await runHere(["run", "--model", "shortcut:longest", ...suite, "--out", "formulas"], folder);
    await runHere(["report", "formulas", "-o", "formulas.scores.csv"], folder);
    const { code, stderr } = await runHere(
      ["run", "--model", "scores:formulas.scores.csv", ...suite, "--out", "guarded"],
      folder,
    );
    expect(code, stderr).toBe(0);
    expect(saved("guarded").replay).toEqual({ scores: 10, matched: 10, unmatched: 0 });
  });

  it("says which texts have no score, and allows a share of them where told", async () => {
    const lines = somePairs(60).flatMap(({ id }, i) => (i === 7 ? [] : [{ id, chosen_score: i, rejected_score: 1 }]));
    jsonl("partial.jsonl", lines);
    const refused = await replay("partial.jsonl", "partial");
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/2 of 120 texts have no score.*pair-7/s)]);
    const allowed = await replay("partial.jsonl", "partial", "--max-unmatched", "0.05");
    expect(allowed.code, allowed.stderr).toBe(0);
    expect(saved("partial").suites[0]!.counts).toMatchObject({ judged: 59, unmatched: 1, failed: 0 });
  });

  it("does not let texts without a score pay for comparisons that failed", async () => {
    const lines = somePairs(60).flatMap(({ id }, i) =>
      i === 7 ? [] : [{ id, chosen_score: i === 9 ? "NaN" : i, rejected_score: 1 }],
    );
    jsonl("both.jsonl", lines);
    const both = ["--max-unmatched", "0.05"];
    const refused = await replay("both.jsonl", "both", ...both);
    expect([refused.code, refused.stderr]).toEqual([3, expect.stringContaining("more comparisons")]);
    expect(saved("both")).toMatchObject({ complete: false, suites: [{ counts: { invalid: 1, unmatched: 1 } }] });
    expect((await replay("both.jsonl", "both", ...both, "--max-errors", "1")).code).toBe(0);
  });

  it("joins its shards to the report of the whole", async () => {
    const lines = somePairs(60).flatMap(({ id }, i) => (i === 7 ? [] : [{ id, chosen_score: i, rejected_score: 1 }]));
    jsonl("shards.jsonl", lines);
    const allowed = ["--max-unmatched", "0.2"];
    await replay("shards.jsonl", "whole", ...allowed);
    for (const part of ["1", "2", "3"]) {
      const { code, stderr } = await replay("shards.jsonl", `part-${part}`, ...allowed, "--shard", `${part}/3`);
      expect(code, stderr).toBe(0);
    }
    const merged = await runHere(["merge", "part-1", "part-2", "part-3", "--out", "joined"], folder);
    expect(merged.code, merged.stderr).toBe(0);
    const { execution: _whole, ...whole } = saved("whole");
    const { execution: _joined, ...joined } = saved("joined");
    expect(joined).toEqual(whole);
    expect(joined.replay).toEqual({ scores: 118, matched: 118, unmatched: 2 });
  });

  it("is counted by --dry-run", async () => {
    const lines = somePairs(60).flatMap(({ id }, i) => (i === 7 ? [] : [{ id, chosen_score: i, rejected_score: 1 }]));
    jsonl("dry.jsonl", lines);
    const { code, stdout, stderr } = await replay("dry.jsonl", "dry", "--dry-run", "--json");
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { suites: [{ suite: "some", pairs: 60, questions: 120, matched: 118, unmatched: 2 }] },
    ]);
    expect((await replay("dry.jsonl", "dry", "--dry-run")).stdout).toContain("118 with a score, 2 without");
  });
});
