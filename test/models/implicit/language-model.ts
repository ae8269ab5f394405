/** A language model small enough to be computed twice: by test servers, and by tests beside them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Handler } from "../http/servers/serve.ts";
import { copyOf } from "../support.ts";

const vocabulary = 320;
/** Tokens of prompt and answer that the servers take: the tokenizer's. */
const most = 128;

/** log P(next | the two ids before), a softmax over the vocabulary; `phase` makes another model of it. */
export function logprob(phase: number, before: readonly number[], next: number): number {
  const [a = 0, b = 0] = before.slice(-2);
  const key = `${phase},${a},${b}`;
  const found = known.get(key) ?? distribution(phase, a, b);
  known.set(key, found);
  return found[next]!;
}

const known = new Map<string, Float64Array>();

function distribution(phase: number, a: number, b: number): Float64Array {
  const logits = Float64Array.from(
    { length: vocabulary },
    (_, id) => 3 * Math.sin(phase + 0.37 * a + 1.13 * b + 0.71 * id * (1 + (b % 5))),
  );
  const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
  return logits.map((logit) => logit - total);
}

const of = (phase: number, ids: readonly number[], at: number) => logprob(phase, ids.slice(0, at), ids[at]!);
const tooLong = (count: number, longest: number) =>
  `This model's maximum context length is ${longest} tokens. However, your request has ${count} input tokens.`;

/** vllm-project/vllm@030ea52eff entrypoints/openai/completion/{protocol,serving}.py. */
export function vllmServer(phases: Readonly<Record<string, number>>, longest = most): Handler {
  return async ({ path: asked, body }) => {
    const path = asked.split("?")[0]!;
    if (path === "/v1/models") {
      return { body: { object: "list", data: Object.keys(phases).map((id) => ({ id, object: "model" })) } };
    }
    const refuse = (status: number, message: string) => ({
      status,
      body: { error: { message, type: "BadRequestError", param: null, code: status } },
    });
    if (path !== "/v1/completions") return { status: 404, body: { detail: "Not Found" } };
    const phase = phases[String(body["model"])];
    if (phase === undefined) return refuse(404, `The model \`${String(body["model"])}\` does not exist.`);
    const ids = body["prompt"] as number[];
    if (ids.length + Number(body["max_tokens"]) > longest) return refuse(400, tooLong(ids.length, longest));
    const top = Number(body["prompt_logprobs"]);
    const place = (at: number) => {
      const sure = {
        [String(at % 7)]: { logprob: logprob(phase, ids.slice(0, at), at % 7), rank: 1, decoded_token: "?" },
      };
      return {
        ...(top > 0 && sure),
        [String(ids[at])]: { logprob: of(phase, ids, at), rank: 2, decoded_token: "?" },
      };
    };
    const prompt_logprobs = ids.map((_, at) => (at === 0 ? null : place(at)));
    const choice = { index: 0, text: "x", logprobs: null, finish_reason: "length", stop_reason: null, prompt_logprobs };
    const usage = { prompt_tokens: ids.length, total_tokens: ids.length + 1, completion_tokens: 1 };
    return {
      body: { id: "cmpl-1", object: "text_completion", created: 1, model: body["model"], choices: [choice], usage },
    };
  };
}

/** sgl-project/sglang@c60799d0eb managers/tokenizer_manager.py; the first place has never a log-probability. */
export function sglangServer(phase: number): Handler {
  return async ({ path, body }) => {
    if (path !== "/generate") return { status: 404, body: { detail: "Not Found" } };
    const ids = body["input_ids"] as number[];
    const start = Number(body["logprob_start_len"]);
    if (ids.length >= most) return { status: 400, body: { error: { message: tooLong(ids.length, most) } } };
    const input_token_logprobs = ids
      .slice(start)
      .map((id, i) => [i === 0 ? null : of(phase, ids, start + i), id, null]);
    const meta_info = {
      id: "1",
      finish_reason: { type: "length", length: 1 },
      prompt_tokens: ids.length,
      completion_tokens: 1,
      ...(body["return_logprob"] === true && { input_token_logprobs, output_token_logprobs: [[-1, 1, null]] }),
    };
    return { body: { text: "x", meta_info } };
  };
}

/** The `llama` tokenizer with a chat template that opens an assistant's turn when it is asked to. */
export function tokenizerFolder(template = chatml): string {
  const folder = copyOf("llama");
  writeFileSync(join(folder, "chat_template.jinja"), template);
  return folder;
}

export const chatml =
  "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}]\n{{ m['content'] }}</s>\n{% endfor %}" +
  "{% if add_generation_prompt %}[assistant]\n{% endif %}";
