import type { PreferencePair } from "../../src/pairs/pair.ts";
import type { Question } from "../../src/questions/question.ts";
import { pair } from "./suites.ts";

const instruction = (name: string) => [{ role: "user", content: name }];

/** The four rows of one contrast set: instructions I and J with their own responses r and s. */
export function contrastSet(cluster: string): PreferencePair[] {
  const [i, j] = [instruction("I"), instruction("J")];
  const response = { cluster, direction: "response" };
  const other = { cluster, direction: "instruction" };
  return [
    pair(`${cluster}-1`, { ...response, prompt: i, chosen: ["r"], rejected: ["s"] }),
    pair(`${cluster}-2`, { ...other, prompt: i, rejectedPrompt: j, chosen: ["r"], rejected: ["r"] }),
    pair(`${cluster}-3`, { ...response, prompt: j, chosen: ["s"], rejected: ["r"] }),
    pair(`${cluster}-4`, { ...other, prompt: j, rejectedPrompt: i, chosen: ["s"], rejected: ["s"] }),
  ];
}

/** Rewards from the matrix [[R(I, r), R(I, s)], [R(J, r), R(J, s)]]. */
export function rewardOf(matrix: readonly (readonly number[])[]): (question: Question) => number {
  return (question) => {
    if (question.kind !== "pointwise") throw new Error("the matrix holds rewards");
    const { prompt, response } = question.of;
    return matrix[prompt[0]!.content === "I" ? 0 : 1]![response === "r" ? 0 : 1]!;
  };
}
