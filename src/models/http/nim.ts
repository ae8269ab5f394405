import { RmbenchError } from "../../errors.ts";
import { BadAnswer, numberOf, type Dialect } from "./dialect.ts";
import { listOf, objectOf } from "./json.ts";

/** NVIDIA NIM reward models: the rewards come in a chat completion, as logprobs by name or as `name:value,…`. */
export const nim: Dialect = {
  name: "nim",
  keys: ["NVIDIA_API_KEY", "NGC_API_KEY"].map((name) => ({ name, domains: ["nvidia.com"] })),
  input: "messages",
  switchable: false,
  indexed: true,
  reads: ["attribute"],
  async connect({ client, model, settings, form }) {
    if (model === null) throw new RmbenchError("usage", "nim: needs the model's name after #");
    if (form !== "messages") throw new RmbenchError("usage", "nim: takes messages only: leave tokenizer and input out");
    return {
      batch: 1,
      dtype: null,
      runtime: null,
      count: null,
      async score(texts, _raw, signal) {
        const body = { model, messages: texts[0]!.messages, stream: false };
        const answer = objectOf((await client.json({ path: "/v1/chat/completions", body }, signal)).body);
        const choice = objectOf(listOf(answer["choices"])[0]);
        const attributes = rewardsOf(choice);
        const { prompt_tokens: tokens } = objectOf(answer["usage"]);
        const names = Object.keys(attributes);
        const name = settings.attribute ?? (names.length === 1 ? names[0]! : null);
        if (name === null || !(name in attributes)) {
          throw new BadAnswer(
            `the rewards are ${names.join(", ") || "none"}; \`--server attribute=<name>\` says which is the score`,
          );
        }
        return [
          {
            value: attributes[name]!,
            ...(names.length > 1 && { attributes }),
            ...(typeof tokens === "number" && { tokens }),
          },
        ];
      },
    };
  },
};

function rewardsOf(choice: Readonly<Record<string, unknown>>): Record<string, number> {
  const listed = listOf(objectOf(choice["logprobs"])["content"]).map(objectOf);
  if (listed.length > 0)
    return Object.fromEntries(listed.map(({ token, logprob }) => [String(token), numberOf(logprob)]));
  // Older deployments answer with a list of one message.
  const message = objectOf(Array.isArray(choice["message"]) ? choice["message"][0] : choice["message"]);
  const content = String(message["content"] ?? "");
  return Object.fromEntries(
    content.split(",").flatMap((part) => {
      const [, name, value] = /^\s*([\w-]+)\s*:\s*(-?[\d.]+(?:e[-+]?\d+)?|-?inf|nan)\s*$/i.exec(part) ?? [];
      return name === undefined ? [] : [[name, readNumber(value!)]];
    }),
  );
}

function readNumber(text: string): number {
  return Number(text.replace(/inf$/i, "Infinity"));
}
