/** Combinations as a user runs them, against numbers computed anew from their members' own score tables. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { readScores } from "../../src/scores/arrow.ts";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

let folder: string;
const suites = ["-s", "some.arrow", "-s", "more.arrow"];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-combine-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(30));
  await writeSomePairs(join(folder, "more.arrow"), somePairs(41).slice(30));
  for (const [model, out] of [
    ["tiny", "tiny"],
    ["shortcut:longest", "longest"],
  ] as const) {
    const { code, stderr } = await here("run", "-m", model, ...suites, "--out", out);
    if (code !== 0) throw new Error(stderr);
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const here = (...argv: string[]) => runHere(argv, folder);
const report = (run: string): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(folder, run, "report.json"), "utf8")));
/** The rewards of a run, suite by suite. */
async function rewards(run: string): Promise<number[][]> {
  const { tables } = await readScores(join(folder, run, "scores.arrow"));
  return [...tables.values()].map(({ entries }) => [...entries.value]);
}

function zScores(suitesOf: number[][]): number[][] {
  const all = suitesOf.flat();
  const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
  const std = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length);
  return suitesOf.map((suite) => suite.map((x) => (x - mean) / std));
}

describe("rmbench run -m 'ensemble:mean(tiny, shortcut:longest)'", () => {
  it("is the mean of its members' z-scores over all suites, and scores nothing that they have stored", async () => {
    const { code, stdout, stderr } = await here(
      "run",
      "-m",
      "ensemble:mean(tiny, shortcut:longest)",
      ...suites,
      "--out",
      "mean",
    );
    expect(code, stderr).toBe(0);
    const [tiny, longest] = [zScores(await rewards("tiny")), zScores(await rewards("longest"))];
    const got = await rewards("mean");
    expect(got.map((suite) => suite.length)).toEqual(tiny.map((suite) => suite.length));
    got.forEach((suite, s) => suite.forEach((x, i) => expect(x).toBeCloseTo((tiny[s]![i]! + longest[s]![i]!) / 2, 9)));
    // The pairs of some.arrow have one chosen and one rejected response, in turn.
    const margins = got[0]!.flatMap((x, i) => (i % 2 === 0 ? [x - got[0]![i + 1]!] : []));
    const credit = margins.map((d) => (d === 0 ? 0.5 : Number(d > 0)));
    const saved = report("mean");
    expect(saved.suites[0]!.metrics["accuracy"]!.value).toBeCloseTo(credit.reduce((sum, c) => sum + c, 0) / 30, 12);
    expect(saved.execution.store.scored).toBe(0);
    expect(saved.suites[1]!.metrics["attribute_member_1_accuracy"]).toEqual(
      report("tiny").suites[1]!.metrics["accuracy"],
    );
    expect(stdout).toContain("Deviations tell errors");
    expect(saved.model).toMatchObject({
      id: "ensemble:mean(tiny, shortcut:longest)",
      output: "other",
      replayed: false,
    });
    expect(saved.model.members).toEqual(
      ["tiny", "longest"].map((run) => ({ id: report(run).model.id, identity: report(run).model.identity })),
    );
    expect(saved.model.notice).toBe(report("tiny").model.notice);
  });

  it("has the identity of its rule and of its members, and the same report from files of their scores", async () => {
    const identity = (run: string) => report(run).model.identity;
    await here("run", "-m", "ensemble:mean,raw(tiny, shortcut:longest)", ...suites, "--out", "raw");
    expect(identity("raw")).toMatchObject({
      combination: "ensemble",
      rule: "mean",
      rewards: "raw",
      "member 1": identity("mean")["member 1"],
    });
    expect(identity("raw")["rewards"]).not.toBe(identity("mean")["rewards"]);
    const files = "ensemble:mean(scores:tiny/scores.arrow, scores:longest/scores.arrow)";
    const { code, stderr } = await here("run", "-m", files, ...suites, "--out", "files");
    expect(code, stderr).toBe(0);
    expect(await rewards("files")).toEqual(await rewards("mean"));
    expect(report("files").suites.map(({ metrics }) => metrics)).toEqual(
      report("mean").suites.map(({ metrics }) => metrics),
    );
    expect(report("files").model.replayed).toBe(true);
    expect(report("files").replay).toMatchObject({ matched: 2 * (60 + 22), unmatched: 0 });
    expect(identity("files")["member 1"]).not.toBe(identity("mean")["member 1"]);
  });

  it("renders the same report again from its folder", async () => {
    const { code, stdout } = await here("report", "mean");
    expect(code).toBe(0);
    expect(stdout).toContain("ensemble:mean(tiny, shortcut:longest)");
    const page = readFileSync(join(folder, "mean/report.md"), "utf8");
    expect(page).toContain("`disagreement_auroc`");
    expect(page).toContain("| member 2 | `shortcut:longest` |");
  });
});

