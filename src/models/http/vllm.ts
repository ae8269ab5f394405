import { RmbenchError } from "../../errors.ts";
import { byIndex, pick, type Call, type Connected, type Dialect } from "./dialect.ts";
import { listOf, objectOf, type Json } from "./json.ts";
import { Refused } from "./refused.ts";
import type { Text } from "./text.ts";

/** vLLM's `/classify`, `/pooling` (task classify) and `/score`. */
export const vllm: Dialect = {
  name: "vllm",
  keys: ["VLLM_API_KEY"],
  input: "messages",
  switchable: true,
  indexed: true,
  reads: ["endpoint", "scoreIndex"],
  async connect(call) {
    const { client, signal, settings, form } = call;
    const models = listOf(objectOf((await client.json({ path: "/v1/models" }, signal)).body)["data"]).map(objectOf);
    const model = call.model ?? String(models[0]?.["id"] ?? "");
    const names = models.map(({ id }) => String(id));
    if (!names.includes(model)) {
      throw new RmbenchError("model", `the server has no model \`${model}\`; it has ${names.join(", ") || "none"}`);
    }
    const endpoint = settings.endpoint ?? "classify";
    const pairs = endpoint === "score" || form === "pair";
    const special = form === "messages" && !pairs ? await addsBos(call, model) : false;
    const ask = async (texts: readonly Text[], raw: boolean, to: AbortSignal) => {
      // The two older names are for servers that do not know the first; each ignores what it does not know.
      const common = { model, use_activation: !raw, activation: !raw, softmax: !raw };
      const path = pairs ? "/score" : `/${endpoint}`;
      const task = endpoint === "pooling" ? { task: "classify", encoding_format: "float" } : {};
      const body = objectOf(
        (await client.json({ path, body: { ...common, ...task, ...inputOf(texts, form, pairs, special) } }, to)).body,
      );
      const entries = byIndex(listOf(body["data"]).map(objectOf), texts.length);
      const total = objectOf(body["usage"])["prompt_tokens"];
      const tokens = texts.length === 1 && typeof total === "number" ? { tokens: total } : {};
      return entries.map((entry) => ({ value: pick(outputsOf(entry), settings.scoreIndex), ...tokens }));
    };
    return {
      batch: form === "messages" && !pairs ? 1 : 32,
      dtype: null,
      runtime: await versionOf(call),
      count: async (text, to) => (await ask([text], true, to))[0]?.tokens ?? null,
      score: ask,
    } satisfies Connected;
  },
};

function outputsOf({ probs, data, score }: Json): readonly unknown[] {
  return Array.isArray(probs) ? probs : Array.isArray(data) ? data : [score];
}

function inputOf(texts: readonly Text[], form: Call["form"], pairs: boolean, special: boolean): Json {
  if (pairs)
    return { queries: texts.map(({ pair }) => pair.question), documents: texts.map(({ pair }) => pair.answer) };
  if (form === "messages") {
    return { messages: texts[0]!.messages, add_generation_prompt: false, add_special_tokens: special };
  }
  return { input: texts.map(({ ids, text }) => (ids === null ? text : Array.from(ids))) };
}

/**
 * Whether the tokenizer has to add the special tokens to the rendered chat, which some templates leave to it: then the
 * chat is one BOS short without, and has no BOS twice with.
 */
async function addsBos({ client, signal, warn }: Call, model: string): Promise<boolean> {
  const messages = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hello, how can I help?" },
  ];
  const tokens = async (add_special_tokens: boolean) => {
    const body = { model, messages, add_generation_prompt: false, add_special_tokens };
    return listOf(objectOf((await client.json({ path: "/tokenize", body }, signal)).body)["tokens"]);
  };
  try {
    const [bare, added] = [await tokens(false), await tokens(true)];
    if (added.length > bare.length) return added[0] !== bare[0];
    if (bare.length > 1 && bare[0] === bare[1])
      throw new RmbenchError("model", "the server's chat template begins with two BOS tokens");
    return false;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    warn(`whether texts begin with one BOS could not be checked: /tokenize answered ${error.status}`);
    return false;
  }
}

async function versionOf({ client, signal }: Call): Promise<string | null> {
  try {
    const { version } = objectOf((await client.json({ path: "/version" }, signal)).body);
    return typeof version === "string" ? `vllm ${version}` : null;
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}
