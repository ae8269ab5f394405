import type { Adapter } from "./reward-model.ts";

/** An adapter as the registry knows it: nothing of it is loaded before it is asked for. */
export interface RegisteredAdapter {
  name: string;
  summary: string;
  load: () => Promise<Adapter>;
}

const servers = [
  ["vllm", "vllm:http://host:8000#<model>, a reward model that vLLM serves"],
  ["sglang", "sglang:http://host:30000, a reward model that SGLang serves"],
  ["tei", "tei:http://host:8080, a classifier or reranker of text-embeddings-inference"],
  ["kserve", "kserve:http://host:8000#<model>, the Open Inference Protocol v2 of Triton and others"],
  ["openrlhf", "openrlhf:http://host:5000/get_reward, OpenRLHF's reward server"],
  ["nim", "nim:http://host:8000#<model>, an NVIDIA NIM reward model"],
  ["http", "http:http://host/path, a server of yours: the section `server:` says what it takes and gives"],
] as const;

/** Every adapter, in the order of `rmbench list models`. Register a new one here. */
export const adapters: readonly RegisteredAdapter[] = [
  {
    name: "onnx",
    summary: "onnx:<dir>, an exported sequence classifier with its tokenizer; `tiny` is the embedded one",
    load: async () => (await import("./onnx/adapter.ts")).onnxAdapter,
  },
  {
    name: "transformers",
    summary: "transformers:<org/name>[@revision] or transformers:<dir>, a Hugging Face repository with ONNX weights",
    load: async () => (await import("./transformers/adapter.ts")).transformersAdapter,
  },
  {
    name: "judge",
    summary:
      "judge:<base-url>#<model>, judge:anthropic#<model>, judge:gemini#<model>: a language model asked for verdicts",
    load: async () => (await import("./judge/adapter.ts")).judgeAdapter,
  },
  {
    name: "implicit",
    summary:
      "implicit:<folder or org/name>, implicit:vllm:http://…, implicit:sglang:http://…: a language model's log-probabilities against its reference's",
    load: async () => (await import("./implicit/adapter.ts")).implicitAdapter,
  },
  {
    name: "torch",
    summary:
      "torch:<org/name>[@revision] or torch:<dir>, a reward model of transformers, run by PyTorch (needs Python)",
    load: async () => (await import("./torch/adapter.ts")).torchAdapter,
  },
  ...servers.map(([name, summary]) => ({
    name,
    summary,
    load: async () => (await import("./http/adapters.ts")).serverAdapters[name],
  })),
  {
    name: "module",
    summary: "./my-rm.ts or ./my-rm.js, a file of yours that exports defineModel({ … })",
    load: async () => (await import("./module/adapter.ts")).moduleAdapter,
  },
  {
    name: "process",
    summary: 'process:"<command>", any program that speaks docs/process-protocol.md over stdin and stdout',
    load: async () => (await import("./process/adapter.ts")).processAdapter,
  },
  {
    name: "shortcut",
    summary: "shortcut:<name>, a scorer that does not read: random, longest, shortest, …",
    load: async () => (await import("./shortcut/adapter.ts")).shortcutAdapter,
  },
];
