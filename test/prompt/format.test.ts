import { expect, test } from "vitest";
import { compileChatTemplate } from "../../src/prompt/chat-template.ts";
import { chatFormat, pairFormat, plainFormat } from "../../src/prompt/format.ts";

const short = {
  prompt: [{ role: "user", content: "Is it far?" }],
  documents: null,
  tools: null,
  response: "Two miles.",
};
const long = {
  ...short,
  prompt: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "I go to Rye." },
    { role: "assistant", content: "Good." },
    { role: "user", content: "Is it far?" },
  ],
};

test("a pair of a single turn is the bare question and the bare answer", () => {
  expect(pairFormat(short)).toEqual({ text: "Is it far?", pair: "Two miles." });
});

test("a pair of several turns has a transcript for its question", () => {
  expect(pairFormat(long)).toEqual({
    text: "Be brief.\n\nHuman: I go to Rye.\n\nAssistant: Good.\n\nHuman: Is it far?",
    pair: "Two miles.",
  });
});

test("plain text is a transcript that ends with the end-of-text token", () => {
  expect(plainFormat("</s>")(short)).toEqual({ text: "Human: Is it far?\n\nAssistant: Two miles.</s>", pair: null });
});

test("a response of several messages is rendered turn by turn", () => {
  const response = [
    { role: "assistant", content: "I look." },
    { role: "tool", content: "2 mi" },
    { role: "assistant", content: "Two miles." },
  ];
  const roles = compileChatTemplate("{% for m in messages %}{{ m.role }};{% endfor %}", {}, "m");
  expect(chatFormat(roles)({ ...short, response }).text).toBe("user;assistant;tool;assistant;");
  expect(pairFormat({ ...short, response }).pair).toBe("Assistant: I look.\n\ntool: 2 mi\n\nAssistant: Two miles.");
});

test("tools that would not reach the model are refused", () => {
  const tools = '[{"name":"search"}]';
  const deaf = chatFormat(compileChatTemplate("{{ messages[0].content }}", {}, "m"));
  for (const format of [deaf, pairFormat, plainFormat("")])
    expect(() => format({ ...short, tools })).toThrow("defines tools");
});
