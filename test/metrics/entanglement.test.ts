import { expect, test } from "vitest";
import { measureAll } from "../../src/metrics/registry.ts";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { besideReward } from "../../src/report/beside-reward.ts";
import type { ScoreTable } from "../../src/scores/table.ts";
import { wilson } from "../../src/stats/proportion.ts";
import { pair } from "../protocols/suites.ts";
import { table, withParts } from "../scores/combine-tables.ts";

const options = { level: 0.95, seed: "0", suite: "test", group: "" };
const measure = (scores: ScoreTable) =>
  measureAll({ outcomes: pairwise.judge(scores), rows: scores.rows, scores }, options);

/** Log-ratios of the chosen and the rejected response, pair by pair. */
const ratios: readonly (readonly [number, number])[] = [
  [1, -1],
  [2, 1],
  [-1, -2],
  [-3, 1],
  [-2, -2],
  [0, 5],
  [0.5, Number.NaN],
];
const flat = ratios.map((_, i) => pair(`p${i}`));
const rewards = table(flat, (e) => e);

test("the chosen response falls in three of six, and both move together in three", () => {
  const results = measure(withParts(rewards, (e) => ({ attributes: { log_ratio: ratios[e >> 1]![e & 1]! } })));
  const interval = expect.objectContaining({ low: wilson(3, 6, 0.95)![0], high: wilson(3, 6, 0.95)![1] });
  expect(results["log_ratio_chosen_falling"]).toMatchObject({ value: 3 / 6, n: 6, interval });
  expect(results["log_ratio_moves_together"]).toMatchObject({ value: 3 / 6, n: 6, interval });
  expect(besideReward({ metrics: results })).toContainEqual(
    expect.stringMatching(
      /^Log-ratio to the reference: below 0 for the chosen response in 50\.0% \[.*of one sign for both in 50\.0% \[/,
    ),
  );
});

test("other models have neither, whatever their attributes", () => {
  for (const scores of [rewards, withParts(rewards, (e) => ({ attributes: { policy_logprob: -e } }))]) {
    const results = measure(scores);
    expect(Object.keys(results).filter((key) => key.startsWith("log_ratio"))).toEqual([]);
    expect(besideReward({ metrics: results }).join()).not.toContain("Log-ratio");
  }
});
