/** Servers that score with the embedded model and speak each schema as its source does, error bodies included. */
import type { Message } from "../../../../src/pairs/pair.ts";
import { sigmoid, type Embedded } from "./embedded.ts";
import type { Handler } from "./serve.ts";

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const notFound = (path: string) => ({ status: 404, body: { detail: "Not Found", path } });
const idsOrText = (tiny: Embedded) => (input: unknown) =>
  typeof input === "string" ? tiny.ofText(input) : tiny.ofIds(input as number[]);

/** vllm-project/vllm@020638a6b0 entrypoints/pooling/*, errors @ba638200e9 serve/exception_handling/error_response.py. */
export function vllmServer(tiny: Embedded, { honours = true } = {}): Handler {
  return async ({ path, body }) => {
    const activate = (value: number) => (body["use_activation"] === false && honours ? value : sigmoid(value));
    if (path === "/version") return { body: { version: "0.11.2" } };
    if (path === "/v1/models")
      return { body: { object: "list", data: [{ id: "tiny", object: "model", max_model_len: 512 }] } };
    if (body["model"] !== "tiny") {
      const message = `The model \`${String(body["model"])}\` does not exist.`;
      return { status: 404, body: { error: { message, type: "NotFoundError", param: "model", code: 404 } } };
    }
    const messages = body["messages"] as Message[] | undefined;
    if (path === "/tokenize") {
      const tokens = await tiny.idsOfMessages(messages!);
      return { body: { count: tokens.length, max_model_len: 512, tokens, token_strs: null } };
    }
    const inputs = messages === undefined ? list(body["input"]) : [await tiny.idsOfMessages(messages)];
    const counts = inputs.map((input) => (Array.isArray(input) ? input.length : tiny.tokensOf(String(input)).length));
    const longest = Math.max(...counts);
    if (longest > 512) {
      const message = `This model's maximum context length is 512 tokens. However, your request has ${longest} input tokens. Please reduce the length of the input messages.`;
      return { status: 400, body: { error: { message, type: "BadRequestError", param: "input_tokens", code: 400 } } };
    }
    const scores = await Promise.all(inputs.map(idsOrText(tiny)));
    const prompt = counts.reduce((sum, count) => sum + count, 0);
    const usage = { prompt_tokens: prompt, total_tokens: prompt, completion_tokens: 0, prompt_tokens_details: null };
    const common = { object: "list", created: 1745383065, model: "tiny", usage };
    if (path === "/classify") {
      const data = scores.map((s, index) => ({ index, label: "LABEL_0", probs: [activate(s)], num_classes: 1 }));
      return { body: { id: "classify-1", ...common, data } };
    }
    if (path === "/pooling" && body["task"] === "classify") {
      return {
        body: {
          id: "pool-1",
          ...common,
          data: scores.map((s, index) => ({ index, object: "pooling", data: [activate(s)] })),
        },
      };
    }
    return notFound(path);
  };
}

/** sgl-project/sglang: native /classify (raw), /v1/embeddings @984762a000. */
function sglangServer(tiny: Embedded): Handler {
  return async ({ path, body }) => {
    if (path === "/model_info") return { body: { model_path: "tiny", tokenizer_path: "tiny", is_generation: false } };
    if (path === "/classify") {
      const inputs = list(body["input_ids"] ?? body["text"]);
      const answers = inputs.map(async (input, i) => {
        const ids = typeof input === "string" ? tiny.tokensOf(input) : (input as number[]);
        return {
          embedding: [await tiny.ofIds(ids)],
          meta_info: { id: String(i), prompt_tokens: ids.length, e2e_latency: 0.01 },
        };
      });
      return { body: await Promise.all(answers) };
    }
    if (path === "/v1/embeddings") {
      const scores = await Promise.all(list(body["input"]).map(idsOrText(tiny)));
      return {
        body: {
          object: "list",
          model: "tiny",
          data: scores.map((s, index) => ({ object: "embedding", index, embedding: [s] })),
        },
      };
    }
    return notFound(path);
  };
}

/** huggingface/text-embeddings-inference@0d124dc977 router/src/http/{types,server}.rs. */
function teiServer(tiny: Embedded, { most = 8 } = {}): Handler {
  return async ({ path, body }) => {
    if (path === "/info") {
      const model_type = { classifier: { id2label: { "0": "LABEL_0" }, label2id: { LABEL_0: 0 } } };
      return {
        body: {
          model_id: "tiny",
          model_dtype: "float32",
          model_type,
          max_input_length: 512,
          max_client_batch_size: most,
          version: "1.8.2",
        },
      };
    }
    const inputs = list(body["inputs"]);
    if (path === "/tokenize")
      return { body: inputs.map((text) => tiny.tokensOf(String(text)).map((id) => ({ id, special: false }))) };
    if (path !== "/predict") return notFound(path);
    if (inputs.length > most) {
      const error = `batch size ${inputs.length} > maximum allowed batch size ${most}`;
      return { status: 422, body: { error, error_type: "Validation" } };
    }
    const texts = inputs.map((input) => list(input).join("[SEP]"));
    const long = texts.map((text) => tiny.tokensOf(text).length).find((count) => count > 512);
    if (long !== undefined && body["truncate"] === false) {
      const error = `\`inputs\` must have less than 512 tokens. Given: ${long}`;
      return { status: 422, body: { error, error_type: "Validation" } };
    }
    const scores = await Promise.all(texts.map((text) => tiny.ofText(text)));
    return { body: scores.map((s) => [{ score: body["raw_scores"] === true ? s : sigmoid(s), label: "LABEL_0" }]) };
  };
}

