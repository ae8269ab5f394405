import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { readScores } from "../../src/scores/arrow.ts";
import { judgeServer, part, words, type Asked, type Said } from "../models/judge/server.ts";
import { temporaryFolder } from "../models/support.ts";
import { runHere } from "./in-process.ts";
import { pair, writeSomePairs } from "./pairs.ts";

/** Rows like RewardBench 2's: one right answer, which says so, among three wrong ones. */
const rows: PreferencePair[] = Array.from({ length: 8 }, (_, i) =>
  pair({
    id: `row-${i}`,
    subset: i % 2 === 0 ? "Math" : "Focus",
    chosen: [`right ${i}`],
    rejected: [`wrong ${i}`, `no ${"x".repeat(i)}`, `nothing ${i}`],
  }),
);

let cwd: string;
beforeEach(async () => {
  cwd = temporaryFolder();
  await writeSomePairs(join(cwd, "four.arrow"), rows);
  const suite = "id: four\ntitle: Four\nversion: 1.0.0\nprotocol: best-of-n\npairs: four.arrow\n";
  writeFileSync(join(cwd, "four.yaml"), suite);
  writeFileSync(join(cwd, "twin.yaml"), suite.replace("id: four", "id: twin"));
  writeFileSync(join(cwd, "rmbench.config.yaml"), "judge:\n  logprobs: false\n");
});

const run = (model: string, ...more: readonly string[]) =>
  runHere(["run", "-m", model, "-s", "four.yaml", ...more], cwd);
const saved = (out: string): Report =>
  reportSchema.parse(JSON.parse(readFileSync(join(cwd, out, "report.json"), "utf8")));
const answersIn = (asked: Asked) => ["a", "b", "c", "d"].map((letter) => part(asked, `answer_${letter}`));
const naming = (asked: Asked, find: (answer: string) => boolean): Said =>
  words(`[[${"ABCD"[answersIn(asked).findIndex(find)]}]]`);
const fair = (asked: Asked): Said => naming(asked, (answer) => answer.startsWith("right"));

describe("a judge that names the best of four", () => {
  it("is asked once for each row, and never again", async () => {
    await using server = await judgeServer(fair);
    const model = `judge:${server.base}#m`;
    const dry = await run(model, "--judge", "ranking", "--dry-run");
    expect(dry.stdout).toContain("four: 8 of 8 pairs, 32 texts (8 distinct, 0 stored)");
    expect(dry.stdout).toContain("8 questions, about");
    const first = await run(model, "--judge", "ranking", "--out", "first");
    expect(first.code, first.stderr).toBe(0);
    expect(server.asked).toHaveLength(8);
    expect(first.stderr).toMatch(/verdicts by place: A \d/);
    const again = await run(model, "--judge", "ranking", "--out", "again", "--limit", "4");
    expect(again.code, again.stderr).toBe(0);
    expect(server.asked).toHaveLength(8);
    expect(saved("again").suites[0]!.counts).toMatchObject({ pairs: 4, comparisons: 4 });

    const [suite] = saved("first").suites;
    expect(suite).toMatchObject({ protocol: "best-of-n", chance: 0.25 });
    expect(suite!.counts).toMatchObject({ pairs: 8, comparisons: 8, judged: 8, tied: 0 });
    expect(suite!.metrics["accuracy"]!.value).toBe(1);
    expect(suite!.metrics["auroc"]).toMatchObject({ value: null, undefinedBecause: "no-rewards" });

    const both = await run(model, "-s", "twin.yaml", "--judge", "ranking", "--out", "both");
    expect(both.code, both.stderr).toBe(0);
    expect(server.asked).toHaveLength(8);
    const { metrics } = saved("both").overall;
    expect(metrics["count_comparisons"]!.value).toBe(16);
    expect(metrics["auroc"]).toMatchObject({ value: null, undefinedBecause: "no-rewards" });
  });

  it("has a score for each response, beside its length and the shortcuts, which replays to the same numbers", async () => {
    await using server = await judgeServer((asked) => words(answersIn(asked)[0]!.startsWith("no") ? "none" : "[[A]]"));
    const live = await run(`judge:${server.base}#m`, "--judge", "ranking", "--out", "live", "--max-errors", "8");
    expect(live.code, live.stderr).toBe(0);
    const { tables } = await readScores(join(cwd, "live/scores.arrow"));
    const { kind, entries } = tables.get("four")!;
    expect([kind, entries.n, entries.vector]).toEqual(["listwise", 32, null]);
    const texts = rows.flatMap(({ chosen, rejected }) => [...chosen, ...rejected].map(String));
    expect([...entries.length]).toEqual(texts.map(({ length }) => length));
    expect([...entries.shortcuts["longest"]!]).toEqual(texts.map(({ length }) => length));

    const first = server.asked.map((asked) => answersIn(asked)[0]!);
    const [suite] = saved("live").suites;
    const { judged, unparsable } = suite!.counts;
    expect(judged).toBe(first.filter((answer) => !answer.startsWith("no")).length);
    expect(unparsable).toBe(8 - judged);
    expect(judged).toBeGreaterThan(0);
    const right = first.filter((answer) => answer.startsWith("right")).length;
    expect(suite!.metrics["accuracy"]!.value).toBeCloseTo(right / judged, 12);
    // `nothing …` and `no xxx…` are longer than every right answer.
    expect(suite!.shortcuts.find(({ name }) => name === "longest")!.accuracy.value).toBe(0);

    const replayed = await run("scores:live/scores.arrow", "--out", "replayed", "--max-errors", "8");
    expect(replayed.code, replayed.stderr).toBe(0);
    const [other] = saved("replayed").suites;
    expect(other!.counts).toEqual(suite!.counts);
    expect(other!.metrics["accuracy"]).toEqual(suite!.metrics["accuracy"]);
    expect(other!.shortcuts).toEqual(suite!.shortcuts);

    expect(readFileSync(join(cwd, "live/report.md"), "utf8")).toContain("chance 25.0%");
  });

  it("is not asked on suites that compare, nor one that compares on this one, with what to choose instead", async () => {
    const found = await run("judge:http://localhost:1#m", "--judge", "pairwise");
    expect(found.code).toBe(2);
    expect(found.stderr).toContain(
      "the protocol best-of-n asks pointwise or listwise questions, and the model answers only pairwise ones",
    );
    expect(found.stderr).toContain("listwise ones by --judge ranking");
    const other = await runHere(["run", "-m", "judge:http://localhost:1#m", "-s", "safety", "--judge", "ranking"], cwd);
    expect(other.code).toBe(2);
    expect(other.stderr).toContain("the model answers only listwise ones");
  });
});

