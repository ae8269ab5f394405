import { byIndex, counted, pick, type Dialect } from "./dialect.ts";
import { listOf, objectOf } from "./json.ts";

/**
 * SGLang's own `/classify`, or `/v1/embeddings`: both give raw scores. Never `/v1/classify`, which softmaxes a single label
 * to 1.
 */
export const sglang: Dialect = {
  name: "sglang",
  keys: ["SGLANG_API_KEY"],
  input: null,
  switchable: false,
  indexed: false,
  reads: ["endpoint", "scoreIndex"],
  async connect({ client, model, settings, signal }) {
    const { body: found } = await client.json({ path: "/model_info" }, signal);
    const { model_path: path } = objectOf(found);
    const embeds = settings.endpoint === "embeddings";
    return {
      batch: 32,
      dtype: null,
      runtime: null,
      count: null,
      async score(texts, _raw, to) {
        const input = texts.map(({ ids, text }) => (ids === null ? text : Array.from(ids)));
        if (embeds) {
          const body = { model: model ?? path, input };
          const { data } = objectOf((await client.json({ path: "/v1/embeddings", body }, to)).body);
          const entries = byIndex(listOf(data).map(objectOf), texts.length);
          return entries.map(({ embedding }) => ({ value: pick(listOf(embedding), settings.scoreIndex) }));
        }
        const body = texts[0]!.ids === null ? { text: input } : { input_ids: input };
        const { body: answer } = await client.json({ path: "/classify", body }, to);
        const entries = (Array.isArray(answer) ? listOf(answer) : [answer]).map(objectOf);
        return counted(entries, texts.length).map(({ embedding, meta_info }) => {
          const { prompt_tokens: tokens } = objectOf(meta_info);
          const value = pick(listOf(embedding), settings.scoreIndex);
          return { value, ...(typeof tokens === "number" && { tokens }) };
        });
      },
    };
  },
};
