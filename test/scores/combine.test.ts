/** What combinations give, against the fixtures of the papers and against formulas written out again here. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { refuseMisaligned } from "../../src/scores/combine/aligned.ts";
import type { CombinationMember } from "../../src/scores/combine/combination.ts";
import { verbosityPenalty } from "../../src/scores/combine/decorrelated.ts";
import { logSigmoidSum, robustReward } from "../../src/scores/combine/ensemble-rules.ts";
import { logOdds } from "../../src/scores/combine/mean-variance.ts";
import { combinations } from "../../src/scores/combine/registry.ts";
import { Rng } from "../../src/stats/rng.ts";
import { rankCorrelation } from "../../src/stats/rank-correlation.ts";
import { logistic } from "../../src/stats/logistic.ts";
import { lengthyPairs, member, richMember, table, withParts } from "./combine-tables.ts";

const combine = (spec: keyof typeof combinations, parameter: string, ...members: CombinationMember[]) => [
  ...combinations[spec].plan(parameter).combine(members, "0").values(),
];
const column = (of: CombinationMember): number[] =>
  [...of.tables.values()].flatMap(({ entries }) => [...entries.value]);
const mean = (x: readonly number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
const spread = (x: readonly number[]): number => Math.sqrt(mean(x.map((v) => (v - mean(x)) ** 2)));
const close = (got: Iterable<number>, want: readonly number[]): void => {
  const values = [...got];
  expect(values.length).toBe(want.length);
  values.forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 10));
};

describe("the papers' fixtures", () => {
  test("b1, arXiv 2408.10075: means 1 and 0 with deviations .5 and .5 give P = .9719388737", () => {
    expect(logistic(logOdds(1, 0.5, 0, 0.5))).toBeCloseTo(0.9719388737, 9);
    const one = withParts(
      table(lengthyPairs(1), (e) => 1 - e),
      () => ({ std: 0.5 }),
    );
    const [compared] = combine("mean-variance", "", member("vpl", one));
    expect(compared!.kind).toBe("pairwise");
    expect(logistic(pairwise.judge(compared!).margin[0]!)).toBeCloseTo(0.9719388737, 9);
    expect(compared!.entries.value[0]! + compared!.entries.value[1]!).toBe(0);
  });

  test("b3, arXiv 2406.12845: no objective keeps a rank correlation with verbosity beyond .028", () => {
    const rng = new Rng("b3");
    const verbosity = Float64Array.from({ length: 400 }, () => rng.normal());
    for (const [share, noise] of [
      [0.9, 0.3],
      [0.2, 1],
      [-0.6, 0.5],
      [0, 1],
      [5, 0.01],
    ] as const) {
      const reward = verbosity.map((v) => share * v + noise * rng.normal());
      const lambda = verbosityPenalty(reward, verbosity);
      const left = rankCorrelation(
        reward.map((r, i) => r - lambda * verbosity[i]!),
        verbosity,
      ).spearman!;
      expect(Math.abs(left)).toBeLessThanOrEqual(0.028);
      const before = rankCorrelation(reward, verbosity).spearman!;
      if (Math.abs(before) <= 0.028) expect(lambda).toBe(0);
      // No smaller penalty does: half of it leaves more.
      else
        expect(
          Math.abs(
            rankCorrelation(
              reward.map((r, i) => r - 0.5 * lambda * verbosity[i]!),
              verbosity,
            ).spearman!,
          ),
        ).toBeGreaterThan(0.028);
    }
  });

  test("c2, arXiv 2402.00742: r [2, −1] with references [1, .5] give −2.0146749655", () => {
    expect(logSigmoidSum([2], [1])).toBeCloseTo(-0.3132616875, 9);
    expect(logSigmoidSum([-1], [0.5])).toBeCloseTo(-1.701413278, 9);
    expect(logSigmoidSum([2, -1], [1, 0.5])).toBeCloseTo(-2.0146749655, 9);
  });

  test("c3, arXiv 2409.15360: means [1, .6, .8] with deviations [.05, .2, .4] give .76 at α = .4 and .68 at α = .2", () => {
    const [means, deviations] = [
      [1, 0.6, 0.8],
      [0.05, 0.2, 0.4],
    ] as const;
    expect(robustReward(means, deviations, 1)).toBe(1);
    expect(robustReward(means, deviations, 0)).toBe(0.6);
    expect(robustReward(means, deviations, 0.4)).toBeCloseTo(0.76, 12);
    expect(robustReward(means, deviations, 0.2)).toBeCloseTo(0.68, 12);
    const heads = means.map((m, i) =>
      member(
        `head ${i}`,
        withParts(
          table(lengthyPairs(1), (e) => m - e),
          () => ({ std: deviations[i]! }),
        ),
      ),
    );
    expect(combine("ensemble", "robust,alpha=0.2,raw", ...heads)[0]!.entries.value[0]).toBeCloseTo(0.68, 12);
  });
});

describe("ensembles", () => {
  const members = [richMember("a", 1), richMember("b", 2), richMember("c", 4)];
  const z = members.map((one) => {
    const x = column(one);
    return x.map((v) => (v - mean(x)) / spread(x));
  });
  const each = (values: readonly number[][], of: (values: number[]) => number): number[] =>
    values[0]!.map((_, i) => of(values.map((x) => x[i]!)));
  const raw = members.map(column);
  const rewards = (parameter: string): number[] =>
    combine("ensemble", parameter, ...members).flatMap(({ entries }) => [...entries.value]);

  test.each([
    ["mean", each(z, mean)],
    ["mean,raw", each(raw, mean)],
    ["min", each(z, (x) => Math.min(...x))],
    ["median", each(z, (x) => [...x].sort((a, b) => a - b)[1]!)],
    ["mean-std", each(z, (x) => mean(x) - spread(x))],
    ["mean-std,k=0.5,raw", each(raw, (x) => mean(x) - 0.5 * spread(x))],
  ])("%s, with z-scores over the whole run", (parameter, want) => close(rewards(parameter), want));

  test("lsc takes each member's quantile over the run as its reference", () => {
    const reference = raw.map((x) => {
      const ordered = [...x].sort((a, b) => a - b);
      const at = 0.85 * (x.length - 1);
      const low = Math.floor(at);
      return ordered[low]! + (at - low) * (ordered[low + 1]! - ordered[low]!);
    });
    close(
      rewards("lsc"),
      each(
        raw.map((x, m) => x.map((v) => -Math.log1p(Math.exp(reference[m]! - v)))),
        (x) => x.reduce((s, v) => s + v, 0),
      ),
    );
    expect(rewards("lsc,quantile=0.5")).not.toEqual(rewards("lsc"));
  });

  test("what the members say stays in the table: z-scores as attributes, their spread and own deviations as deviation", () => {
    const combined = combine("ensemble", "min", ...members);
    for (const m of [0, 1, 2])
      close(
        combined.flatMap(({ entries }) => [...entries.attributes[`member ${m + 1}`]!]),
        z[m]!,
      );
    const own = members.map((one, m) =>
      [...one.tables.values()].flatMap(({ entries }) => [...entries.std!].map((s) => s / spread(raw[m]!))),
    );
    const want = each(z, spread).map((s, i) => Math.sqrt(s ** 2 + mean(own.map((x) => x[i]! ** 2))));
    close(
      combined.flatMap(({ entries }) => [...entries.std!]),
      want,
    );
  });

  test("z-scores do not depend on a member's scale and zero", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: -50, max: 50, noNaN: true }),
        (scale, shift) => {
          const moved = members.map((one, m) =>
            m === 1
              ? {
                  ...one,
                  tables: new Map(
                    [...one.tables].map(([suite, t]) => [
                      suite,
                      {
                        ...t,
                        entries: { ...t.entries, value: t.entries.value.map((v) => scale * v + shift), std: null },
                      },
                    ]),
                  ),
                }
              : one,
          );
          const got = combine("ensemble", "mean", ...moved).flatMap(({ entries }) => [...entries.value]);
          got.forEach((value, i) => expect(value).toBeCloseTo(mean(z.map((x) => x[i]!)), 8));
        },
      ),
      { numRuns: 20 },
    );
  });

  test("a member that always says the same has no z-score, and one raw", () => {
    const flat = member(
      "flat",
      table(lengthyPairs(4), () => 2),
    );
    const other = member(
      "other",
      table(lengthyPairs(4), (e) => e),
    );
    expect(() => combine("ensemble", "mean", other, flat)).toThrow(/flat gave every text the same reward/);
    // The mean of three 0.1 is not 0.1.
    const three = [table(lengthyPairs(2), (e) => (e < 3 ? 0.1 : "failed")), table(lengthyPairs(2), (e) => e)];
    expect(() => combine("ensemble", "mean", member("flat", three[0]!), member("other", three[1]!))).toThrow(
      /flat gave every text the same reward/,
    );
    close(
      combine("ensemble", "mean,raw", other, flat)[0]!.entries.value,
      [0, 1, 2, 3, 4, 5, 6, 7].map((e) => (e + 2) / 2),
    );
  });

  test("members on other pairs are refused by name", () => {
    const [short, long] = [4, 5].map((n) =>
      member(
        `of ${n}`,
        table(lengthyPairs(n), (e) => e),
      ),
    );
    expect(() => refuseMisaligned([short!, long!])).toThrow(
      /of 4 and of 5 cannot be combined on suite-1: one has 4 pairs and the other 5/,
    );
    const twoRejected = lengthyPairs(4).map((p, i) => (i === 0 ? { ...p, rejected: ["a", "b"] } : p));
    const more = member(
      "more",
      table(twoRejected, (e) => e),
    );
    expect(() => refuseMisaligned([short!, more])).toThrow(/one has 8 scores and the other 9/);
    const swapped = {
      ...short!,
      id: "swapped",
      tables: new Map(
        [...short!.tables].map(([s, t]) => [
          s,
          { ...t, entries: { ...t.entries, side: t.entries.side.map((x) => 1 - x) } },
        ]),
      ),
    };
    expect(() => refuseMisaligned([short!, swapped])).toThrow(/of different texts/);
    expect(() => refuseMisaligned([short!, { ...short!, tables: new Map() }])).toThrow(/only one of them/);
    expect(() => refuseMisaligned([short!, short!])).not.toThrow();
  });
});

describe("wrappers", () => {
  const inner = richMember("inner", 1);
  const entries = [...inner.tables.values()][0]!.entries;
  const reward = (spec: keyof typeof combinations, parameter: string) =>
    combine(spec, parameter, inner)[0]!.entries.value;

  test("attribute and weighted take the named objectives", () => {
    expect(reward("attribute", "is-safe")).toEqual(entries.attributes["is-safe"]);
    const { helpfulness, verbosity } = entries.attributes;
    close(
      reward("weighted", "helpfulness=2,verbosity=-0.5"),
      [...helpfulness!].map((h, i) => 2 * h - 0.5 * verbosity![i]!),
    );
  });

  test("decorrelated is the mean of the other objectives, each less its own penalty", () => {
    const combined = combine("decorrelated", "verbosity", inner);
    const run = (name: string): Float64Array =>
      Float64Array.from([...inner.tables.values()].flatMap((t) => [...t.entries.attributes[name]!]));
    const freed = ["helpfulness", "is-safe"].map((name) => {
      const lambda = verbosityPenalty(run(name), run("verbosity"));
      return run(name).map((r, i) => r - lambda * run("verbosity")[i]!);
    });
    close(
      combined.flatMap((t) => [...t.entries.value]),
      [...freed[0]!].map((r, i) => (r + freed[1]![i]!) / 2),
    );
    expect(verbosityPenalty(run("helpfulness"), run("verbosity"))).toBeGreaterThan(0);
    close(
      combined.flatMap((t) => [...t.entries.attributes["helpfulness"]!]),
      [...freed[0]!],
    );
    close(
      combine("decorrelated", "verbosity,is-safe=3", inner).flatMap((t) => [...t.entries.value]),
      [...freed[1]!].map((r) => 3 * r),
    );
  });

  test.each([
    ["min", 0.1],
    ["max", 0.8],
    ["mean", 0.4666666666666667],
    ["sum", 1.4],
    ["product", 0.04],
    ["last", 0.5],
  ])("steps:%s", (name, want) => {
    const stepped = withParts(
      table(lengthyPairs(1), () => 7),
      (e) => ({ vector: e === 0 ? [0.1, 0.8, 0.5] : [] }),
    );
    const [scores] = combine("steps", name, member("prm", stepped));
    expect(scores!.entries.value[0]).toBeCloseTo(want, 12);
    // A response without steps has no reward, which is not 0.
    expect(scores!.entries.value[1]).toBeNaN();
  });

  test("length-penalty counts code points, not UTF-16 units", () => {
    const emoji = table([{ ...lengthyPairs(1)[0]!, chosen: ["😀😀😀"], rejected: ["abc"] }], () => 1);
    close(combine("length-penalty", "0.25", member("m", emoji))[0]!.entries.value, [0.25, 0.25]);
    close(
      reward("length-penalty", "0.01"),
      [...entries.value].map((r, i) => r - 0.01 * entries.length[i]!),
    );
  });

  test("lowess takes away what length explains, and leaves what it does not", () => {
    const rng = new Rng("lowess");
    const quality = Array.from({ length: 400 }, () => rng.normal());
    const biased = table(lengthyPairs(200), (e) => quality[e]!);
    const { length } = biased.entries;
    const bent = {
      ...biased,
      entries: { ...biased.entries, value: biased.entries.value.map((q, e) => q + 4 * Math.sqrt(length[e]!)) },
    };
    const [calibrated] = combine("lowess", "", member("biased", bent));
    const ranks = (x: ArrayLike<number>) => rankCorrelation(x, length).spearman!;
    expect(ranks(bent.entries.value)).toBeGreaterThan(0.7);
    expect(Math.abs(ranks(calibrated!.entries.value))).toBeLessThan(0.15);
    expect(rankCorrelation(calibrated!.entries.value, quality).spearman!).toBeGreaterThan(0.95);
  });

  test("lowess never fits on a cluster that it corrects", () => {
    const pairs = lengthyPairs(40);
    const plain = table(pairs, (e) => Math.sin(e));
    const spoilt = (cluster: number) => ({
      ...plain,
      entries: { ...plain.entries, value: plain.entries.value.map((v, e) => (e >> 2 === cluster ? v + 50 : v)) },
    });
    const [before] = combine("lowess", "", member("m", plain));
    for (const cluster of [0, 7, 19]) {
      const [after] = combine("lowess", "", member("m", spoilt(cluster)));
      for (const e of [0, 1, 2, 3].map((i) => 4 * cluster + i)) {
        expect(after!.entries.value[e]! - before!.entries.value[e]!).toBeCloseTo(50, 9);
      }
    }
    expect(() => combine("lowess", "folds=30", member("m", plain))).toThrow(/in 20 clusters, too few for 30 folds/);
  });

  test("mean-variance judges all comparisons of a row, in both orders", () => {
    const pairs = [{ ...lengthyPairs(1)[0]!, chosen: ["good", "better"], rejected: ["bad", "worse", "worst"] }];
    const rewards = [3, 4, 2, 1, 0];
    const deviations = [1, 2, 1, 0.5, 0.25];
    const scores = withParts(
      table(pairs, (e) => rewards[e]!),
      (e) => ({ std: deviations[e]! }),
    );
    const outcomes = pairwise.judge(combine("mean-variance", "", member("m", scores))[0]!);
    const want = [0, 1].flatMap((c) =>
      [2, 3, 4].map(
        (r) => (Math.sqrt(2 * Math.PI) * (rewards[c]! - rewards[r]!)) / Math.hypot(deviations[c]!, deviations[r]!),
      ),
    );
    close(outcomes.margin, want);
  });
});
