import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { reportSchema, type GroupReport, type Report } from "../../src/report/schema.ts";
import { readScores } from "../../src/scores/arrow.ts";
import { runHere } from "../cli/in-process.ts";
import { pair, writeSomePairs } from "../cli/pairs.ts";

const vpl = fileURLToPath(new URL("../../docs/examples/user-conditioned.mjs", import.meta.url));
const pal = fileURLToPath(new URL("../../docs/examples/ideal-point.mjs", import.meta.url));
const [shortWords, longWords] = [5, 40];
const [perUser, noisy, users] = [20, 4, 24];
const numbers = [0, 1, 7];

/**
 * Half of the users like long answers, half short ones; each annotates 4 of 20 pairs against the own taste. Of both groups
 * half are marked as seen.
 */
function opposed(): PreferencePair[] {
  const words = (count: number, what: string) => Array.from({ length: count }, () => what).join(" ");
  return Array.from({ length: users * perUser }, (_, i) => {
    const user = Math.floor(i / perUser);
    const likesLong = (user % 2 === 0) === i % perUser >= noisy;
    const [long, short] = [words(longWords, "more"), words(shortWords, "less")];
    return pair({
      id: `${i}`,
      user: `user-${user}`,
      tags: { user_seen: user % 4 < 2 ? "yes" : "no" },
      chosen: [likesLong ? long : short],
      rejected: [likesLong ? short : long],
    });
  });
}

/**
 * Expected credit of a user's pair whose taste is inferred from m of the user's 19 other pairs, drawn without replacement:
 * the posterior follows the majority, which is hypergeometric, and a draw is a tie.
 */
function expectedAccuracy(m: number): number {
  const majority = (likely: number, unlikely: number): number => {
    let share = 0;
    for (let k = Math.max(0, m - unlikely); k <= Math.min(m, likely); k++) {
      const probability = (choose(likely, k) * choose(unlikely, m - k)) / choose(likely + unlikely, m);
      share += probability * (2 * k > m ? 1 : 2 * k === m ? 0.5 : 0);
    }
    return share;
  };
  const true_ = perUser - noisy;
  return (true_ * majority(true_ - 1, noisy) + noisy * (1 - majority(true_, noisy - 1))) / perUser;
}

function choose(n: number, k: number): number {
  return Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((product, factor) => product * factor, 1);
}

let folder: string;
let live: Report;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-users-"));
  await writeSomePairs(join(folder, "users.arrow"), opposed());
  live = await scored("live", vpl, "--context-pairs", numbers.join(","));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (...more: string[]) => runHere(["run", "--progress", "none", "--store", "none", ...more], folder);

async function scored(out: string, model: string, ...more: string[]): Promise<Report> {
  const { code, stderr } = await run("--model", model, "--suite", "users.arrow", "--out", out, ...more);
  expect(code, stderr).toBe(0);
  return reportSchema.parse(JSON.parse(readFileSync(join(folder, out, "report.json"), "utf8")));
}

/** Accuracy and number of pairs by group. */
const curve = (report: Report, by: GroupReport["by"] = "context_pairs") =>
  Object.fromEntries(
    report.suites[0]!.groups.filter((group) => group.by === by).map(({ name, metrics }) => [
      name,
      [metrics["accuracy"]!.value!, metrics["accuracy"]!.n] as const,
    ]),
  );