/** kserve/open-inference-protocol@d49cc23f89 inference_rest.md; rank-2 INT64 ids with their mask, as an exported graph has. */
function kserveServer(tiny: Embedded): Handler {
  return async ({ path, body }) => {
    if (path === "/v2/models/tiny") {
      const tensor = (name: string, datatype: string) => ({ name, datatype, shape: [-1, -1] });
      const inputs = [tensor("input_ids", "INT64"), tensor("attention_mask", "INT64")];
      return { body: { name: "tiny", platform: "onnxruntime_onnx", inputs, outputs: [tensor("logits", "FP32")] } };
    }
    if (path !== "/v2/models/tiny/infer") return { status: 404, body: { error: `unknown model in ${path}` } };
    const inputs = body["inputs"] as { name: string; shape: number[]; data: number[] }[];
    const [ids, mask] = ["input_ids", "attention_mask"].map((name) => inputs.find((input) => input.name === name)!);
    const [rows = 0, columns = 0] = ids!.shape;
    const scores = Array.from({ length: rows }, (_, row) => {
      const of = ({ data }: { data: number[] }) => data.slice(row * columns, (row + 1) * columns);
      const masks = of(mask!);
      return tiny.ofIds(of(ids!).filter((_id, i) => masks[i] === 1));
    });
    const data = await Promise.all(scores);
    return { body: { model_name: "tiny", outputs: [{ name: "logits", shape: [rows, 1], datatype: "FP32", data }] } };
  };
}

/** OpenRLHF/OpenRLHF@3c3be6234e openrlhf/cli/serve_rm.py: tokenises with add_special_tokens=False. */
export function openrlhfServer(tiny: Embedded): Handler {
  return async ({ path, body }) => {
    if (path !== "/get_reward") return notFound(path);
    const rewards = await Promise.all((body["query"] as string[]).map((text) => tiny.ofText(text)));
    return { body: { rewards, scores: rewards, extra_logs: { dummy_scores: rewards } } };
  };
}

/** NIM reward models: camel-ai/camel@25997808da camel/models/reward/nemotron_model.py reads the same. */
function nimServer(tiny: Embedded): Handler {
  return async ({ path, body }) => {
    if (path !== "/v1/chat/completions") return notFound(path);
    const ids = await tiny.idsOfMessages(body["messages"] as Message[]);
    const content = [{ token: "reward", logprob: await tiny.ofIds(ids) }];
    const choices = [
      { index: 0, message: { role: "assistant", content: "" }, logprobs: { content }, finish_reason: "stop" },
    ];
    return {
      body: { id: "1", object: "chat.completion", model: "tiny", choices, usage: { prompt_tokens: ids.length } },
    };
  };
}

/** A schema of nobody's: `{inputs: […]}` in, `{results: [{reward}]}` out. */
function ownServer(tiny: Embedded): Handler {
  return async ({ body }) => {
    const rewards = await Promise.all((body["inputs"] as string[]).map((text) => tiny.ofText(text)));
    return { body: { results: rewards.map((reward) => ({ reward })) } };
  };
}

export const servers = {
  vllm: { handler: vllmServer, spec: (url: string) => `vllm:${url}#tiny` },
  sglang: { handler: sglangServer, spec: (url: string) => `sglang:${url}` },
  tei: { handler: teiServer, spec: (url: string) => `tei:${url}` },
  kserve: { handler: kserveServer, spec: (url: string) => `kserve:${url}#tiny` },
  openrlhf: { handler: openrlhfServer, spec: (url: string) => `openrlhf:${url}/get_reward` },
  nim: { handler: nimServer, spec: (url: string) => `nim:${url}#tiny` },
  http: { handler: ownServer, spec: (url: string) => `http:${url}/score` },
} as const;

export type ServerName = keyof typeof servers;

/** `server:` of each: the tokenizer is ours, but for NIM, which takes messages. */
export function settingsFor(name: ServerName, tokenizer: string) {
  if (name === "nim") return {};
  if (name !== "http") return { tokenizer };
  return { tokenizer, body: { inputs: "{{texts}}" }, scores: "results[*].reward", batch: 8 };
}
