import type { Preset } from "./preset.ts";

/** Process reward models: a probability per step, of which the lowest is the score. */
export const processPresets: readonly Preset[] = [
  {
    name: "Qwen2.5-Math-PRM",
    hub: ["Qwen/Qwen2.5-Math-PRM-7B", "Qwen/Qwen2.5-Math-PRM-72B", "Qwen/Qwen2.5-Math-7B-PRM800K"],
    head: { kind: "layers", prefix: "score" },
    rule: { reduction: "softmax", of: 1 },
    steps: {
      split: "\n\n",
      layout: "marker",
      mark: "<extra_0>",
      system: "Please reason step by step, and put your final answer within \\boxed{}.",
    },
    settings: { maxLength: 4096 },
    output: "other",
    source: "second-hand",
    note: "probability of the second class at `<extra_0>`; runs without its own code",
  },
  {
    name: "math-shepherd",
    hub: ["peiyi9979/math-shepherd-mistral-7b-prm"],
    head: { kind: "vocabulary", texts: ["+", "+ -"] },
    rule: { reduction: "softmax", of: 0 },
    steps: { split: "\n", layout: "marker", mark: " ки", joiner: "\n" },
    settings: {
      input: "chat",
      template: "{% for message in messages %}{{ message['content'] }}{% if not loop.last %} {% endif %}{% endfor %}",
    },
    output: "other",
    source: "second-hand",
    note: "probability of `+` against `-` at `ки`, which stands behind each line",
  },
  {
    name: "RLHFlow-PRM",
    hub: ["RLHFlow/Llama3.1-8B-PRM-Deepseek-Data", "RLHFlow/Llama3.1-8B-PRM-Mistral-Data"],
    head: { kind: "vocabulary", texts: ["+", "-"] },
    rule: { reduction: "softmax", of: 0 },
    steps: { split: "\n\n", layout: "turns", mark: "+" },
    output: "other",
    source: "verified",
    note: "each step is a user turn, answered by `+`; read three tokens before the end of that answer",
  },
  {
    name: "Skywork-o1-PRM",
    hub: ["Skywork/Skywork-o1-Open-PRM-Qwen-2.5-1.5B", "Skywork/Skywork-o1-Open-PRM-Qwen-2.5-7B"],
    head: { kind: "layers", prefix: "v_head.summary" },
    rule: { reduction: "sigmoid" },
    steps: { split: "\n", layout: "pieces", mark: "\n" },
    output: "other",
    source: "verified",
    note: "sigmoid of the value head at the line break behind each line",
  },
];
