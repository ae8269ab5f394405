import { nearest } from "../../nearest.ts";
import { RmbenchError } from "../../errors.ts";
import { pairPresets } from "./pair-presets.ts";
import type { Preset } from "./preset.ts";
import { processPresets } from "./process-presets.ts";

const llama3Prompt = "<|eot_id|><|start_header_id|>assistant<|end_header_id|>";
const gemma2Prompt = "<end_of_turn>\n<start_of_turn>model";

/** In the order of ArmoRM's output. */
const objectives = [
  "helpsteer-helpfulness",
  "helpsteer-correctness",
  "helpsteer-coherence",
  "helpsteer-complexity",
  "helpsteer-verbosity",
  "ultrafeedback-overall_score",
  "ultrafeedback-instruction_following",
  "ultrafeedback-truthfulness",
  "ultrafeedback-honesty",
  "ultrafeedback-helpfulness",
  "beavertails-is_safe",
  "prometheus-score",
  "argilla-overall_quality",
  "argilla-judge_lm",
  "code-complexity",
  "code-style",
  "code-explanation",
  "code-instruction-following",
  "code-readability",
];

const beaver = {
  head: { kind: "layers", prefix: "score_head", normalised: true },
  settings: {
    input: "chat",
    template:
      "BEGINNING OF CONVERSATION: {% for message in messages %}{% if message['role'] == 'user' %}USER: {{ message['content'] }} {% else %}ASSISTANT:{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}",
    maxLength: 2048,
  },
  source: "memory",
} as const;

