import { BadAnswer, byIndex, counted, numberOf, pick, type Dialect } from "./dialect.ts";
import { listOf, objectOf } from "./json.ts";
import type { Text } from "./text.ts";

/** Hugging Face text-embeddings-inference: `/predict`, or `/rerank` where the model is a reranker. */
export const tei: Dialect = {
  name: "tei",
  keys: ["TEI_API_KEY", { name: "HF_TOKEN", domains: ["huggingface.co", "huggingface.cloud"] }],
  input: "pair",
  switchable: true,
  indexed: false,
  reads: ["scoreIndex"],
  async connect({ client, signal, settings, form }) {
    const info = objectOf((await client.json({ path: "/info" }, signal)).body);
    const reranks = "reranker" in objectOf(info["model_type"]);
    const inputOf = ({ text, pair }: Text) =>
      form === "pair" || text === null ? [pair.question, pair.answer] : [text];
    const predict = async (texts: readonly Text[], raw: boolean, to: AbortSignal) => {
      const body = { inputs: texts.map(inputOf), truncate: false, raw_scores: raw };
      const answers = counted(listOf((await client.json({ path: "/predict", body }, to)).body), texts.length);
      return answers.map((answer) => ({ value: labelled(listOf(answer), settings.scoreIndex) }));
    };
    const rerank = async ([text]: readonly Text[], raw: boolean, to: AbortSignal) => {
      const { question, answer } = text!.pair;
      const body = { query: question, texts: [answer], truncate: false, raw_scores: raw };
      const answers = listOf((await client.json({ path: "/rerank", body }, to)).body).map(objectOf);
      return byIndex(answers, 1).map(({ score }) => ({ value: numberOf(score) }));
    };
    const most = info["max_client_batch_size"];
    const { version, model_dtype: dtype } = info;
    return {
      batch: reranks ? 1 : typeof most === "number" ? Math.min(most, 32) : 32,
      dtype: typeof dtype === "string" ? dtype : null,
      runtime: typeof version === "string" ? `text-embeddings-inference ${version}` : null,
      count:
        form !== "rendered"
          ? null
          : async (text, to) => {
              if (text.text === null) return null;
              const body = { inputs: [text.text], add_special_tokens: true };
              return listOf(listOf((await client.json({ path: "/tokenize", body }, to)).body)[0]).length;
            },
      score: reranks ? rerank : predict,
    };
  },
};

/** Labels come sorted by score, so a place says nothing: the name does. */
function labelled(outputs: readonly unknown[], label: number | string | undefined): number {
  const entries = outputs.map(objectOf);
  if (entries.length === 1) return numberOf(entries[0]!["score"]);
  const found = entries.find((entry) => entry["label"] === label);
  if (found !== undefined) return numberOf(found["score"]);
  const names = entries.map((entry) => String(entry["label"])).join(", ");
  if (entries.length === 0) return pick([], undefined);
  throw new BadAnswer(`the model has the labels ${names}; \`--server scoreIndex=<label>\` says which is the reward`);
}
