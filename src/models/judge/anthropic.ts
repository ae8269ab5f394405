import { z } from "zod";
import type { Provider, Reply } from "./provider.ts";

const replySchema = z.object({
  content: z.array(z.object({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullish(),
  usage: z
    .object({
      input_tokens: z.number(),
      output_tokens: z.number(),
      cache_creation_input_tokens: z.number().nullish(),
      cache_read_input_tokens: z.number().nullish(),
    })
    .nullish(),
});

/** Anthropic's messages: no log-probabilities and no seed. */
export const anthropic: Provider = {
  logprobs: "never",
  seeds: false,
  path: () => "/v1/messages",
  headers: { "anthropic-version": "2023-06-01" },
  credentials: (key): Record<string, string> => (key === undefined ? {} : { "x-api-key": key }),
  body: (model, { system, turns }, { maxTokens, temperature }) => ({
    model,
    max_tokens: maxTokens,
    system,
    messages: turns,
    ...(temperature === null ? {} : { temperature }),
  }),
  read(json): Reply {
    const { content, stop_reason: reason, usage } = replySchema.parse(json);
    return {
      text: content.flatMap(({ type, text }) => (type === "text" && text !== undefined ? [text] : [])).join(""),
      stop: reason === "refusal" ? "refused" : reason === "max_tokens" ? "length" : "end",
      reason: reason ?? "",
      tokens: null,
      usage:
        usage == null
          ? null
          : {
              input:
                usage.input_tokens + (usage.cache_creation_input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0),
              output: usage.output_tokens,
            },
    };
  },
};
