import { expect, it } from "vitest";
import { withoutCredentials } from "../src/credentials.ts";
import { parseSpec } from "../src/models/spec.ts";

it.each([
  ["vllm:http://me:secret@host:8000#name", "vllm:http://host:8000#name"],
  ["http://token@host/a and https://a:b@c/d", "http://host/a and https://c/d"],
  ["http://me:p@ss@host/x", "http://host/x"],
  ["transformers:org/name@main", "transformers:org/name@main"],
  ["http://host/org/name@main?user=a@b", "http://host/org/name@main?user=a@b"],
  ["http://host?mail=a@b", "http://host?mail=a@b"],
  ["--batch_tokens", "--batch_tokens"],
  ["2048", "2048"],
])("%s is shown as %s", (text, shown) => {
  expect(withoutCredentials(text)).toBe(shown);
});

it("is what a model is called by", () => {
  expect(parseSpec("onnx:http://me:p@ss@host/x", ["onnx"]).id).toBe("onnx:http://host/x");
});
