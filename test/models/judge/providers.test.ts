/** Replies in the shapes of the providers' own client libraries (openai-node, anthropic-sdk-typescript, js-genai). */
import { describe, expect, it } from "vitest";
import { anthropic } from "../../../src/models/judge/anthropic.ts";
import { gemini } from "../../../src/models/judge/gemini.ts";
import { openai } from "../../../src/models/judge/openai.ts";
import { hosts } from "../../../src/models/judge/reference.ts";

const call = {
  system: "Be fair.",
  turns: [
    { role: "user", content: "Which?" },
    { role: "assistant", content: "Hm." },
    { role: "user", content: "Say." },
  ],
} as const;
const sampling = { temperature: 0, seed: 3, maxTokens: 64, logprobs: true };

describe("OpenAI", () => {
  const local = openai("http://localhost:8000/v1");
  const completion = (message: object, finish: string, logprobs: object | null = null) => ({
    id: "chatcmpl-abc",
    object: "chat.completion",
    created: 1_700_000_000,
    model: "m",
    system_fingerprint: "fp_1",
    choices: [{ index: 0, message: { role: "assistant", ...message }, finish_reason: finish, logprobs }],
    usage: {
      prompt_tokens: 120,
      completion_tokens: 7,
      total_tokens: 127,
      completion_tokens_details: { reasoning_tokens: 5 },
    },
  });

  it("is asked in its terms", () => {
    expect(local.body("m", call, sampling)).toEqual({
      model: "m",
      messages: [{ role: "system", content: "Be fair." }, ...call.turns],
      max_tokens: 64,
      temperature: 0,
      seed: 3,
      logprobs: true,
      top_logprobs: 20,
    });
    const bare = { temperature: null, seed: null, maxTokens: 64, logprobs: false };
    expect(Object.keys(openai(hosts.openai).body("m", call, bare))).toEqual([
      "model",
      "messages",
      "max_completion_tokens",
    ]);
  });

  it("answers with text, log-probabilities and usage", () => {
    const top = [
      { token: "A", logprob: -0.1, bytes: [65] },
      { token: "B", logprob: -2.5, bytes: [66] },
    ];
    const logprobs = { content: [{ ...top[0], top_logprobs: top }], refusal: null };
    expect(local.read(completion({ content: "A", refusal: null }, "stop", logprobs))).toEqual({
      text: "A",
      stop: "end",
      reason: "stop",
      tokens: [
        {
          token: "A",
          logprob: -0.1,
          top: [
            { token: "A", logprob: -0.1 },
            { token: "B", logprob: -2.5 },
          ],
        },
      ],
      usage: { input: 120, output: 7 },
    });
  });

  it.each([
    [{ content: null, refusal: "I'm sorry, I can't assist with that." }, "stop", "refused"],
    [{ content: "" }, "content_filter", "refused"],
    [{ content: "Both are" }, "length", "length"],
    [{ content: null, reasoning_content: "hm" }, "length", "length"],
  ])("%j, ended by %s, is %s", (message, finish, stop) => {
    expect(local.read(completion(message, finish)).stop).toBe(stop);
  });

  it.each([{}, { choices: [] }, { choices: [{ message: { content: 5 } }] }, "text", null])("refuses %j", (json) => {
    expect(() => local.read(json)).toThrow(/expected/);
  });
});

describe("Anthropic", () => {
  const message = (content: object[], reason: string) => ({
    id: "msg_1",
    type: "message",
    role: "assistant",
    content,
    model: "m",
    stop_reason: reason,
    stop_sequence: null,
    usage: { input_tokens: 100, output_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 20 },
  });

  it("is asked in its terms", () => {
    expect(anthropic.body("m", call, sampling)).toEqual({
      model: "m",
      max_tokens: 64,
      system: "Be fair.",
      messages: call.turns,
      temperature: 0,
    });
    expect({ ...anthropic.headers, ...anthropic.credentials("k") }).toEqual({
      "anthropic-version": "2023-06-01",
      "x-api-key": "k",
    });
  });

  it.each([
    ["end_turn", "end"],
    ["stop_sequence", "end"],
    ["max_tokens", "length"],
    ["refusal", "refused"],
  ])("ended by %s is %s", (reason, stop) => {
    const content = [
      { type: "thinking", thinking: "[[B]]", signature: "s" },
      { type: "text", text: "It is " },
      { type: "text", text: "[[A]]" },
    ];
    expect(anthropic.read(message(content, reason))).toEqual({
      text: "It is [[A]]",
      stop,
      reason,
      tokens: null,
      usage: { input: 120, output: 9 },
    });
  });
});

describe("Gemini", () => {
  it("is asked in its terms", () => {
    expect(gemini.body("m", call, sampling)).toEqual({
      systemInstruction: { parts: [{ text: "Be fair." }] },
      contents: [
        { role: "user", parts: [{ text: "Which?" }] },
        { role: "model", parts: [{ text: "Hm." }] },
        { role: "user", parts: [{ text: "Say." }] },
      ],
      generationConfig: { maxOutputTokens: 64, temperature: 0, seed: 3, responseLogprobs: true, logprobs: 20 },
    });
    expect(gemini.path("gemini/2 pro")).toBe("/v1beta/models/gemini%2F2%20pro:generateContent");
  });

  const candidate = (finishReason: string) => ({
    candidates: [
      { content: { role: "model", parts: [{ text: "hm [[B]]", thought: true }, { text: "[[A]]" }] }, finishReason },
    ],
    usageMetadata: { promptTokenCount: 50, candidatesTokenCount: 4, thoughtsTokenCount: 30, totalTokenCount: 84 },
    modelVersion: "m",
  });

  it.each([
    ["STOP", "end"],
    ["MAX_TOKENS", "length"],
    ["SAFETY", "refused"],
    ["RECITATION", "refused"],
    ["PROHIBITED_CONTENT", "refused"],
  ])("ended by %s is %s", (reason, stop) => {
    expect(gemini.read(candidate(reason))).toEqual({
      text: "[[A]]",
      stop,
      reason,
      tokens: null,
      usage: { input: 50, output: 34 },
    });
  });

  it("has no candidates where it blocks the prompt", () => {
    const blocked = { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 50 } };
    expect(gemini.read(blocked)).toMatchObject({ stop: "refused", reason: "SAFETY", usage: { input: 50, output: 0 } });
  });
});
