import { BadAnswer, counted, numberOf, readAnswer, type Dialect } from "./dialect.ts";
import { listOf, objectOf } from "./json.ts";

/** OpenRLHF's reward server: `{query: […]}` to the address itself, usually `/get_reward`. */
export const openrlhf: Dialect = {
  name: "openrlhf",
  keys: ["OPENRLHF_API_KEY"],
  input: null,
  switchable: false,
  indexed: false,
  reads: [],
  async connect({ client }) {
    return {
      batch: 32,
      dtype: null,
      runtime: null,
      count: null,
      async score(texts, _raw, signal) {
        const query = texts.map(({ written }) => {
          if (written === null)
            throw new BadAnswer("no text gives these tokens where the tokenizer adds none of its own");
          return written;
        });
        const body = { query, prompts: texts.map(({ pair }) => pair.question), labels: [] };
        return readAnswer(await client.json({ path: "", body }, signal), (said) => {
          const answer = objectOf(said);
          const scores = listOf(answer["scores"] ?? answer["rewards"]);
          return counted(scores, texts.length).map((value) => ({
            value: numberOf(Array.isArray(value) ? value[0] : value),
          }));
        });
      },
    };
  },
};
