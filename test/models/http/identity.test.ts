import { describe, expect, it } from "vitest";
import { serverAdapters } from "../../../src/models/http/adapters.ts";
import { parseAddress } from "../../../src/models/http/address.ts";
import { nim } from "../../../src/models/http/nim.ts";
import { headersOf } from "../../../src/models/http/server.ts";
import { tei } from "../../../src/models/http/tei.ts";
import { context, options } from "../support.ts";

async function identityOf(address: string, headers?: Record<string, string>): Promise<string> {
  const server = { body: { text: "{{text}}" }, scores: "score", ...(headers && { headers }) };
  const { identity } = await serverAdapters.http.describe(address, options({ server }), context());
  return JSON.stringify(identity);
}

describe("the identity of a model behind a gateway", () => {
  it("is another one where query or headers ask for another model", async () => {
    const all = await Promise.all([
      identityOf("http://gateway/score"),
      identityOf("http://gateway/score?deployment=a"),
      identityOf("http://gateway/score?deployment=b"),
      identityOf("http://gateway/score", { "X-Model": "a" }),
      identityOf("http://gateway/score", { "X-Model": "b" }),
    ]);
    expect(new Set(all).size).toBe(5);
  });

  it("is the same with another key, and shows neither key nor value", async () => {
    const [one, other] = await Promise.all([
      identityOf("http://me:pw1@gateway/score?deployment=a&api-key=first", { "X-Api-Key": "third", "x-model": "a" }),
      identityOf("http://me:pw2@gateway/score?deployment=a&api-key=second", { "x-model": "a" }),
    ]);
    expect(one).toBe(other);
    expect(one).not.toMatch(/first|second|third|pw/);
  });
});

it.each([
  ["tei", tei, "https://x.eu-west-1.aws.endpoints.huggingface.cloud", "http://x.endpoints.huggingface.cloud"],
  ["nim", nim, "https://integrate.api.nvidia.com", "https://notnvidia.com"],
] as const)("%s: the key of an account goes to its provider alone", (name, dialect, provider, other) => {
  const env = { HF_TOKEN: "account", NVIDIA_API_KEY: "account" };
  const sentTo = (base: string, more = {}) =>
    headersOf(dialect, parseAddress(name, base), {}, { ...env, ...more }).authorization;
  expect(sentTo(provider)).toBe("Bearer account");
  for (const base of [other, "http://localhost:8000", `${provider}.attacker.example`])
    expect(sentTo(base)).toBeUndefined();
  expect(sentTo("http://localhost:8000", { RMBENCH_API_KEY: "own" })).toBe("Bearer own");
});
