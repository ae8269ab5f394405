import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { choosePreset, presets } from "../../../src/models/torch/presets.ts";
import { compileChatTemplate } from "../../../src/prompt/chat-template.ts";

const one = (name: string) => presets.find((preset) => preset.name === name)!;

it("knows the families at the top of RewardBench, each once", () => {
  const names = presets.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const family of [
    "Skywork-Reward",
    "Skywork-Reward-V2",
    "INF-ORM",
    "QRM",
    "GRM",
    "InternLM2",
    "ArmoRM",
    "Nemotron",
    "Tulu-RB2",
    "FsfairX",
    "Starling-34B",
    "Beaver-reward",
    "Beaver-cost",
    "OpenAssistant-DeBERTa",
    "Qwen2.5-Math-PRM",
    "math-shepherd",
    "RLHFlow-PRM",
    "Skywork-o1-PRM",
  ]) {
    expect(names).toContain(family);
  }
  const hub = presets.flatMap((preset) => preset.hub.map((id) => id.toLowerCase()));
  expect(new Set(hub).size).toBe(hub.length);
  for (const id of hub) expect(id).toMatch(/^[\w.-]+\/[\w.-]+$/);
});

describe("the preset of a checkpoint", () => {
  it("is that of its hub id, in any case of letters", () => {
    expect(choosePreset(undefined, "RLHFlow/ArmoRM-Llama3-8B-v0.1", "x")).toBe(one("ArmoRM"));
    expect(choosePreset(undefined, "rlhflow/armorm-llama3-8b-v0.1", "x")).toBe(one("ArmoRM"));
    expect(choosePreset(undefined, "RLHFlow/ArmoRM-Llama3-8B-v0.2", "x")).toBeNull();
    expect(choosePreset(undefined, null, "x")).toBeNull();
  });

  it("is the one that rmbench.json names, before the hub's", () => {
    expect(choosePreset("grm", "RLHFlow/ArmoRM-Llama3-8B-v0.1", "x")).toBe(one("GRM"));
    expect(() => choosePreset("ArmorRM", null, "x")).toThrow(/names the preset "ArmorRM", which there is not/);
  });

  it("says why a family cannot be run as it is published, and what to do", () => {
    const refused = () => choosePreset(undefined, "berkeley-nest/Starling-RM-7B-alpha", "torch:x");
    expect(refused).toThrow(/torch:x cannot be run: .*raw state/);
    try {
      refused();
    } catch (error) {
      expect(error).toMatchObject({ hint: expect.stringContaining("model.safetensors") });
    }
  });
});

it("turns the sign of costs, and of nothing else", () => {
  const turned = presets.filter(({ settings }) => settings?.sign === -1).map(({ name }) => name);
  expect(turned).toEqual(["Beaver-cost"]);
});

/** As PKU-Alignment/safe-rlhf and OpenChat write their prompts. */
it.each([
  ["Beaver-reward", "BEGINNING OF CONVERSATION: USER: Hi? ASSISTANT:Yes.</s>"],
  ["Beaver-cost", "BEGINNING OF CONVERSATION: USER: Hi? ASSISTANT:Yes.</s>"],
  ["Starling-34B", "<s>GPT4 Correct User: Hi?<|end_of_turn|>GPT4 Correct Assistant: Yes.<|end_of_turn|>"],
  ["math-shepherd", "Hi? Yes."],
])("%s reads its family's template", (name, text) => {
  const template = compileChatTemplate(one(name).settings!.template!, { bos_token: "<s>", eos_token: "</s>" }, name);
  const messages = [
    { role: "user", content: "Hi?" },
    { role: "assistant", content: "Yes." },
  ];
  expect(template.render(messages, null)).toBe(text);
});

it("stands in docs/adapters.md with the mark of its source", () => {
  const docs = readFileSync(new URL("../../../docs/adapters.md", import.meta.url), "utf8");
  for (const { name, source, hub } of presets) {
    const row = docs.split("\n").find((line) => line.startsWith(`| \`${name}\` `));
    expect(row, name).toMatch(new RegExp(`${source}\\s*\\|$`));
    for (const id of hub) expect(row).toContain(id);
  }
});
