import { expect, test } from "vitest";
import { chooseOutput, readScores, type ScoreRule } from "../../../src/models/onnx/output.ts";

const rule: ScoreRule = { outputName: null, scoreIndex: null, reduction: null, sign: 1, labels: [] };
const floats = (dims: number[], ...data: number[]) => ({ type: "float32", dims, data: Float32Array.from(data) });

test("half floats are decoded from their bits", () => {
  const cases: [number, number][] = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3555, 0.333251953125],
    [0x7c00, Infinity],
    [0x8000, -0],
  ];
  const output = { type: "float16", dims: [cases.length], data: Uint16Array.from(cases, ([bits]) => bits) };
  expect(
    readScores(
      output,
      cases.map(() => 4),
      rule,
    ),
  ).toEqual(cases.map(([, value]) => value));
  expect(readScores({ type: "float16", dims: [1], data: Uint16Array.of(0x7e00) }, [4], rule)).toEqual([NaN]);
});

test("a difference of two labels is the second minus the first, and a cost is negated", () => {
  const output = floats([2, 2], 1, 4, -1, -3);
  expect(readScores(output, [5, 3], { ...rule, reduction: "difference" })).toEqual([3, -2]);
  expect(readScores(output, [5, 3], { ...rule, reduction: "difference", sign: -1 })).toEqual([-3, 2]);
});

test("the last token of each row is its own, not the padding's", () => {
  const output = floats([2, 3], 1, 2, 3, 4, 5, 6);
  expect(readScores(output, [3, 2], { ...rule, reduction: "last-token" })).toEqual([3, 5]);
});

test.each([
  [floats([0], ...[]), [3], {}, "it is empty"],
  [floats([3, 1], 1, 2, 3), [4, 4], {}, "its first dimension is not the batch"],
  [floats([1, 3], 1, 2, 3), [9], { reduction: "difference" as const }, "`difference` needs exactly two labels"],
  [floats([1, 3], 1, 2, 3), [9], { scoreIndex: 3 }, "names the score 3, but the graph's labels are 0 to 2"],
  [
    floats([1, 2], 1, 2),
    [9],
    { scoreIndex: "honesty", labels: ["bad", "good"] },
    'the score "honesty", but the graph\'s labels are 0 bad, 1 good',
  ],
  [{ type: "int64", dims: [1], data: BigInt64Array.of(1n) }, [9], {}, "output is int64"],
])("a shape that holds no score is explained (%#)", (output, lengths, given, message) => {
  expect(() => readScores(output, lengths, { ...rule, ...given })).toThrow(message);
});

test("of several outputs the one called logits is read, or the one that is named", () => {
  expect(chooseOutput(["score"], rule)).toBe("score");
  expect(chooseOutput(["hidden", "logits"], rule)).toBe("logits");
  expect(chooseOutput(["rewards", "score"], { ...rule, outputName: "score" })).toBe("score");
  expect(() => chooseOutput(["rewards", "score"], rule)).toThrow("2 outputs (`rewards`, `score`)");
  expect(() => chooseOutput([], rule)).toThrow("no output");
  expect(() => chooseOutput(["a"], { ...rule, outputName: "b" })).toThrow("no output `b`; it has `a`");
});
