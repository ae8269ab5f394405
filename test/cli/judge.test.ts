import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { judgeServer, part, words, type Asked, type Said } from "../models/judge/server.ts";
import { temporaryFolder } from "../models/support.ts";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

const config = `judge:
  logprobs: false
  maxTokens: 50
  prices:
    m: { input: 10000, output: 20000 }
`;
let cwd: string;
beforeEach(async () => {
  cwd = temporaryFolder();
  await writeSomePairs(join(cwd, "some.arrow"), somePairs(6));
  writeFileSync(join(cwd, "rmbench.config.yaml"), config);
});

const run = (base: string, ...more: readonly string[]) =>
  runHere(["run", "-m", `judge:${base}#m`, "-s", "some.arrow", "--json", ...more], cwd);
interface Told {
  complete: boolean;
  model: { identity: Record<string, string> };
  suites: { counts: Record<string, number>; metrics: { accuracy: { value: number } } }[];
}
const told = (json: string) => JSON.parse(json) as Told;

/** Says that `because` is better than `perhaps`, wherever it stands. */
const fair = (asked: Asked): Said => words(`[[${part(asked, "answer_a").includes("because") ? "A" : "B"}]]`);

it("asks in both orders, so that a judge of places has no opinion", async () => {
  await using judge = await judgeServer(fair);
  const found = await run(judge.base);
  expect(found.code, found.stderr).toBe(0);
  expect(told(found.stdout).suites[0]!.metrics.accuracy.value).toBe(1);
  const shown = judge.asked.map((asked) => [part(asked, "answer_a"), part(asked, "answer_b")].join("|"));
  expect(new Set(shown).size).toBe(12);
  for (const one of shown) expect(shown).toContain(one.split("|").reverse().join("|"));

  await using partial = await judgeServer(() => words("[[A]]"));
  const { suites } = told((await run(partial.base)).stdout);
  expect(suites[0]!.counts).toMatchObject({ comparisons: 6, tied: 6 });
  expect(suites[0]!.metrics.accuracy.value).toBe(0.5);
});

it("is checked by the doctor, who does not measure the speed of what is paid for", async () => {
  await using judge = await judgeServer(fair);
  const found = await runHere(["doctor", `judge:${judge.base}#m`], cwd);
  expect(found.stdout).toContain("no speed: its tokens are paid for");
  expect(judge.asked.length).toBeLessThan(200);
});

describe("cost", () => {
  it("is told before and after, by the prices of the configuration, which the flag's protocol leaves alone", async () => {
    await using judge = await judgeServer(() => words("[[7]]"));
    const dry = await run(judge.base, "--dry-run", "--judge", "rating");
    // 12 texts and 50 tokens of output each; the input is estimated.
    const [, input = "", cost = ""] =
      /12 questions, about (\d+) input and at most 600 output tokens: at most about ([\d.]+) USD/.exec(dry.stdout) ??
      [];
    expect(Number(cost)).toBeCloseTo(Number(input) / 100 + 12, 2);
    expect(judge.asked).toHaveLength(0);

    const found = await run(judge.base, "--judge", "rating");
    expect(found.stderr).toContain(`about ${input} input and at most 600 output tokens: at most about ${cost} USD`);
    // 12 requests of 100 and 10 tokens, as the server counted them.
    expect(found.stderr).toContain("12 requests, 1200 input and 120 output tokens: 14.40 USD");
    const again = await run(judge.base, "--judge", "rating");
    expect(again.stderr).toContain("0 questions, about 0 input and at most 0 output tokens: at most about 0.00 USD");
    expect(judge.asked).toHaveLength(12);
  });

  it("stops at its limit with what was scored kept, and goes on from there", async () => {
    await using judge = await judgeServer(fair);
    const short = await run(judge.base, "--max-cost", "20");
    expect(short.code, short.stderr).toBe(3);
    expect(short.stderr).toMatch(/the next request may cost [\d.]+ USD, and [\d.]+ USD of --max-cost 20 are spent/);
    const spent = /requests, (\d+) input and (\d+) output tokens: ([\d.]+) USD/.exec(short.stderr)!;
    expect(Number(spent[3])).toBeLessThanOrEqual(20);
    expect(Number(spent[3])).toBeCloseTo(Number(spent[1]) / 100 + Number(spent[2]) / 50, 2);
    const before = judge.asked.length;
    expect(before).toBeGreaterThan(3);
    expect(before).toBeLessThan(12);

    const rest = await run(judge.base, "--max-cost", "1000");
    expect(rest.code, rest.stderr).toBe(0);
    expect(judge.asked).toHaveLength(12);
  });

  it("has a limit too small for the first request told as such, before anything is sent", async () => {
    await using judge = await judgeServer(fair);
    const { code, stderr } = await run(judge.base, "--max-cost", "0.01");
    expect([code, judge.asked.length], stderr).toEqual([2, 0]);
    expect(stderr).toContain("0.00 USD of --max-cost 0.01 are spent");
  });
});

it("counts refusals, cut replies and those without a verdict apart, none of them as a loss", async () => {
  const replies = [
    words(null, { refusal: "I will not." }),
    words("Both", { finish: "length" }),
    words("[[A]] \u001b[31m and [[B]]"),
    words("I cannot say."),
  ];
  await using judge = await judgeServer((asked, at) => replies[at] ?? fair(asked));
  const { code, stdout, stderr } = await run(judge.base, "--batch-size", "1");
  expect(code).toBe(3);
  expect(stderr).toMatch(/some: 1 text without a score, first .*: the judge refused \(refusal\): I will not\./);
  expect(stderr).toMatch(/some: 1 text without a score, first .*: the judge's reply was cut at 50 tokens/);
  expect(stderr).toMatch(/some: 2 texts without a score, first .*: no score can be read in "/);
  expect(stderr).not.toContain("\u001b");
  const { counts, metrics } = told(stdout).suites[0]!;
  const { judged, failed, unparsable } = counts;
  expect([judged! + failed! + unparsable!, metrics.accuracy.value]).toEqual([6, 1]);
  expect(failed).toBeGreaterThan(0);
});

it("keeps its key out of everything that it writes", async () => {
  const secret = "sk-planted-77aa31";
  await using judge = await judgeServer((asked, at) =>
    at === 0
      ? { status: 400, json: { error: { message: `no: ${asked.headers.authorization}` } } }
      : words(`${asked.headers.authorization} [[A]]`),
  );
  const { stdout, stderr } = await runHere(
    ["run", "-m", `judge:${judge.base}#m`, "-s", "some.arrow", "--record", "replies.jsonl"],
    cwd,
    { OPENAI_API_KEY: secret },
  );
  expect(judge.asked[0]!.headers.authorization).toBe(`Bearer ${secret}`);
  expect(stderr).toContain("no: ");
  expect(stdout + stderr).not.toContain(secret);
  const files = readdirSync(cwd, { recursive: true, encoding: "utf8" }).map((file) => join(cwd, file));
  expect(files.some((file) => file.endsWith("replies.jsonl"))).toBe(true);
  expect(files.some((file) => file.endsWith("report.json"))).toBe(true);
  for (const file of files) {
    if (!existsSync(file) || readdirIs(file)) continue;
    expect(readFileSync(file).includes(secret), file).toBe(false);
  }
});

function readdirIs(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
