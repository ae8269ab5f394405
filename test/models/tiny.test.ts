import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { Document, Message } from "../../src/pairs/pair.ts";
import type { Question } from "../../src/questions/question.ts";

interface Golden {
  tolerance: number;
  conversations: { prompt: Message[]; documents: Document[] | null; response: string; ids: number[]; score: number }[];
}

const golden = JSON.parse(
  readFileSync(new URL("../../fixtures/golden/tiny-scores.json", import.meta.url), "utf8"),
) as Golden;

it("reads and scores as the recipe's PyTorch model does, token by token", async () => {
  const signal = new AbortController().signal;
  const model = await describeModel("tiny", defaultModelOptions, {
    cwd: ".",
    env: process.env,
    signal,
    warn: () => {},
  });
  const questions = golden.conversations.map(({ prompt, documents, response }): Question => ({
    kind: "pointwise",
    of: {
      prompt,
      documents: documents === null ? null : { template: "numbered", items: documents },
      tools: null,
      response,
    },
  }));
  const prepared = await model.prepare(questions);
  for (const [i, { payload }] of prepared.entries()) {
    expect([...(payload as { ids: Int32Array }).ids]).toEqual(golden.conversations[i]!.ids);
  }
  await using session = await model.open(signal);
  const scores = await session.score(prepared, signal);
  for (const [i, score] of scores.entries()) {
    const want = golden.conversations[i]!.score;
    expect(score).toMatchObject({ status: "ok" });
    expect(Math.abs((score as { value: number }).value - want)).toBeLessThanOrEqual(golden.tolerance);
  }
  expect(new Set(scores.map((score) => JSON.stringify(score))).size).toBeGreaterThan(golden.conversations.length / 2);
});
