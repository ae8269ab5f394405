import type { Adapter } from "./reward-model.ts";

/** An adapter as the registry knows it: nothing of it is loaded before it is asked for. */
export interface RegisteredAdapter {
  name: string;
  summary: string;
  load: () => Promise<Adapter>;
}

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
    name: "module",
    summary: "./my-rm.ts or ./my-rm.js, a file of yours that exports defineModel({ … })",
    load: async () => (await import("./module/adapter.ts")).moduleAdapter,
  },
  {
    name: "shortcut",
    summary: "shortcut:<name>, a scorer that does not read: random, longest, shortest, …",
    load: async () => (await import("./shortcut/adapter.ts")).shortcutAdapter,
  },
];
