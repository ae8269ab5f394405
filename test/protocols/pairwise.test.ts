import { expect, test } from "vitest";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { pair, tableOf } from "./suites.ts";

test("documents reach the model with their template, and the rejected side has its own prompt where it is given", () => {
  const documents = [{ id: "1", title: "Tea", text: "Tea is hot." }];
  const other = [{ role: "user", content: "another question" }];
  const units = pairwise.units(
    pair("x", { documents, rejectedPrompt: other, tools: "[]" }),
    3,
    "pointwise",
    "numbered",
  );
  expect(units.map((unit) => [unit.row, unit.side, unit.index, unit.order])).toEqual([
    [3, "chosen", 0, 0],
    [3, "rejected", 0, 0],
  ]);
  const [chosen, rejected] = units.map((unit) => (unit.question.kind === "pointwise" ? unit.question.of : null));
  expect(chosen).toEqual({
    prompt: [{ role: "user", content: "question x" }],
    documents: { template: "numbered", items: documents },
    tools: "[]",
    response: "good x",
  });
  expect(rejected?.prompt).toEqual(other);
});

test("a 2 × 3 row gives six comparisons in order, with their lengths", () => {
  const matrix = pair("m", { chosen: ["1", "22"], rejected: ["333", "😀", ""] });
  const table = tableOf(pairwise, [matrix], (_, unit) => (unit.side === "chosen" ? 10 : 0) + unit.index);
  const outcomes = pairwise.judge(table);
  expect([...outcomes.margin]).toEqual([10, 9, 8, 11, 10, 9]);
  expect([...outcomes.lengthDifference]).toEqual([-2, 0, 1, -1, 1, 2]);
});

test("the graver of two failures decides: failed, then too long, then unparsable", () => {
  const states = (chosen: "unparsable" | "failed", rejected: "too-long"): number =>
    pairwise.judge(tableOf(pairwise, [pair("x")], (_, unit) => (unit.side === "chosen" ? chosen : rejected))).state[0]!;
  expect(states("failed", "too-long")).toBe(4);
  expect(states("unparsable", "too-long")).toBe(5);
});

test("a pairwise question answered in one order only is no verdict", () => {
  const table = tableOf(pairwise, [pair("x")], () => 2, "pairwise");
  const { entries } = table;
  const first = {
    ...entries,
    n: 1,
    row: entries.row.slice(0, 1),
  };
  expect(pairwise.judge({ ...table, entries: first }).state[0]).toBe(4);
});

test("listwise scores are refused", () => {
  const table = { ...tableOf(pairwise, [pair("x")], () => 0), kind: "listwise" as const };
  expect(() => pairwise.judge(table)).toThrow(/listwise/);
  expect(() => pairwise.units(pair("x"), 0, "listwise", "plain")).toThrow(/listwise/);
});
