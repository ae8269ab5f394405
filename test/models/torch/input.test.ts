import { describe, expect, it } from "vitest";
import { compileChatTemplate } from "../../../src/prompt/chat-template.ts";
import { chatFormat } from "../../../src/prompt/format.ts";
import { loadTokenizer } from "../../../src/models/tokenizer.ts";
import { appendedId, chooseEncoder } from "../../../src/models/torch/input.ts";
import type { Preset } from "../../../src/models/torch/preset.ts";
import { lastId } from "../../../src/models/torch/token-ids.ts";
import { ask, fixture } from "../support.ts";

const tokenizer = await loadTokenizer(fixture("llama"));
const ids = (text: string) => [...tokenizer.encode({ text, pair: null }, true).ids];
const format = chatFormat(compileChatTemplate(tokenizer.chatTemplate!, tokenizer.special, "template"));
const preset = (given: Partial<Preset>): Preset => ({
  name: "a family",
  hub: [],
  head: { kind: "classifier" },
  output: "other",
  source: "memory",
  note: "",
  ...given,
});
const conversation = ask("Which river?", "The Rhine.");
const rendered = "<s><|user|>\nWhich river?</s>\n<|assistant|>\nThe Rhine.</s>\n";

describe("token ids", () => {
  it("have one BOS, whether the template or the tokenizer brings it", () => {
    const without = chatFormat(
      compileChatTemplate(tokenizer.chatTemplate!.replace("{{ bos_token }}", ""), tokenizer.special, "template"),
    );
    const expected = ids(rendered);
    expect(expected.filter((id) => id === 0)).toHaveLength(1);
    expect([...chooseEncoder(format, tokenizer, null, null)(conversation).ids]).toEqual(expected);
    expect([...chooseEncoder(without, tokenizer, null, null)(conversation).ids]).toEqual(expected);
    const asWritten = chooseEncoder(without, tokenizer, preset({ bos: "as-written" }), null);
    expect([...asWritten(conversation).ids]).toEqual(expected.slice(1));
  });

  it("end with the id that a family appends, once", () => {
    const encode = chooseEncoder(format, tokenizer, preset({}), 2);
    expect([...encode(conversation).ids]).toEqual([...ids(rendered), 2]);
    const ends = (response: string) => [...encode(ask("Which river?", response)).ids].slice(-2);
    expect(ends("The Rhine.")[1]).toBe(2);
    const own = chooseEncoder(() => ({ text: "river<pad>", pair: null }), tokenizer, preset({ bos: "as-written" }), 2);
    expect([...own(conversation).ids]).toEqual([...ids("river"), 2]);
    expect(appendedId(preset({ append: "reward_token_id" }), { reward_token_id: 7 }, "dir")).toBe(7);
    expect(() => appendedId(preset({ append: "reward_token_id" }), {}, "dir")).toThrow(/has no reward_token_id/);
  });
});

describe("a gate", () => {
  const gated = preset({ head: { kind: "gated", attributes: [], prompt: "</s>\n<|assistant|>" } });
  it("reads where the last answer begins, and the last token", () => {
    const { reads, length } = chooseEncoder(format, tokenizer, gated, null)(conversation);
    expect(reads).toEqual([ids("<s><|user|>\nWhich river?").length, length - 1]);
    const twice = ask("Which river?</s>\n<|assistant|>\nThe Elbe.", "The Rhine.");
    expect(chooseEncoder(format, tokenizer, gated, null)(twice).reads![0]).toBe(
      ids("<s><|user|>\nWhich river?</s>\n<|assistant|>\nThe Elbe.").length,
    );
  });

  it("refuses a text that has no such place", () => {
    const other = preset({ head: { kind: "gated", attributes: [], prompt: "<|system|>" } });
    expect(() => chooseEncoder(format, tokenizer, other, null)(conversation)).toThrow(/the gate of a family/);
  });
});

describe("the steps of a solution", () => {
  const solution = ask("1 + 1?", "One and one.\n\nThat is two.");
  const encode = (steps: Preset["steps"], of = solution) =>
    chooseEncoder(format, tokenizer, preset({ ...(steps && { steps }) }), null)(of);

  it("are read at their markers", () => {
    const { ids: found, reads } = encode({ split: "\n\n", layout: "marker", mark: "<pad>" });
    expect(found.filter((id) => id === 2)).toHaveLength(2);
    expect(reads!.map((at) => found[at])).toEqual([2, 2]);
    const text = "<s><|user|>\n1 + 1?</s>\n<|assistant|>\nOne and one.<pad>That is two.<pad></s>\n";
    expect([...found]).toEqual(ids(text));
  });

  it("have a system turn where the family has one and the prompt has none", () => {
    const steps = { split: "\n\n", layout: "marker", mark: "<pad>", system: "Reason." } as const;
    expect([...encode(steps).ids].slice(0, 2)).toEqual([0, 3]);
    const own = { ...solution, prompt: [{ role: "system", content: "Mine." }, ...solution.prompt] };
    expect([...encode(steps, own).ids]).toEqual(
      ids("<s><|system|>\nMine.</s>\n<|user|>\n1 + 1?</s>\n<|assistant|>\nOne and one.<pad>That is two.<pad></s>\n"),
    );
  });

  it("refuse a text that has the marker itself, more turns, or nothing", () => {
    const steps = { split: "\n\n", layout: "marker", mark: "<pad>" } as const;
    expect(() => encode(steps, ask("1<pad>?", "One."))).toThrow(/2 step markers "<pad>" for 1 steps/);
    expect(() => encode(steps, ask("1?", " \n\n "))).toThrow(/no steps/);
    const turns = { ...solution, prompt: [...solution.prompt, { role: "assistant", content: "2" }] };
    expect(() => encode({ split: "\n\n", layout: "turns", mark: "+" }, turns)).toThrow(/not one user turn/);
  });

  it("are turns answered by the mark, read three tokens before the end of each answer", () => {
    const { ids: found, reads } = encode({ split: "\n\n", layout: "turns", mark: "+" });
    const first = "<s><|user|>\n1 + 1? One and one.</s>\n<|assistant|>\n+</s>\n";
    expect([...found]).toEqual(ids(`${first}<|user|>\nThat is two.</s>\n<|assistant|>\n+</s>\n`));
    expect(reads).toEqual([ids(first).length - 3, found.length - 3]);
  });

  it("are pieces that end with the mark, empty lines too", () => {
    const { ids: found, reads } = encode({ split: "\n", layout: "pieces", mark: "\n" });
    const newline = lastId(tokenizer, "\n");
    const lines = [[...ids("One and one."), newline], [newline], [...ids("That is two."), newline]];
    expect([...found]).toEqual([...ids("<s>1 + 1?\n"), ...lines.flat()]);
    expect(reads).toHaveLength(3);
    expect(reads!.map((at) => found[at])).toEqual([newline, newline, newline]);
  });
});
