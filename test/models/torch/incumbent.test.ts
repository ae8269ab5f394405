import { describe, expect, it } from "vitest";
import { incumbentPadId } from "../../../src/models/torch/incumbent.ts";
import { presets } from "../../../src/models/torch/presets.ts";
import { loadTokenizer, type TextTokenizer } from "../../../src/models/tokenizer.ts";
import { fixture, options } from "../support.ts";

const tokenizer = await loadTokenizer(fixture("llama"));
const under = options({ compat: "rewardbench" });
const withoutPad: TextTokenizer = { ...tokenizer, padId: null };
const [bos, end, pad] = [0, 1, 2];

describe("the padding id under --compat", () => {
  it("is config.json's, else the tokenizer's; the end token where the tokenizer names none", () => {
    expect([tokenizer.bosId, tokenizer.padId]).toEqual([bos, pad]);
    expect(incumbentPadId("m", under, null, {}, tokenizer)).toBe(pad);
    expect(incumbentPadId("m", under, null, { pad_token_id: 7 }, tokenizer)).toBe(7);
    expect(incumbentPadId("m", under, null, { pad_token_id: 7 }, withoutPad)).toBe(end);
    expect(incumbentPadId("m", options(), null, {}, tokenizer)).toBeNull();
  });

  it("is missing where there is neither token", () => {
    const bare = { ...withoutPad, special: {} };
    expect(() => incumbentPadId("m", under, null, {}, bare)).toThrow(/neither a padding nor an end token/);
  });

  it.each(presets.filter(({ head }) => head.kind !== "classifier"))(
    "is not for $name, whose head is another",
    (preset) => {
      expect(() => incumbentPadId("m", under, preset, {}, tokenizer)).toThrow(
        `m cannot be run with --compat rewardbench: ${preset.name} has a head of its own`,
      );
    },
  );
});
