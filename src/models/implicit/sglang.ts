import { BadAnswer } from "../http/dialect.ts";
import { listOf, objectOf } from "../http/json.ts";
import type { Wire } from "./wire.ts";

/**
 * SGLang's `/generate` with `return_logprob`: `[log-probability, id, text]` from `logprob_start_len` on, whose first is
 * always null, so it is asked from the token before the response.
 */
export const sglang: Wire = {
  name: "sglang",
  keys: ["SGLANG_API_KEY"],
  model: async () => null,
  request: ({ ids, start }) => ({
    path: "/generate",
    body: {
      input_ids: Array.from(ids),
      sampling_params: { max_new_tokens: 1, temperature: 1 },
      return_logprob: true,
      logprob_start_len: start - 1,
    },
  }),
  read(body, { ids, start }) {
    const places = objectOf(objectOf(body)["meta_info"])["input_token_logprobs"];
    if (!Array.isArray(places)) throw new BadAnswer("the answer has no meta_info.input_token_logprobs");
    return listOf(places)
      .slice(1)
      .map((place, i) => {
        const [logprob, id] = listOf(place);
        // It writes 0 for the last id of the vocabulary.
        return { logprob, same: id === ids[start + i] || id === 0 };
      });
  },
};
