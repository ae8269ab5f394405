import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import type { Message } from "../../src/pairs/pair.ts";
import type { Conversation, Question } from "../../src/questions/question.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelContext, ModelOptions, Prepared, Score } from "../../src/models/reward-model.ts";

const fixtures = fileURLToPath(new URL("../fixtures/onnx/", import.meta.url));
export const fixture = (name: string): string => join(fixtures, name);

/** One conversation with its token ids and score by transformers and PyTorch. */
export interface Expected {
  messages: Message[];
  ids: number[];
  types?: number[];
  text?: string;
  score: number;
  withTwoBos?: number;
}

export const expected: {
  bert: Expected[];
  llama: Expected[];
  bag: { messages: Message[]; tokens: number; sums: number[] }[];
} = JSON.parse(readFileSync(fixture("expected.json"), "utf8"));

const scratch: string[] = [];
afterAll(() => {
  for (const folder of scratch) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rmbench-test-"));
  scratch.push(folder);
  return folder;
}

/** A writable copy of the `bert` or `llama` model. */
export function copyOf(name: "bert" | "llama"): string {
  const folder = temporaryFolder();
  cpSync(fixture(name), folder, { recursive: true });
  return folder;
}

/** A model folder around one graph of graphs/, with the tokenizer of `bert`. */
export function folderOf(
  graph: string,
  settings: Record<string, unknown> = {},
  config: Record<string, unknown> = {},
): string {
  const folder = temporaryFolder();
  for (const file of ["tokenizer.json", "tokenizer_config.json"])
    copyFileSync(join(fixture("bert"), file), join(folder, file));
  copyFileSync(fixture(`graphs/${graph}.onnx`), join(folder, "model.onnx"));
  if (graph === "external") {
    mkdirSync(folder, { recursive: true });
    copyFileSync(fixture("graphs/external.onnx_data"), join(folder, "external.onnx_data"));
  }
  writeFileSync(join(folder, "config.json"), JSON.stringify({ model_type: "bert", pad_token_id: 0, ...config }));
  writeFileSync(join(folder, "rmbench.json"), JSON.stringify(settings));
  return folder;
}

export function context(
  env: ModelContext["env"] = process.env,
  cwd = process.cwd(),
): ModelContext & { warnings: string[] } {
  const warnings: string[] = [];
  return { cwd, env, signal: new AbortController().signal, warn: (line) => warnings.push(line), warnings };
}

export const options = (given: Partial<ModelOptions> = {}): ModelOptions => ({
  ...defaultModelOptions,
  device: "cpu",
  ...given,
});

export function conversation(messages: readonly Message[]): Conversation {
  return { prompt: messages.slice(0, -1), documents: null, tools: null, response: messages.at(-1)?.content ?? "" };
}

export function ask(prompt: string, response: string): Conversation {
  return { prompt: [{ role: "user", content: prompt }], documents: null, tools: null, response };
}

export const pointwise = (of: Conversation): Question => ({ kind: "pointwise", of });

export const idsOf = ({ payload }: Prepared): number[] => [...(payload as { ids: Int32Array }).ids];

export function values(scores: readonly Score[]): number[] {
  return scores.map((score) => {
    if (score.status !== "ok") throw new Error(JSON.stringify(score));
    return score.value;
  });
}
