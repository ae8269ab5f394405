import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RmbenchError } from "../../src/errors.ts";
import { parseSpec } from "../../src/models/spec.ts";

const adapters = ["onnx", "transformers", "module", "shortcut"];
const parse = (spec: string) => parseSpec(spec, adapters);

test.each([
  ["onnx:./dir", "onnx", "./dir"],
  ["onnx:C:\\models\\rm", "onnx", "C:\\models\\rm"],
  ["transformers:org/name@v1.0", "transformers", "org/name@v1.0"],
  ["shortcut:longest", "shortcut", "longest"],
  ["./my-rm.ts", "module", "./my-rm.ts"],
  ["my-rm.mjs", "module", "my-rm.mjs"],
  ["D:\\work\\my-rm.js", "module", "D:\\work\\my-rm.js"],
])("%s is adapter %s with reference %s", (spec, adapter, reference) => {
  expect(parse(spec)).toEqual({ adapter, reference, id: spec });
});

test("tiny is the packaged model", () => {
  const { adapter, reference, id } = parse("tiny");
  expect([adapter, id]).toEqual(["onnx", "tiny"]);
  expect(reference.endsWith(join("fixtures", "models", "tiny"))).toBe(true);
  expect(existsSync(join(reference, "..", "..", "..", "package.json"))).toBe(true);
});

test("credentials of an address do not stay in the name", () => {
  expect(parse("transformers:https://me:secret@hub.example/org/name").id).toBe(
    "transformers:https://hub.example/org/name",
  );
});

test.each([
  ["onx:./dir", "there is no model adapter `onx` (in `onx:./dir`)", "did you mean `onnx:./dir`?"],
  ["llama:./dir", "there is no model adapter `llama`", "known: tiny, onnx:…, transformers:…"],
  ["llama:./dir", "there is no model adapter `llama`", "shortcut:…, scores:…"],
  ["score:a.csv", "there is no model adapter `score`", "did you mean `scores:a.csv`?"],
  ["scores:a.csv", "`scores:a.csv` is a file of scores", "rmbench run --model scores:<file>"],
  ["./my-model", "`./my-model` is not a model", "write `onnx:./my-model`"],
  ["tinny", "`tinny` is not a model", "known: tiny"],
  ["onnx:", "names nothing after `onnx:`", ""],
  ["", "the model is empty", "known: tiny"],
])("%s is refused with what to write instead", (spec, message, hint) => {
  try {
    parse(spec);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof RmbenchError)) throw error;
    expect(error.code).toBe("usage");
    expect(error.message).toContain(message);
    expect(error.hint ?? "").toContain(hint);
  }
});