it("shares the credit of k equal ratings, and says how many there are", async () => {
  // Row 0 to 3: right alone; 4 and 5: two at the top; 6 and 7: all four.
  const rate = (answer: string) => {
    const i = Number(/\d+$/.exec(answer)?.[0] ?? answer.length - 3);
    return answer.startsWith("right") || i > 5 || (i > 3 && answer.startsWith("wrong")) ? 9 : 4;
  };
  await using server = await judgeServer((asked) => words(`[[${rate(part(asked, "answer"))}]]`));
  const { code, stdout, stderr } = await run(`judge:${server.base}#m`, "--judge", "rating", "--out", "rated");
  expect(code, stderr).toBe(0);
  expect(server.asked).toHaveLength(32);
  const [suite] = saved("rated").suites;
  expect(suite!.metrics["accuracy"]!.value).toBe((4 + 2 / 2 + 2 / 4) / 8);
  expect(suite!.metrics["accuracy_strict"]!.value).toBe(0.5);
  expect(suite!.metrics["tie_rate"]!.value).toBe(0.5);
  const replayed = await run("scores:rated/scores.arrow", "--compat", "rewardbench", "--out", "replayed");
  expect(replayed.code, replayed.stderr).toBe(0);
  expect(saved("replayed").suites[0]!.metrics["accuracy"]!.value).toBe((4 + 2 / 2 + 2 / 4) / 8);
  expect(stdout + stderr).toContain("4 of 8 comparisons are ties (50.0%), whose credit the tied responses share.");
});

it("asks a worker about all candidates at once, and takes one value for each or none", async () => {
  const worker = (vector: string) => `
    const say = (m) => console.log(JSON.stringify(m));
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const m = JSON.parse(line);
      if (m.type === "hello") say({ type: "ready", version: 1, name: "w", asks: ["listwise"] });
      if (m.type === "score") say({ type: "scores", id: m.id, scores: m.items.map(({ candidates: of }) => ({ value: null, vector: ${vector} })) });
      if (m.type === "shutdown") process.exit(0);
    });`;
  writeFileSync(join(cwd, "good.cjs"), worker(`of.map((one) => one.response.startsWith("right") ? 3 : -1)`));
  writeFileSync(join(cwd, "short.cjs"), worker(`of.slice(1).map(() => 1)`));
  const good = await run(`process:'${process.execPath}' good.cjs`, "--out", "good");
  expect(good.code, good.stderr).toBe(0);
  expect(saved("good").suites[0]!.metrics["accuracy"]!.value).toBe(1);
  expect(saved("good").suites[0]!.metrics["margin_mean"]!.value).toBe(4);
  const short = await run(`process:'${process.execPath}' short.cjs`);
  expect(short.code).toBe(3);
  expect(short.stderr).toContain("the model gave 3 values (vector) for 4 candidates");
});

describe("reference answers", () => {
  const byReference = (asked: Asked): Said => naming(asked, (answer) => answer === part(asked, "reference"));
  const settings = (tag: string) =>
    writeFileSync(join(cwd, "rmbench.config.yaml"), `judge:\n  logprobs: false\n  referenceTag: ${tag}\n`);

  it("come from a tag of the pairs, to the judge that asks for them and to nobody else", async () => {
    await writeSomePairs(
      join(cwd, "four.arrow"),
      rows.map((row, i) => ({ ...row, tags: { gold: i < 6 ? `right ${i}` : `wrong ${i}` } })),
    );
    settings("gold");
    await using server = await judgeServer(byReference);
    const found = await run(`judge:${server.base}#m`, "--judge", "ranking", "--out", "by-reference");
    expect(found.code, found.stderr).toBe(0);
    expect(saved("by-reference").suites[0]!.metrics["accuracy"]!.value).toBe(6 / 8);

    writeFileSync(join(cwd, "rmbench.config.yaml"), "judge:\n  logprobs: false\n");
    await using plain = await judgeServer(fair);
    expect((await run(`judge:${plain.base}#m`, "--judge", "ranking")).code).toBe(0);
    expect(JSON.stringify(plain.asked.map(({ body }) => body))).not.toContain("reference");
  });

  it("that are missing end the run before anything is asked, with the tags that there are", async () => {
    settings("gold");
    await using server = await judgeServer(byReference);
    const { code, stderr } = await run(`judge:${server.base}#m`, "--judge", "ranking");
    expect([code, server.asked.length], stderr).toEqual([2, 0]);
    expect(stderr).toContain("four: Math/row-0 has no reference answer: its tag gold is missing or empty");
    expect(stderr).toContain("this pair has no tags");
  });
});