describe("a model that infers its user's taste from context pairs", () => {
  it("guesses at none, and rises as its closed-form posterior says, for seen and unseen users alike", () => {
    const n = users * perUser;
    expect(Object.keys(curve(live))).toEqual(numbers.map(String));
    for (const [group, count] of [
      ["context_pairs", n],
      ["context_pairs, user_seen", n / 2],
    ] as const) {
      for (const [name, [accuracy, pairs]] of Object.entries(curve(live, group))) {
        const m = Number.parseInt(name, 10);
        expect(pairs).toBe(count);
        const expected = expectedAccuracy(m);
        // Four standard errors, which are 0 where nothing is drawn.
        const allowed = m === 0 ? 0 : 4 * Math.sqrt((expected * (1 - expected)) / count);
        expect(Math.abs(accuracy - expected), `${name}: ${accuracy}, expected ${expected}`).toBeLessThanOrEqual(
          allowed,
        );
      }
    }
    const rising = numbers.map((m) => curve(live)[m]![0]);
    expect(rising[0]).toBe(0.5);
    expect(rising[1]!).toBeGreaterThan(0.6);
    expect(rising[2]!).toBeGreaterThan(rising[1]! + 0.05);
    const { findings } = live.suites[0]!;
    const said = findings.find(({ code }) => code === "context-curve")!.text;
    expect(said).toMatch(/^Accuracy by context pairs: 50\.0% at 0, .* at 7\.$/);
  });

  it("gives every reward the mean and the deviation of a posterior over its context", async () => {
    const { tables } = await readScores(join(folder, "live/scores.arrow"));
    const { rows, entries } = tables.get("users")!;
    const { codes, values } = rows.tags["context_pairs"]!;
    const [f, g] = [Math.log1p(longWords), Math.log1p(shortWords)];
    const expected = (m: number) =>
      Array.from({ length: m + 1 }, (_, k) => 1 / (1 + Math.exp(-(2 * k - m) * (f - g)))).flatMap((p) =>
        [f, g].map((r) => [(2 * p - 1) * r, Math.sqrt(4 * p * (1 - p) * r * r + 0.01)] as const),
      );
    expect(entries.n).toBe(users * perUser * 2 * numbers.length);
    for (let e = 0; e < entries.n; e++) {
      const m = Number(values[codes[entries.row[e]!]!]);
      const near = expected(m).some(
        ([mean, std]) => Math.abs(entries.value[e]! - mean) < 1e-9 && Math.abs(entries.std![e]! - std) < 1e-9,
      );
      expect(near, `${entries.value[e]} ± ${entries.std![e]} at ${m}`).toBe(true);
    }
    expect(rows.id.at(1)).toBe("0@1");
    expect(new Set(Array.from({ length: rows.n }, (_, row) => rows.id.at(row))).size).toBe(rows.n);
    expect(new Set(rows.cluster.codes).size).toBe(users * perUser);
  });

  it("is replayed from its scores, also as a probability of mean and variance", async () => {
    const context = ["--context-pairs", numbers.join(",")];
    const replay = await scored("replay", "scores:live/scores.arrow", ...context);
    expect(replay.suites[0]!.groups).toEqual(live.suites[0]!.groups);
    expect(replay.replay).toMatchObject({ matched: users * perUser * 2 * numbers.length, unmatched: 0 });
    // A pair's verdict is the sign of the difference of its means, whatever their deviations.
    const wrapped = await scored("wrapped", "mean-variance(scores:live/scores.arrow)", ...context);
    expect(curve(wrapped)).toEqual(curve(live));
    expect(wrapped.model.output).toBe("bradley-terry");
  });
});

it("a model of ideal points finds the same users by another formula", async () => {
  const report = await scored("pal", pal, "--context-pairs", "0,7");
  expect(curve(report)[0]![0]).toBe(0.5);
  // Seven pairs have a majority, which the nearer prototype and the likelier taste both follow.
  expect(curve(report)[7]).toEqual(curve(live)[7]);
});

it("a model that asks not who its user is stays at one half", async () => {
  const report = await scored("longest", "shortcut:longest", "--context-pairs", "0,7");
  expect(curve(report)).toEqual({ 0: [0.5, 480], 7: [0.5, 480] });
});

