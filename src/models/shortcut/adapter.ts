import { RmbenchError } from "../../errors.ts";
import type { Conversation } from "../../questions/question.ts";
import type { Adapter, RewardModel, Score } from "../reward-model.ts";
import { refuseOptions } from "../options.ts";
import { randomScore, shortcutScorers } from "./scorers.ts";

const scorers: Readonly<Record<string, (conversation: Conversation) => number>> = {
  random: randomScore,
  ...shortcutScorers,
};

/** `shortcut:longest` and its like: scorers that do not read, as reward models. */
export const shortcutAdapter: Adapter = {
  name: "shortcut",
  describe: async (reference, options) => {
    const scorer = scorers[reference];
    if (scorer === undefined) {
      throw new RmbenchError("usage", `there is no shortcut ${JSON.stringify(reference)}`, {
        hint: `Choose one of: ${Object.keys(scorers).join(", ")}.`,
      });
    }
    refuseOptions(`shortcut:${reference}`, options);
    return shortcutModel(reference, scorer);
  },
};

function shortcutModel(name: string, scorer: (conversation: Conversation) => number): RewardModel {
  return {
    id: `shortcut:${name}`,
    identity: { adapter: "shortcut", name, version: "1" },
    asks: ["pointwise"],
    // Whoever the user is: nothing is read.
    takesContext: true,
    output: "other",
    limits: { maxTokens: null, batchTokens: 1, batchSize: 4096, concurrency: 1, batching: "invariant" },
    notice: null,
    prepare: async (questions) =>
      questions.map((question) => ({
        tokens: 0,
        truncated: false,
        droppedDocuments: 0,
        refused: question.kind === "pointwise" ? null : { code: "unsupported", message: "a shortcut scores one text" },
        payload: question,
      })),
    open: async () => ({
      score: async (batch) =>
        batch.map(({ payload }): Score => {
          const question = payload as { of: Conversation };
          return { status: "ok", value: scorer(question.of) };
        }),
      device: () => ({ requested: "cpu", used: "none", nodes: null, driver: null, dtype: null, runtime: null }),
      [Symbol.asyncDispose]: async () => {},
    }),
  };
}
