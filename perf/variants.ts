/**
 * The plans that are compared, each over the same prepared texts and the same onnxruntime session options:
 * `rmbench` itself, a bare loop at a token budget, and RewardBench's plan (dataset order, batch 8, padded to the longest,
 * chosen and rejected in separate passes, no text scored once for two places).
 */
import { readFileSync } from "node:fs";
import type { PreferencePair } from "../src/pairs/pair.ts";
import type { Question } from "../src/questions/question.ts";

/** Texts of a set as questions, in RewardBench's order: all chosen sides first, then all rejected sides. */
export function questionsOf(pairs: readonly PreferencePair[]): Question[] {
  const side = (of: "chosen" | "rejected") =>
    pairs.flatMap((pair) =>
      comparisons(pair).map(([chosen, rejected]): Question => {
        const response = of === "chosen" ? chosen : rejected;
        return { kind: "pointwise", of: { prompt: pair.prompt, documents: null, tools: null, response } };
      }),
    );
  return [...side("chosen"), ...side("rejected")];
}

/** Every chosen × rejected comparison: a 3 × 3 item is nine pairs, as RM-Bench is scored by pairwise tools. */
function comparisons({ chosen, rejected }: PreferencePair) {
  return chosen.flatMap((a) => rejected.map((b) => [a, b] as const));
}

/** CPU seconds (user and system) that a process and its threads used so far, from /proc. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
