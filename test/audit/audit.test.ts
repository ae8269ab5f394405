import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ratingRankingAgreement } from "../../src/audit/agreement.ts";
import { controllability } from "../../src/audit/controllability.ts";
import { auditPairs, defaultRules } from "../../src/audit/labels.ts";
import { strengthsOf, type Voter } from "../../src/audit/strengths.ts";
import { votersOf } from "../../src/audit/vote.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { wilson } from "../../src/stats/proportion.ts";
import { pair, tableOf, type Answer } from "../protocols/suites.ts";

const pairsOf = (n: number) => Array.from({ length: n }, (_, i) => pair(`p${i}`));
/** A model whose margin for pair i is `margins[i]`, or that has none. */
const voter = (name: string, margins: readonly Answer[]): Voter => ({
  name,
  scores: tableOf(pairwise, pairsOf(margins.length), (_, { row, side }) => {
    const margin = margins[row]!;
    return typeof margin === "number" ? (side === "chosen" ? margin : 0) : margin;
  }),
});

describe("strengthsOf", () => {
  it("divides each model's margins by their own deviation, and moves none over 0", () => {
    const loud = [100, -100, 300, 100];
    const strengths = strengthsOf("s", [voter("quiet", [1, -1, 3, 1]), voter("loud", loud)], true);
    for (const { margins } of strengths) expect(margins[0]).toBeCloseTo(margins[1]!, 12);
    expect(strengths.map(({ margins }) => Math.sign(margins[0]!))).toEqual([1, -1, 1, 1]);
    // Deviation of 1, −1, 3, 1 is √(8/3).
    expect(strengths[2]!.margins[0]).toBeCloseTo(3 / Math.sqrt(8 / 3), 12);
    const raw = strengthsOf("s", [voter("quiet", [1, -1, 3, 1]), voter("loud", loud)], false);
    expect([...raw[2]!.margins]).toEqual([3, 300]);
  });

  it("gives a model that says the same of every pair no vote, and one without a score none either", () => {
    const strengths = strengthsOf("s", [voter("flat", [5, 5]), voter("half", [1, "failed"])], true);
    expect(strengths.map(({ margins }) => margins[0])).toEqual([0, 0]);
    expect(strengths[1]!.margins[1]).toBeNaN();
    // The mean of three 0.1 is not 0.1.
    const rounded = strengthsOf("s", [voter("flat", [0.1, 0.1, 0.1]), voter("other", [1, -1, 2])], true);
    expect(rounded.map(({ margins }) => margins[0])).toEqual([0, 0, 0]);
  });

  it("refuses models that scored other pairs", () => {
    expect(() => strengthsOf("s", [voter("a", [1, 2]), voter("b", [1, 2, 3])], true)).toThrow(
      /a and b did not score the same pairs of s \(2 and 3 pairs\)/,
    );
  });
});

describe("auditPairs", () => {
  const strengths = (mus: readonly number[], spread = 0) =>
    mus.map((mu, i) => ({ subset: "all", id: `p${i}`, margins: Float64Array.of(mu - spread, mu + spread) }));

  it("labels below the threshold incorrect, the next fifth ambiguous, the top tenth strong", () => {
    const mus = [5, -0.5, 1, 2, 3, 4, 6, 7, 8, -2];
    const { pairs, counts } = auditPairs(strengths(mus), defaultRules);
    expect(counts).toEqual({ incorrect: 2, ambiguous: 2, normal: 5, strong: 1 });
    expect(pairs.map(({ id, label }) => `${id} ${label}`)).toEqual([
      ...["p9 incorrect", "p1 incorrect", "p2 ambiguous", "p3 ambiguous"],
      ...["p4 normal", "p5 normal", "p0 normal", "p6 normal", "p7 normal", "p8 strong"],
    ]);
    expect(pairs[0]).toMatchObject({ mu: -2, sigma: 0, models: 2, against: 2, suggestion: "flip" });
  });

  it("suggests to flip only what the models agree on, and to keep what is normal", () => {
    const { pairs } = auditPairs(strengths([-1, 1, 2, 3, 4], 1.5), defaultRules);
    expect(pairs[0]).toMatchObject({ mu: -1, sigma: 1.5, against: 1, label: "incorrect", suggestion: "review" });
    expect(pairs.map(({ suggestion }) => suggestion)).toEqual(["review", "soften", "keep", "keep", "keep"]);
  });

  it("leaves pairs without two votes unlabelled, and counts them", () => {
    const lone = { subset: "all", id: "lone", margins: Float64Array.of(Number.NaN, -3) };
    const { pairs, unscored } = auditPairs([...strengths([1, 2]), lone], defaultRules);
    expect(unscored).toBe(1);
    expect(pairs.map(({ id }) => id)).toEqual(["p0", "p1"]);
    expect(auditPairs([], defaultRules)).toMatchObject({ pairs: [], unscored: 0 });
  });

  it("keeps the order of labels along μ and the shares, whatever the margins", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1, maxLength: 60 }), (mus) => {
        const { pairs, counts } = auditPairs(strengths(mus), defaultRules);
        const order = ["incorrect", "ambiguous", "normal", "strong"];
        const ranks = pairs.map(({ label }) => order.indexOf(label));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
        expect(counts.incorrect).toBe(mus.filter((mu) => mu < 0).length);
        expect(counts.ambiguous).toBeLessThanOrEqual(Math.ceil(mus.length * 0.2) + 1);
      }),
    );
  });
});

