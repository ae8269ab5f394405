import fc from "fast-check";
import { expect, test } from "vitest";
import { pairwise } from "../../src/protocols/pairwise.ts";
import { selectRows, splitByColumn } from "../../src/protocols/select.ts";
import { codes, pair, tableOf } from "./suites.ts";

const pairs = Array.from({ length: 9 }, (_, i) => pair(`${i}`, { rejected: ["x", "y", "z"].slice(i % 3) }));
const outcomes = pairwise.judge(
  tableOf(pairwise, pairs, (_, { row, side, index }) => (side === "chosen" ? row : index)),
);

test("the groups of a column are the selections of its values", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("u", "v", "w", null), { minLength: 9, maxLength: 9 }), (column) => {
      const groups = new Map(splitByColumn(outcomes, codes(column)));
      expect(new Set(groups.keys())).toEqual(new Set(column.filter((value) => value !== null)));
      for (const [value, group] of groups) expect(group).toEqual(selectRows(outcomes, (row) => column[row] === value));
    }),
  );
});

test("a selection keeps whole rows and their numbers", () => {
  const odd = selectRows(outcomes, (row) => row % 2 === 1);
  expect([...odd.row]).toEqual([1, 1, 3, 3, 3, 5, 7, 7]);
  expect([...odd.margin]).toEqual([...outcomes.margin].filter((_, i) => outcomes.row[i]! % 2 === 1));
  expect(selectRows(outcomes, () => false).n).toBe(0);
});