describe("wrappers around what a model says beside its reward", () => {
  const objectives = (i: number, s: number) => ({ helpful: ((i * 7 + s) % 11) / 3, short: s === 0 ? i % 4 : 1.5 });
  const run = async (spec: string, out: string): Promise<number[]> => {
    const { code, stderr } = await here("run", "-m", spec, "-s", "some.arrow", "--out", out);
    expect(code, stderr).toBe(0);
    return (await rewards(out))[0]!;
  };
  const each = (of: (i: number, s: number) => number): number[] =>
    Array.from({ length: 60 }, (_, e) => of(e >> 1, e % 2));
  beforeAll(() => {
    const lines = somePairs(30).flatMap(({ id, chosen, rejected }, i) =>
      (
        [
          ["chosen", chosen],
          ["rejected", rejected],
        ] as const
      ).map(([side, responses], s) => {
        const { helpful, short } = objectives(i, s);
        const beside = { std: 0.5 + s, vector: [0.5, helpful], "attribute.helpful": helpful, "attribute.short": short };
        return { id, side, reward: String(responses[0]).length, ...beside };
      }),
    );
    writeFileSync(join(folder, "rich.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
  });

  it("attribute, weighted, steps and length-penalty are what their formulas say", async () => {
    expect(await run("attribute:helpful(scores:rich.jsonl)", "attribute")).toEqual(
      each((i, s) => objectives(i, s).helpful),
    );
    expect(await run("weighted:helpful=2,short=-1(scores:rich.jsonl)", "weighted")).toEqual(
      each((i, s) => 2 * objectives(i, s).helpful - objectives(i, s).short),
    );
    expect(await run("steps:min(scores:rich.jsonl)", "steps")).toEqual(
      each((i, s) => Math.min(0.5, objectives(i, s).helpful)),
    );
    expect(new Set(await run("length-penalty:1(scores:rich.jsonl)", "penalised"))).toEqual(new Set([0]));
  });

  it("reports each objective, and the deviations", async () => {
    await run("scores:rich.jsonl", "rich");
    const { metrics } = report("rich").suites[0]!;
    expect(metrics["attribute_helpful_accuracy"]).toEqual(report("attribute").suites[0]!.metrics["accuracy"]);
    expect(metrics).toMatchObject({ confident_true: { n: 30 }, attribute_short_length_spearman: { n: 60 } });
  });

  it("judges by mean and variance, nested in whatever", async () => {
    const reward = (await rewards("rich"))[0]!;
    const logOdds = await run("mean-variance(scores:rich.jsonl)", "judged");
    const margin = (i: number): number =>
      (Math.sqrt(2 * Math.PI) * (reward[2 * i]! - reward[2 * i + 1]!)) / Math.hypot(0.5, 1.5);
    logOdds.forEach((x, e) => expect(x).toBeCloseTo(e % 2 === 0 ? margin(e >> 1) : -margin(e >> 1), 12));
    await run("mean-variance(ensemble:mean(tiny, lowess(scores:rich.jsonl)))", "nested");
    const { tables } = await readScores(join(folder, "nested/scores.arrow"));
    expect(tables.get("some")!.kind).toBe("pairwise");
    expect(report("nested").suites[0]!.metrics["order_consistency"]!.value).toBe(1);
  });

  it("name the attributes that there are where one is missing", async () => {
    const { code, stderr } = await here(
      "run",
      "-m",
      "attribute:helpfull(scores:rich.jsonl)",
      "-s",
      "some.arrow",
      "--out",
      "never",
    );
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/no attribute "helpfull"[\s\S]*did you mean helpful\? it gives helpful, short/),
    ]);
  });
});

