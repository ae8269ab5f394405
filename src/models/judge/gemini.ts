import { z } from "zod";
import { topLogprobs } from "./openai.ts";
import type { Provider, Reply, TokenChoice } from "./provider.ts";

const choice = z
  .object({ token: z.string().default(""), logProbability: z.number() })
  .transform(({ token, logProbability }): TokenChoice => ({ token, logprob: logProbability }));
const replySchema = z.object({
  candidates: z
    .array(
      z.object({
        content: z
          .object({
            parts: z.array(z.object({ text: z.string().optional(), thought: z.boolean().optional() })).default([]),
          })
          .nullish(),
        finishReason: z.string().nullish(),
        logprobsResult: z
          .object({
            chosenCandidates: z.array(choice),
            topCandidates: z.array(z.object({ candidates: z.array(choice).default([]) })).default([]),
          })
          .nullish(),
      }),
    )
    .default([]),
  promptFeedback: z.object({ blockReason: z.string().nullish() }).nullish(),
  usageMetadata: z
    .object({
      promptTokenCount: z.number().default(0),
      candidatesTokenCount: z.number().default(0),
      thoughtsTokenCount: z.number().default(0),
    })
    .nullish(),
});

/** Gemini's generateContent. A blocked prompt has no candidates; a blocked answer has a reason other than these. */
const unblocked: Readonly<Record<string, Reply["stop"]>> = { "": "end", STOP: "end", MAX_TOKENS: "length" };

export const gemini: Provider = {
  logprobs: "on request",
  seeds: true,
  path: (model) => `/v1beta/models/${encodeURIComponent(model)}:generateContent`,
  headers: {},
  credentials: (key): Record<string, string> => (key === undefined ? {} : { "x-goog-api-key": key }),
  body: (_model, { system, turns }, sampling) => ({
    systemInstruction: { parts: [{ text: system }] },
    contents: turns.map(({ role, content }) => ({
      role: role === "assistant" ? "model" : "user",
      parts: [{ text: content }],
    })),
    generationConfig: {
      maxOutputTokens: sampling.maxTokens,
      ...(sampling.temperature === null ? {} : { temperature: sampling.temperature }),
      ...(sampling.seed === null ? {} : { seed: sampling.seed }),
      ...(sampling.logprobs ? { responseLogprobs: true, logprobs: topLogprobs } : {}),
    },
  }),
  read(json): Reply {
    const { candidates, promptFeedback, usageMetadata: counts } = replySchema.parse(json);
    const usage =
      counts == null
        ? null
        : { input: counts.promptTokenCount, output: counts.candidatesTokenCount + counts.thoughtsTokenCount };
    const [first] = candidates;
    if (first === undefined) {
      return { text: "", stop: "refused", reason: promptFeedback?.blockReason ?? "no candidates", tokens: null, usage };
    }
    const reason = first.finishReason ?? "";
    const { chosenCandidates, topCandidates } = first.logprobsResult ?? { chosenCandidates: null, topCandidates: [] };
    return {
      text: (first.content?.parts ?? [])
        .flatMap(({ text, thought }) => (thought === true ? [] : (text ?? [])))
        .join(""),
      stop: unblocked[reason] ?? "refused",
      reason,
      tokens: chosenCandidates?.map((chosen, at) => ({ ...chosen, top: topCandidates[at]?.candidates ?? [] })) ?? null,
      usage,
    };
  },
};
