import { expect, it } from "vitest";
import { spanEncoder } from "../../../src/models/implicit/span.ts";
import { loadTokenizer } from "../../../src/models/tokenizer.ts";
import { compileChatTemplate } from "../../../src/prompt/chat-template.ts";
import { chatFormat, chatPrompt, plainFormat, plainPrompt } from "../../../src/prompt/format.ts";
import { ask, fixture } from "../support.ts";
import { chatml } from "./language-model.ts";

const tokenizer = await loadTokenizer(fixture("llama"));
const ids = (text: string) => [...tokenizer.encode({ text, pair: null }, true).ids];
const encoderOf = (source: string) => {
  const template = compileChatTemplate(source, tokenizer.special, "template");
  return spanEncoder(chatFormat(template), chatPrompt(template), tokenizer);
};
const encode = encoderOf(chatml);

it("the response begins behind the header of its turn, and its end-of-turn token counts", () => {
  const span = encode(ask("How far is it?", "Two miles."));
  expect([...span.ids.subarray(0, span.start)]).toEqual(ids("<s>[user]\nHow far is it?</s>\n[assistant]\n"));
  expect([...span.ids.subarray(span.start)]).toEqual(ids("Two miles.</s>\n"));
});

it("an empty response is its end-of-turn token", () => {
  const span = encode(ask("How far is it?", ""));
  expect([...span.ids.subarray(span.start)]).toEqual(ids("</s>\n"));
});

it("in a plain transcript the response's first word keeps its space", () => {
  const span = spanEncoder(plainFormat("</s>"), plainPrompt, tokenizer)(ask("How far is it?", "Two miles."));
  expect([...span.ids.subarray(0, span.start)]).toEqual(ids("<s>Human: How far is it?\n\nAssistant:"));
  expect([...span.ids.subarray(span.start)]).toEqual(ids(" Two miles.</s>"));
});

it.each([
  [
    "another beginning of the turn",
    chatml.replace("[assistant]\n{% endif %}", "[assistant]\n<think>{% endif %}"),
    /not the first tokens of prompt and response/,
  ],
  [
    "no response",
    "{% for m in messages %}{% if m['role'] == 'user' %}{{ m['content'] }}{% endif %}{% endfor %}",
    /no tokens/,
  ],
])("a template with %s is refused", (_, source, message) => {
  expect(() => encoderOf(source)(ask("How far is it?", "Two miles."))).toThrow(message);
});

it("a trajectory is refused", () => {
  const response = [{ role: "assistant", content: "Two miles." }];
  expect(() => encode({ ...ask("How far is it?", ""), response })).toThrow(/trajectory/);
});