describe("what cannot be asked is said before anything is scored", () => {
  it.each([
    [["tiny", "--context-pairs", "0,2"], /tiny takes no context pairs of a user, and --context-pairs asks for 0, 2/],
    [["ensemble:mean(tiny, shortcut:longest)", "--context-pairs", "0,2"], /takes no context pairs of a user/],
    [["shortcut:longest", "--context-pairs", "20"], /none of the 24 users of the suite users has 20 other pairs/],
    [["shortcut:longest", "--context-pairs", "2,0"], /--context-pairs 2,0: must ascend/],
    [["shortcut:longest", "--context-pairs", "two"], /--context-pairs two: must be a whole number|must be a number/],
  ])("%j", async ([model, ...flags], message) => {
    const { code, stderr } = await run("--model", model!, "--suite", "users.arrow", "--out", "never", ...flags);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it("a pair without a user, by its name", async () => {
    await writeSomePairs(join(folder, "nobody.arrow"), [pair({ id: "a", user: "ann" }), pair({ id: "b" })]);
    const asked = ["--model", "shortcut:longest", "--suite", "nobody.arrow", "--out", "never", "--context-pairs", "0"];
    const { code, stderr } = await run(...asked);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/the pair all\/b of the suite nobody has no user/)]);
  });

  it("a tag of the pairs' own where the numbers belong", async () => {
    const own = pair({ id: "a", user: "ann", tags: { context_pairs: "3" } });
    await writeSomePairs(join(folder, "tagged.arrow"), [own]);
    const asked = ["--model", "shortcut:longest", "--suite", "tagged.arrow", "--out", "never", "--context-pairs", "0"];
    const { code, stderr } = await run(...asked);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/the pair all\/a .* has a tag context_pairs already/)]);
  });
});

describe("a suite that asks by itself", () => {
  const report = (out: string) =>
    reportSchema.parse(JSON.parse(readFileSync(join(folder, out, "report.json"), "utf8")));
  const asked = ["--model", "shortcut:longest", "--suite", "few.yaml"];
  beforeAll(async () => {
    const few = [...opposed().slice(0, 40), ...[0, 1].map((i) => pair({ id: `few-${i}`, user: "few" }))];
    await writeSomePairs(join(folder, "few.arrow"), few);
    const fingerprint = `fingerprint: ${"a".repeat(64)}`;
    const definition = [
      fingerprint,
      "id: few",
      "title: Few",
      "version: 1.0.0",
      "protocol: pairwise",
      "pairs: few.arrow",
    ];
    writeFileSync(join(folder, "few.yaml"), [...definition, "contextPairs: [0, 2]"].join("\n"));
  });

  it("leaves pairs of users with too few others out at every number, and says so", async () => {
    const { code, stderr } = await run(...asked, "--out", "few");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("few: 2 pairs of 1 user left out at every number, for want of 2 other pairs of the user");
    expect(report("few").suites[0]).toMatchObject({ available: 84, counts: { pairs: 80 }, pinned: { state: "none" } });
    expect(Object.keys(curve(report("few")))).toEqual(["0", "2"]);
    const plan = await runHere(["run", ...asked, "--dry-run"], folder, { RMBENCH_CONTEXT_PAIRS: "0, 1" });
    expect(plan.stdout).toMatch(/few: 84 of 84 pairs, 168 texts/);
    writeFileSync(join(folder, "zero.yaml"), "contextPairs: [0]\n");
    const zero = await run("--model", "tiny", "--suite", "few.yaml", "--config", "zero.yaml", "--dry-run");
    expect([zero.code, zero.stdout]).toEqual([0, expect.stringMatching(/few: 42 of 42 pairs, 84 texts/)]);
    const never = await run("--model", "tiny", "--suite", "few.yaml", "--dry-run");
    expect([never.code, never.stderr]).toEqual([2, expect.stringMatching(/the suite few asks for 0, 2/)]);
  });

  it("is joined from shards to the same numbers, for what is left out and drawn does not depend on them", async () => {
    for (const shard of ["1/2", "2/2"])
      expect((await run(...asked, "--shard", shard, "--out", `shard-${shard[0]}`)).code).toBe(0);
    const { code, stderr } = await runHere(["merge", "shard-1", "shard-2", "--out", "merged"], folder);
    expect(code, stderr).toBe(0);
    expect(report("merged").suites).toEqual(report("few").suites);
  });
});