describe("votersOf", () => {
  const ballot = (name: string, identity: string, suites = ["s"]) => {
    const { scores } = voter(name, [1, 2]);
    return { name, model: name, identity, tables: new Map(suites.map((suite) => [suite, scores] as const)) };
  };

  it("lets a model vote once, says so, and warns of few", () => {
    const { voters, warnings } = votersOf([ballot("a", "1"), ballot("b", "2"), ballot("a again", "1")]);
    expect(voters.get("s")!.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(warnings).toEqual([
      "a again is left out for s: a is the same model",
      expect.stringMatching(/2 models vote/),
    ]);
  });

  it("tells models of one name and two identities apart", () => {
    const { voters } = votersOf([ballot("a", "1"), ballot("a", "2")]);
    expect(voters.get("s")!.map(({ name }) => name)).toEqual(["a", "a #2"]);
  });

  it("refuses one model, and models that share no suite", () => {
    expect(() => votersOf([ballot("a", "1"), ballot("a", "1")])).toThrow(/all 2 runs are of one model/);
    expect(() => votersOf([ballot("a", "1", ["s"]), ballot("b", "2", ["t"])])).toThrow(/no suite was scored by two/);
  });
});

describe("ratingRankingAgreement", () => {
  const ratings = voter("judge", [2, 0, -1, 1, "unparsable", 3]).scores;
  const rankings = (logOdds: readonly [straight: number, swapped: number][]) =>
    tableOf(pairwise, pairsOf(logOdds.length), (_, { row, order }) => logOdds[row]![order]!, "pairwise");

  it("compares signs pair by pair; a ranking that flips with the order is an equal one", () => {
    const said = rankings([
      [1, -1], // chosen
      [2, 2], // flips with the order: equal
      [1, -1], // chosen, though rated below
      [1, 1], // equal, though rated above
      [1, -1],
      [3, -1],
    ]);
    const found = ratingRankingAgreement("s", ratings, said, 0.95);
    expect(found).toMatchObject({ n: 5, agreeing: 3, share: 0.6, leftOut: 1 });
    expect(found.confusion).toEqual([
      [2, 1, 0],
      [0, 1, 0],
      [1, 0, 0],
    ]);
    const [low, high] = wilson(3, 5, 0.95);
    expect(found.interval![0]).toBeCloseTo(low, 12);
    expect(found.interval![1]).toBeCloseTo(high, 12);
  });

  it("refuses two runs of one kind and runs over other pairs", () => {
    expect(() => ratingRankingAgreement("s", ratings, ratings, 0.95)).toThrow(/pointwise and pointwise/);
    expect(() => ratingRankingAgreement("s", ratings, rankings([[1, -1]]), 0.95)).toThrow(/the same pairs/);
  });
});

describe("controllability", () => {
  const scored = (margins: readonly Answer[]) => voter("one", margins).scores;

  it("is the share of preferences that flip; ties and missing scores in the first run are none", () => {
    const plain = scored([2, -1, 3, 1, 0, "failed", 4]);
    const negated = scored([-1, 1, 1, 0, 5, 1, "unparsable"]);
    const found = controllability("s", plain, negated, 0.95);
    expect(found).toMatchObject({ n: 4, flipped: 2, undecided: 1, leftOut: 3, share: 0.5 });
    expect(found.interval).toEqual(wilson(2, 4, 0.95));
  });

  it("is 0 for a model that is not told, and 1 for one that only obeys", () => {
    const margins = [2, -1, 3, 1, -5];
    const flipped = margins.map((margin) => -margin / 3);
    expect(controllability("s", scored(margins), scored(margins), 0.95).share).toBe(0);
    expect(controllability("s", scored(margins), scored(flipped), 0.95).share).toBe(1);
    expect(controllability("s", scored([0]), scored([1]), 0.95)).toMatchObject({ n: 0, share: null, interval: null });
  });

  it("refuses other pairs", () => {
    expect(() => controllability("s", scored([1]), scored([1, 2]), 0.95)).toThrow(/same questions of the same pairs/);
  });
});
