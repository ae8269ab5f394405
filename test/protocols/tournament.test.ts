import { expect, test } from "vitest";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { tournament, within, withinOf } from "../../src/protocols/tournament.ts";
import { pair, tableOf } from "./suites.ts";

const matrix = pair("m", { chosen: ["c0", "c1"], rejected: ["r0", "r1", "r2"] });

test("every two responses of a row meet, once in each order", () => {
  const units = tournament.units(matrix, 4, "pairwise", "numbered");
  const met = units.map(({ question }) =>
    question.kind === "pairwise" ? `${String(question.a.response)} ${String(question.b.response)}` : "",
  );
  const all = [...matrix.chosen, ...matrix.rejected].map(String);
  expect(met.toSorted()).toEqual(all.flatMap((a) => all.filter((b) => b !== a).map((b) => `${a} ${b}`)).toSorted());
  expect(units.every(({ row }) => row === 4)).toBe(true);
  const places = units.map(({ side, index, order }) => `${side} ${index} ${order}`);
  expect(new Set(places).size).toBe(units.length);
});

test("what has a label is asked and judged as by the pairwise protocol; what has none has no outcome", () => {
  const units = tournament.units(matrix, 0, "pairwise", "numbered");
  const labelled = pairwise.units(matrix, 0, "pairwise", "numbered");
  expect(units.filter(({ side }) => side === "chosen")).toEqual(labelled);
  const answer = (text: unknown): number => Number(String(text).slice(1)) + (String(text).startsWith("c") ? 10 : 0);
  const scored = (protocol: typeof pairwise) =>
    tableOf(
      protocol,
      [matrix, pair("x")],
      (q) => (q.kind === "pairwise" ? answer(q.a.response) - answer(q.b.response) : 0),
      "pairwise",
    );
  expect(tournament.judge(scored(tournament))).toEqual(pairwise.judge(scored(pairwise)));
});

test("a model that rewards single responses is asked what the pairwise protocol asks", () => {
  expect(tournament.units(matrix, 0, "pointwise", "numbered")).toEqual(
    pairwise.units(matrix, 0, "pointwise", "numbered"),
  );
});

test("the responses of a side carry its own prompt", () => {
  const other = [{ role: "user", content: "another question" }];
  const units = tournament.units({ ...matrix, rejectedPrompt: other }, 0, "pairwise", "numbered");
  const prompts = units.flatMap(({ question: q, side }) =>
    side === "rejected" && q.kind === "pairwise" ? [[q.a, q.b].map(({ prompt }) => prompt)] : [],
  );
  const [chosen, rejected] = [matrix.prompt, other].map((prompt) => [prompt, prompt]);
  expect(prompts).toEqual([chosen, chosen, ...Array.from({ length: 6 }, () => rejected)]);
});

test("numbers within a side are different, name their responses, and fit into 16 bits", () => {
  const seen = new Set<number>();
  for (const side of ["chosen", "rejected"] as const) {
    for (let j = 1; j < 256; j++) {
      for (let i = 0; i < j; i++) {
        const index = within(side, i, j);
        if (JSON.stringify(withinOf(index)) !== JSON.stringify({ side, i, j }))
          expect(withinOf(index)).toEqual({ side, i, j });
        seen.add(index);
      }
    }
  }
  expect(seen.size).toBe(256 * 255);
  expect(Math.max(...seen)).toBeLessThan(2 ** 16);
});

test("more responses than there are numbers are an error that names the row", () => {
  const many = pair("x", { rejected: Array.from({ length: 257 }, (_, i) => `${i}`) });
  expect(() => tournament.units(many, 3, "pairwise", "numbered")).toThrow(/row 3 .*id x.* 257 rejected/);
  expect(tournament.units(many, 3, "pointwise", "numbered")).toHaveLength(258);
  expect(() => tournament.units(many, 3, "listwise", "numbered")).toThrow(/listwise/);
});
