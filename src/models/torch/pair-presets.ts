import type { Preset } from "./preset.ts";

/** Models that read two responses at once and give no reward for one: the score is the log-odds of the first. */
export const pairPresets: readonly Preset[] = [
  {
    name: "PairRM",
    hub: ["llm-blender/PairRM-hf"],
    head: { kind: "pair-ranker", prefix: "head_layer" },
    pairing: "candidates",
    rename: { "^pretrained_model\\.": "" },
    output: "bradley-terry",
    source: "verified",
    note: "reads marker tokens before the prompt and before each response; cuts texts to its own budgets",
  },
  {
    name: "pair-preference",
    hub: ["RLHFlow/pair-preference-model-LLaMA3-8B"],
    head: { kind: "vocabulary", texts: ["B", "A"] },
    rule: { reduction: "difference" },
    pairing: "letters",
    output: "bradley-terry",
    source: "verified",
    note: "next-token logit of `A` less that of `B`, behind `[RESPONSE A] … [RESPONSE B] …`; without any BOS",
  },
];
