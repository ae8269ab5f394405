import { RmbenchError } from "../../errors.ts";
import { BadAnswer } from "../http/dialect.ts";
import { listOf, objectOf } from "../http/json.ts";
import type { Wire } from "./wire.ts";

/** vLLM writes this for minus infinity (`clamp_prompt_logprobs`). */
const clamped = -9999;

/** vLLM's `/v1/completions` with `prompt_logprobs`: one place per token of the prompt, the first of them null. */
export const vllm: Wire = {
  name: "vllm",
  keys: ["VLLM_API_KEY"],
  async model(asked, client, signal) {
    const models = listOf(objectOf((await client.json({ path: "/v1/models" }, signal)).body)["data"]).map(objectOf);
    const model = asked ?? String(models[0]?.["id"] ?? "");
    const names = models.map(({ id }) => String(id));
    if (names.includes(model)) return model;
    throw new RmbenchError("model", `the server has no model \`${model}\`; it has ${names.join(", ") || "none"}`);
  },
  // One token has to be generated; what it is does not matter.
  request: ({ ids }, model) => ({
    path: "/v1/completions",
    body: { model, prompt: Array.from(ids), max_tokens: 1, temperature: 1, prompt_logprobs: 1 },
  }),
  read(body, { ids, start }) {
    const places = objectOf(listOf(objectOf(body)["choices"])[0])["prompt_logprobs"];
    if (!Array.isArray(places))
      throw new BadAnswer("the answer has no prompt_logprobs, which older versions do not know");
    if (places.length !== ids.length) {
      throw new BadAnswer(`prompt_logprobs has ${places.length} places for ${ids.length} tokens`);
    }
    return listOf(places)
      .slice(start)
      .map((place, i) => {
        const known = objectOf(place);
        const { logprob } = objectOf(known[String(ids[start + i])]);
        const same = Object.keys(known).length === 0 || String(ids[start + i]) in known;
        return { logprob: logprob === clamped ? Number.NEGATIVE_INFINITY : logprob, same };
      });
  },
};