describe("what cannot be combined ends before anything is scored", () => {
  it.each([
    ["ensemble:mean(tiny)", /takes two or more models, not the 1/],
    ["lowess(tiny, tiny)", /takes one model, not the 2/],
    ["ensemble:meen(tiny, tiny)", /did you mean ensemble:mean\?/],
    ["ensembel:mean(tiny, tiny)", /did you mean `ensemble:mean\(tiny, tiny\)`/],
    ["ensemble:mean(tiny, onx:./b)", /did you mean `onnx:\.\/b`/],
    ["ensemble:mean(tiny, scores:missing.arrow)", /missing\.arrow/],
    ["ensemble:lsc(tiny, ./pairwise.mjs)", /takes pointwise scores, and .*pairwise\.mjs answers pairwise questions/],
  ])("%s", async (spec, said) => {
    writeFileSync(
      join(folder, "pairwise.mjs"),
      `export default { name: "p", asks: ["pairwise"], compare: (pairs) => pairs.map(() => 1) };`,
    );
    const { code, stderr } = await here("run", "-m", spec, "-s", "some.arrow", "--out", "never");
    expect([code, stderr]).toEqual([2, expect.stringMatching(said)]);
  });

  it("shards of what depends on the whole run", async () => {
    const shard = ["-s", "some.arrow", "--shard", "1/2"];
    const { code, stderr } = await here(
      "run",
      "-m",
      "ensemble:mean(tiny, shortcut:longest)",
      ...shard,
      "--out",
      "never",
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("cannot be run in shards")]);
    expect((await here("run", "-m", "length-penalty:0.1(shortcut:longest)", ...shard, "--out", "a-shard")).code).toBe(
      0,
    );
  });

  it("rmbench doctor needs one model", async () => {
    const { code, stderr } = await here("doctor", "ensemble:mean(tiny, shortcut:longest)");
    expect([code, stderr]).toEqual([2, expect.stringContaining("needs one model")]);
  });
});

describe("what is said of combinations", () => {
  it("rmbench list models shows each", async () => {
    const { stdout } = await here("list", "models");
    for (const name of ["ensemble:<rule>", "attribute:<name>", "lowess[", "mean-variance("])
      expect(stdout).toContain(name);
  });

  it("--dry-run adds its members up", async () => {
    const plan = async (model: string) => {
      const { code, stdout, stderr } = await here("run", "--dry-run", "--json", "-m", model, "-s", "some.arrow");
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as { suites: Record<string, number>[] }[])[0]!.suites[0]!;
    };
    const both = await plan("ensemble:mean(tiny, lowess(shortcut:random))");
    const [tiny, random] = [await plan("tiny"), await plan("shortcut:random")];
    expect(both).toMatchObject({
      pairs: 30,
      available: 30,
      questions: 120,
      stored: tiny["stored"]!,
      batches: tiny["batches"]! + random["batches"]!,
    });
    const mixed = await plan("ensemble:mean(tiny, scores:longest/scores.arrow)");
    expect(mixed).toMatchObject({ questions: 120, distinct: tiny["distinct"]!, matched: 60 });
  });
});

it("a glob inside of the parentheses names the members", async () => {
  const { expandModels } = await import("../../src/run/expand.ts");
  for (const step of ["step-200", "step-1000"]) mkdirSync(join(folder, "checkpoints", step), { recursive: true });
  expect(await expandModels(["ensemble:min(onnx:checkpoints/*, tiny)"], folder)).toEqual([
    "ensemble:min(onnx:checkpoints/step-200, onnx:checkpoints/step-1000, tiny)",
  ]);
});
