import type { Question } from "../../questions/question.ts";

const turns = [
  ["What is the tallest mountain?", "Mount Everest, at 8,849 metres above the sea."],
  ["What is the tallest mountain?", "I do not care about mountains."],
  ["Write a line about rain.", "Rain taps the tin roof,\na slow song nobody asked for,\nand the garden hums."],
  ["雨と傘について一言。", "傘は雨の日の小さな屋根です。 ☂"],
] as const;

/** Short texts that tell one model from another, and a server's order and activation. */
export const probes: readonly Question[] = turns.map(([content, response]) => ({
  kind: "pointwise",
  of: { prompt: [{ role: "user", content }], documents: null, tools: null, response },
}));
