import { expect, it } from "vitest";
import { withoutCredentials, withoutKeys } from "../src/credentials.ts";
import { parseSpec } from "../src/models/spec.ts";

it.each([
  ["vllm:http://me:secret@host:8000#name", "vllm:http://host:8000#name"],
  ["http://token@host/a and https://a:b@c/d", "http://host/a and https://c/d"],
  ["http://me:p@ss@host/x", "http://host/x"],
  ["transformers:org/name@main", "transformers:org/name@main"],
  ["http://host/org/name@main?user=a@b", "http://host/org/name@main"],
  ["http://host?mail=a@b", "http://host"],
  ["--batch_tokens", "--batch_tokens"],
  ["2048", "2048"],
  ["python3 rm.py --api-key hush --x 1", "python3 rm.py --api-key *** --x 1"],
  ["rm --hf-token='a b' OPENAI_API_KEY=hush", "rm --hf-token=*** OPENAI_API_KEY=***"],
  [`curl -H "Authorization: Bearer hush" http://host`, `curl -H "Authorization: Bearer ***" http://host`],
  [
    "rm --header 'Authorization: Basic aHVzaA==' --level basic x",
    "rm --header 'Authorization: Basic ***' --level basic x",
  ],
  ["rm --tokenizer x --max-tokens 5", "rm --tokenizer x --max-tokens 5"],
])("%s is shown as %s", (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

it.each([
  ["rm --eos-token </s> http://host?model=a", "rm --eos-token </s> http://host?model=a"],
  ["rm --token hush --hf-token=hush --password hush", "rm --token *** --hf-token=*** --password ***"],
  ["http://me:hush@host?model=a&key=hush&api-key=hush", "http://host?model=a&key=***&api-key=***"],
  ["rm -H 'Authorization: Bearer hush'", "rm -H 'Authorization: Bearer ***'"],
])("%s is hashed as %s", (text, hashed) => {
  expect(withoutKeys(text)).toBe(hashed);
});

it("is what a model is called by", () => {
  expect(parseSpec("onnx:http://me:p@ss@host/x", ["onnx"]).id).toBe("onnx:http://host/x");
});
