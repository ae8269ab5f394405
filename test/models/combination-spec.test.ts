import { describe, expect, test } from "vitest";
import { combinationNames, parseCombination } from "../../src/models/combination-spec.ts";
import { parseSpec } from "../../src/models/spec.ts";

const parse = (spec: string) => {
  const parsed = parseCombination(spec);
  return parsed && [parsed.name, parsed.parameter, ...parsed.members];
};
const thrown = (run: () => unknown): { message: string; hint: string } => {
  try {
    run();
  } catch (error) {
    return error as { message: string; hint: string };
  }
  throw new Error("nothing was thrown");
};

describe("parseCombination", () => {
  test.each([
    ["ensemble:mean(tiny, onnx:./b)", ["ensemble", "mean", "tiny", "onnx:./b"]],
    [
      "ensemble:mean-std,k=0.5,raw( tiny ,scores:a.arrow)",
      ["ensemble", "mean-std,k=0.5,raw", "tiny", "scores:a.arrow"],
    ],
    ["attribute:helpfulness(torch:org/name)", ["attribute", "helpfulness", "torch:org/name"]],
    ["lowess(tiny)", ["lowess", "", "tiny"]],
    [
      "length-penalty:0.001(ensemble:min(a, steps:min(b)))",
      ["length-penalty", "0.001", "ensemble:min(a, steps:min(b))"],
    ],
    [
      `ensemble:mean(process:"rm --weights (a, b)", tiny)`,
      ["ensemble", "mean", `process:"rm --weights (a, b)"`, "tiny"],
    ],
    ["ensemble:mean(onnx:./my (copy, 2), tiny)", ["ensemble", "mean", "onnx:./my (copy, 2)", "tiny"]],
  ])("%s", (spec, parts) => expect(parse(spec)).toEqual(parts));

  test.each(["tiny", "onnx:./dir (1)", "./my(rm).ts", "C:\\ensemble(1)", "http:ensemble(a)", "(tiny)", ""])(
    "%j is none",
    (spec) => expect(parseCombination(spec)).toBe(null),
  );

  test.each([
    "ensemble:mean",
    "ensemble",
    "ensemble:mean(a, b",
    "ensemble:mean(a))(",
    "lowess()",
    "ensemble:mean(a,,b)",
    `lowess("a)`,
  ])("%j is refused, with how to write it", (spec) =>
    expect(thrown(() => parseCombination(spec)).hint).toContain("ensemble:mean(tiny, onnx:./b)"),
  );

  test("its id keeps no credentials", () => {
    expect(parseCombination("ensemble:mean(tiny, vllm:http://me:secret@host#rm)")!.id).toBe(
      "ensemble:mean(tiny, vllm:http://host#rm)",
    );
  });
});

describe("parseSpec, where one model is needed", () => {
  test.each(combinationNames)("refuses %s with what to do", (name) => {
    expect(thrown(() => parseSpec(`${name}:x(tiny)`, ["onnx"])).message).toContain("combines scores of models");
  });

  test.each([
    ["ensembel:mean(tiny, tiny)", "`ensemble:mean(tiny, tiny)`"],
    ["lowes(tiny)", "`lowess`"],
  ])("%s: did you mean", (spec, near) => {
    expect(thrown(() => parseSpec(spec, ["onnx"])).hint).toContain(`did you mean ${near}`);
  });
});
