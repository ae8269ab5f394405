import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadTokenizer } from "../../src/models/tokenizer.ts";
import { copyOf, expected, fixture, temporaryFolder } from "./support.ts";

test("a pair has the ids and segments that Python's tokenizer gives it", async () => {
  const tokenizer = await loadTokenizer(fixture("bert"));
  expect(tokenizer.joinsPairs).toBe(true);
  for (const row of expected.bert) {
    const [question, answer] = row.messages.map(({ content }) => content);
    const { ids, segment } = tokenizer.encode({ text: question ?? "", pair: answer ?? "" });
    expect([...ids]).toEqual(row.ids);
    expect([...ids].map((_, at) => (at >= segment ? 1 : 0))).toEqual(row.types);
  }
});

describe("a tokenizer that adds <s>", () => {
  test("keeps one where the text begins with one too", async () => {
    const tokenizer = await loadTokenizer(fixture("llama"));
    for (const row of expected.llama) {
      expect(row.text?.startsWith("<s>")).toBe(true);
      expect([...tokenizer.encode({ text: row.text ?? "", pair: null }).ids]).toEqual(row.ids);
    }
  });
  test("gives one where the text has none", async () => {
    const tokenizer = await loadTokenizer(fixture("llama"));
    const { ids } = tokenizer.encode({ text: "Hello", pair: null });
    expect([...ids].filter((id) => id === 0)).toHaveLength(1);
    expect(ids[0]).toBe(0);
  });
});

test("what the configuration says is read: lengths, padding, special tokens, template", async () => {
  const bert = await loadTokenizer(fixture("bert"));
  const llama = await loadTokenizer(fixture("llama"));
  expect([bert.maxLength, bert.padId, bert.chatTemplate]).toEqual([96, 0, null]);
  expect([llama.maxLength, llama.padId, llama.joinsPairs]).toEqual([128, 2, false]);
  expect(llama.special).toMatchObject({ bos_token: "<s>", eos_token: "</s>" });
  expect(llama.chatTemplate).toBe(readFileSync(join(fixture("llama"), "chat_template.jinja"), "utf8"));
});

test("the hash changes with every byte of the vocabulary and of the configuration", async () => {
  const folder = copyOf("bert");
  const before = (await loadTokenizer(folder)).sha256;
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    const text = readFileSync(join(folder, name), "utf8");
    writeFileSync(join(folder, name), `${text} `);
    expect((await loadTokenizer(folder)).sha256).not.toBe(before);
    writeFileSync(join(folder, name), text);
  }
  expect((await loadTokenizer(folder)).sha256).toBe(before);
});

test("a missing or malformed tokenizer is named with its remedy", async () => {
  const folder = temporaryFolder();
  await expect(loadTokenizer(folder)).rejects.toMatchObject({
    code: "model",
    message: `${folder} has no tokenizer.json`,
    hint: expect.stringContaining("save_pretrained"),
  });
  writeFileSync(join(folder, "tokenizer.json"), "{");
  await expect(loadTokenizer(folder)).rejects.toThrow("tokenizer.json is not JSON");
});
