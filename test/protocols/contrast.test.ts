import { expect, test } from "vitest";
import { contrast } from "../../src/protocols/contrast.ts";
import { twoSided } from "../../src/protocols/two-sided.ts";
import { contrastSet } from "./contrast-set.ts";
import { pair, tableOf } from "./suites.ts";

test("the cell of a comparison is what its row asks for", () => {
  const outcomes = contrast.judge(tableOf(contrast, contrastSet("s"), () => 0));
  const cells = Array.from(outcomes.cell.codes, (code) => outcomes.cell.values[code]);
  expect(cells).toEqual(["response", "instruction", "response", "instruction"]);
});

test("a row that cannot belong to a contrast set is refused with the reason", () => {
  const [response, instruction] = contrastSet("s");
  const units = (fields: object) => () => contrast.units({ ...response!, ...fields }, 5, "pointwise", "plain");
  expect(units({ cluster: null })).toThrow(/row 5 .* no cluster/);
  expect(units({ direction: null })).toThrow(/no direction but no rejected_prompt/);
  expect(units({ direction: "instruction" })).toThrow(/direction instruction but no rejected_prompt/);
  expect(units({ rejectedPrompt: instruction!.rejectedPrompt })).toThrow(/direction response but a rejected_prompt/);
});

test("a two-sided suite needs a direction on every row", () => {
  expect(() => twoSided.units(pair("x"), 2, "pointwise", "plain")).toThrow(/row 2 .* no direction/);
});