const scalarPresets: readonly Preset[] = [
  {
    name: "Skywork-Reward",
    hub: [
      "Skywork/Skywork-Reward-Llama-3.1-8B",
      "Skywork/Skywork-Reward-Llama-3.1-8B-v0.2",
      "Skywork/Skywork-Reward-Gemma-2-27B",
      "Skywork/Skywork-Reward-Gemma-2-27B-v0.2",
    ],
    head: { kind: "classifier" },
    output: "bradley-terry",
    source: "verified",
    note: "the template has no BOS: the tokenizer adds it",
  },
  {
    name: "Skywork-Reward-V2",
    hub: [
      "Skywork/Skywork-Reward-V2-Qwen3-0.6B",
      "Skywork/Skywork-Reward-V2-Qwen3-1.7B",
      "Skywork/Skywork-Reward-V2-Qwen3-4B",
      "Skywork/Skywork-Reward-V2-Qwen3-8B",
      "Skywork/Skywork-Reward-V2-Llama-3.2-1B",
      "Skywork/Skywork-Reward-V2-Llama-3.2-3B",
      "Skywork/Skywork-Reward-V2-Llama-3.1-8B",
      "Skywork/Skywork-Reward-V2-Llama-3.1-8B-40M",
    ],
    head: { kind: "classifier" },
    settings: { maxLength: 16384 },
    output: "bradley-terry",
    source: "second-hand",
    note: "evaluated at 16,384 tokens; Qwen3 has no BOS",
  },
  {
    name: "INF-ORM",
    hub: ["infly/INF-ORM-Llama3.1-70B"],
    head: { kind: "layers", prefix: "score" },
    output: "bradley-terry",
    source: "verified",
    note: "two layers in `score`; its own code reads before the first padding id, which is the last token here",
  },
  {
    name: "QRM",
    hub: ["nicolinho/QRM-Llama3-8B", "nicolinho/QRM-Llama3.1-8B", "nicolinho/QRM-Llama3.1-8B-v2"],
    head: { kind: "gated", attributes: objectives, prompt: llama3Prompt },
    output: "rating",
    source: "verified",
    note: "mean over the quantiles of 19 objectives, then the gate; names of the objectives are ArmoRM's",
  },
  {
    name: "QRM-Gemma",
    hub: ["nicolinho/QRM-Gemma-2-27B"],
    head: { kind: "gated", attributes: objectives, prompt: gemma2Prompt },
    output: "rating",
    source: "memory",
    note: "as QRM; the gate's place in Gemma's template is from memory",
  },
  {
    name: "GRM",
    hub: [
      "Ray2333/GRM-Gemma-2B-sftreg",
      "Ray2333/GRM-llama3-8B-sftreg",
      "Ray2333/GRM-llama3-8B-distill",
      "Ray2333/GRM-Gemma2-2B-sftreg",
      "Ray2333/GRM-llama3.2-3B-sftreg",
    ],
    head: { kind: "layers", prefix: "v_head.summary" },
    output: "bradley-terry",
    source: "verified",
    note: "value head of one or two layers; the `…-rewardmodel-ft` checkpoints are plain classifiers and need no preset",
  },
  {
    name: "InternLM2",
    hub: ["internlm/internlm2-1_8b-reward", "internlm/internlm2-7b-reward", "internlm/internlm2-20b-reward"],
    head: { kind: "layers", prefix: "v_head", body: "internlm2" },
    bos: "as-written",
    append: "reward_token_id",
    output: "bradley-terry",
    source: "verified",
    note: "the reward token is appended and read; the body runs as the Llama that it is, without its own code",
  },
  {
    name: "ArmoRM",
    hub: ["RLHFlow/ArmoRM-Llama3-8B-v0.1"],
    head: { kind: "gated", attributes: objectives, prompt: llama3Prompt },
    settings: { maxLength: 4096 },
    output: "rating",
    source: "verified",
    note: "19 objectives in the score's attributes; the gate reads the end of the prompt, which must not be cut away",
  },
  {
    name: "Nemotron",
    hub: [
      "nvidia/Llama-3.1-Nemotron-70B-Reward-HF",
      "nvidia/Llama-3.3-Nemotron-70B-Reward",
      "nvidia/Llama-3.3-Nemotron-70B-Reward-Multilingual",
    ],
    head: { kind: "vocabulary", ids: [0] },
    settings: { maxLength: 4096 },
    output: "rating",
    source: "second-hand",
    note: "next-token logit of vocabulary id 0; comparable within one prompt only",
  },
  {
    name: "Tulu-RB2",
    hub: [
      "allenai/Llama-3.1-Tulu-3-8B-RM",
      "allenai/Llama-3.1-8B-Base-RM-RB2",
      "allenai/Llama-3.1-8B-Instruct-RM-RB2",
      "allenai/Llama-3.1-Tulu-3-8B-SFT-RM-RB2",
      "allenai/Llama-3.1-Tulu-3-8B-DPO-RM-RB2",
      "allenai/Llama-3.1-Tulu-3-8B-RL-RM-RB2",
      "allenai/Llama-3.1-Tulu-3-70B-SFT-RM-RB2",
      "allenai/Llama-3.1-70B-Instruct-RM-RB2",
    ],
    head: { kind: "classifier" },
    output: "bradley-terry",
    source: "second-hand",
    note: "one repository holds many models as revisions: name one, as `…@2`",
  },
  {
    name: "FsfairX",
    hub: ["sfairXC/FsfairX-LLaMA3-RM-v0.1"],
    head: { kind: "classifier" },
    output: "bradley-terry",
    source: "verified",
    note: "one BOS, as its authors' evaluation has it, though it was trained without",
  },
  {
    name: "Starling-34B",
    hub: ["Nexusflow/Starling-RM-34B", "berkeley-nest/Starling-RM-34B"],
    head: { kind: "layers", prefix: "v_head" },
    rename: { "^transformer\\.": "" },
    settings: {
      input: "chat",
      template:
        "{{ bos_token }}{% for message in messages %}GPT4 Correct {{ 'User' if message['role'] == 'user' else 'Assistant' }}: {{ message['content'] }}<|end_of_turn|>{% endfor %}",
      maxLength: 2048,
    },
    output: "bradley-terry",
    source: "memory",
    note: "its own code reads before the first padding id, wherever that stands; here it is the last token",
  },
  {
    name: "Starling-7B",
    hub: ["berkeley-nest/Starling-RM-7B-alpha"],
    head: { kind: "layers", prefix: "v_head" },
    rename: { "^transformer\\.": "" },
    output: "bradley-terry",
    unsupported: {
      why: "it is published as a raw state over meta-llama/Llama-2-7b-chat-hf, without configuration and tokenizer",
      hint: 'save the state as model.safetensors (transformer.… and v_head.weight) beside that model\'s config.json and tokenizer, with {"preset": "Starling-34B", "template": "…"} in rmbench.json',
    },
    source: "second-hand",
    note: "refused as it is published",
  },
  {
    ...beaver,
    name: "Beaver-reward",
    hub: [
      "PKU-Alignment/beaver-7b-v1.0-reward",
      "PKU-Alignment/beaver-7b-v2.0-reward",
      "PKU-Alignment/beaver-7b-v3.0-reward",
    ],
    output: "bradley-terry",
    note: "head verified, template from memory; moments of config.json are used where it says do_normalize",
  },
  {
    ...beaver,
    name: "Beaver-cost",
    hub: [
      "PKU-Alignment/beaver-7b-v1.0-cost",
      "PKU-Alignment/beaver-7b-v2.0-cost",
      "PKU-Alignment/beaver-7b-v3.0-cost",
    ],
    settings: { ...beaver.settings, sign: -1 },
    output: "bradley-terry",
    note: "the cost with its sign turned, so that higher is better",
  },
  {
    name: "OpenAssistant-DeBERTa",
    hub: [
      "OpenAssistant/reward-model-deberta-v3-large-v2",
      "OpenAssistant/reward-model-deberta-v3-large",
      "OpenAssistant/reward-model-deberta-v3-base",
    ],
    head: { kind: "classifier" },
    settings: { input: "pair", maxLength: 512 },
    output: "bradley-terry",
    source: "memory",
    note: "[CLS] question [SEP] answer [SEP]",
  },
];

/** Every family that rmbench knows. */
export const presets: readonly Preset[] = [...scalarPresets, ...processPresets, ...pairPresets];

/**
 * The preset of a checkpoint: the one that its rmbench.json names, else that of its hub id.
 * @throws RmbenchError `model` for a name that there is not, and for what cannot be run as it is published.
 */
export function choosePreset(named: string | undefined, repository: string | null, id: string): Preset | null {
  const found =
    named === undefined
      ? presets.find(({ hub }) => hub.some((each) => each.toLowerCase() === repository?.toLowerCase()))
      : presets.find(({ name }) => name.toLowerCase() === named.toLowerCase());
  if (found === undefined) {
    if (named === undefined) return null;
    const names = presets.map(({ name }) => name);
    const near = nearest(named, names);
    throw new RmbenchError(
      "model",
      `rmbench.json of ${id} names the preset ${JSON.stringify(named)}, which there is not`,
      {
        hint: `${near === null ? "" : `did you mean ${near}? `}known: ${names.join(", ")}`,
      },
    );
  }
  if (found.unsupported === undefined) return found;
  throw new RmbenchError("model", `${id} cannot be run: ${found.unsupported.why}`, { hint: found.unsupported.hint });
}
