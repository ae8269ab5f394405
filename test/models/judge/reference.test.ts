import { expect, it } from "vitest";
import { parseReference } from "../../../src/models/judge/reference.ts";

it.each([
  ["http://localhost:8000/v1#org/name", ["openai", "http://localhost:8000/v1", "org/name", false]],
  ["http://localhost:11434#qwen3:8b", ["openai", "http://localhost:11434/v1", "qwen3:8b", false]],
  ["https://host/a/v1/#m#2", ["openai", "https://host/a/v1", "m#2", false]],
  ["openai#gpt", ["openai", "https://api.openai.com/v1", "gpt", true]],
  ["https://api.openai.com/v1#gpt", ["openai", "https://api.openai.com/v1", "gpt", true]],
  ["anthropic#claude", ["anthropic", "https://api.anthropic.com", "claude", true]],
  ["gemini+http://127.0.0.1:9/x#g", ["gemini", "http://127.0.0.1:9/x", "g", false]],
])("%s", (text, [provider, base, model, hosted]) => {
  expect(parseReference(text)).toEqual({ provider, base, model, hosted });
});

it.each(["", "#m", "anthropic", "http://host", "http://host#", "cohere#m", "anthropichttp://h#m", "ftp://host#m"])(
  "%j is no judge",
  (text) => {
    expect(() => parseReference(text)).toThrow(/names no judge/);
  },
);

it.each(["http://me:hunter22@host/v1#m", "http://hunter22@host/v1#m", "https://host/v1?key=hunter22#m"])(
  "%s is refused without showing its secret",
  (text) => {
    let message = "";
    try {
      parseReference(text);
    } catch (error) {
      message = `${String(error)} ${JSON.stringify(error)}`;
    }
    expect(message).toContain("user, password or query");
    expect(message).not.toContain("hunter22");
  },
);
