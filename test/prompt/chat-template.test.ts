import { expect, test } from "vitest";
import { compileChatTemplate } from "../../src/prompt/chat-template.ts";

const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const hello = [
  { role: "user", content: "Hello" },
  { role: "assistant", content: "Hi" },
];

test("a conversation ends with its response, not with a generation prompt", () => {
  const rendered = compileChatTemplate(chatml, {}, "chat template of m").render(hello, null);
  expect(rendered).toBe("<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi<|im_end|>\n");
});

test("special tokens and tools are the template's variables", () => {
  const template = compileChatTemplate(
    "{{ bos_token }}{% if tools is not none %}{{ tools[0].name }};{% endif %}{{ messages[-1].content }}{{ eos_token }}",
    { bos_token: "<s>", eos_token: "</s>" },
    "chat template of m",
  );
  expect(template.readsTools).toBe(true);
  expect(template.render(hello, null)).toBe("<s>Hi</s>");
  expect(template.render(hello, '[{"name":"search"}]')).toBe("<s>search;Hi</s>");
});

test("a template that asks for today's date gets the same date on every day", () => {
  const template = compileChatTemplate("Today: {{ strftime_now('%d %b %Y') }}", {}, "chat template of m");
  expect(template.render(hello, null)).toBe("Today: 26 Jul 2024");
  expect(template.date).toBe("2024-07-26");
  expect(compileChatTemplate(chatml, {}, "m").date).toBeNull();
});

test("what the template refuses is said in its own words, with the model's name", () => {
  const strict = compileChatTemplate(
    "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}",
    {},
    "chat template of ./gemma",
  );
  expect(() => strict.render([{ role: "system", content: "x" }, ...hello], null)).toThrow(
    "the chat template of ./gemma refuses the conversation: System role not supported",
  );
});

test("a template that does not parse is an error of the model", () => {
  expect(() => compileChatTemplate("{% for %}", {}, "chat template of ./m")).toThrow(
    /^the chat template of \.\/m is not a Jinja template: /,
  );
});
