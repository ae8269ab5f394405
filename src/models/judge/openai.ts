import { z } from "zod";
import { hosts } from "./reference.ts";
import type { Provider, Reply } from "./provider.ts";

/** Most alternatives that OpenAI and, by default, vLLM list. */
export const topLogprobs = 20;

const choice = z.object({ token: z.string(), logprob: z.number() });
const replySchema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({ content: z.array(choice.extend({ top_logprobs: z.array(choice).default([]) })).nullish() })
          .nullish(),
      }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number().default(0) }).nullish(),
});

/**
 * Chat completions as OpenAI, vLLM, SGLang, llama.cpp and Ollama serve them. OpenAI itself takes `max_completion_tokens`,
 * which older servers ignore without a word; the others get `max_tokens`.
 */
export function openai(base: string): Provider {
  const maxTokens = base === hosts.openai ? "max_completion_tokens" : "max_tokens";
  return {
    logprobs: "default",
    seeds: true,
    path: () => "/chat/completions",
    headers: {},
    credentials: (key): Record<string, string> => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
    body: (model, { system, turns }, sampling) => ({
      model,
      messages: [{ role: "system", content: system }, ...turns],
      [maxTokens]: sampling.maxTokens,
      ...(sampling.temperature === null ? {} : { temperature: sampling.temperature }),
      ...(sampling.seed === null ? {} : { seed: sampling.seed }),
      ...(sampling.logprobs ? { logprobs: true, top_logprobs: topLogprobs } : {}),
    }),
    read,
  };
}

function read(json: unknown): Reply {
  const { choices, usage } = replySchema.parse(json);
  const { message, finish_reason: finish, logprobs } = choices[0]!;
  const refusal = message.refusal ?? "";
  const refused = refusal !== "" || finish === "content_filter";
  return {
    text: refusal !== "" ? refusal : (message.content ?? ""),
    stop: refused ? "refused" : finish === "length" ? "length" : "end",
    reason: refusal !== "" ? "refusal" : (finish ?? ""),
    tokens: logprobs?.content?.map(({ token, logprob, top_logprobs: top }) => ({ token, logprob, top })) ?? null,
    usage: usage == null ? null : { input: usage.prompt_tokens, output: usage.completion_tokens },
  };
}
