import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../recipes/architecture.ts";

/** README.md and docs/*.md by their paths. */
export const pages: ReadonlyMap<string, string> = new Map(
  ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith(".md"))
    .map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

interface Block {
  language: string;
  text: string;
}

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = "", text = ""]) => ({ language, text }));
}

/** Every command of a page's `sh` blocks, without its comment; `a && b` are two. */
export function commandsOf(page: string): string[] {
  return blocksOf(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.split("\n"))
    .flatMap((line) => line.replace(/\s+#.*$/, "").split(" && "))
    .map((command) => command.trim())
    .filter((command) => command !== "");
}

/** The files that a page shows: code whose first line is a comment with the file's name. */
export function filesOf(page: string): Map<string, string> {
  return new Map(
    blocksOf(page).flatMap(({ language, text }) => {
      const name = /^\/\/ ([\w.-]+)\n/.exec(text)?.[1];
      return (language === "ts" || language === "js") && name !== undefined ? [[name, text] as const] : [];
    }),
  );
}

/** Commands that no test here runs: why, and what does. */
export const notRun: Readonly<Record<string, string>> = {
  'npx rmbench run --model "process:python3 node_modules/rmbench/docs/examples/worker.py"':
    "needs Python: test/python/process.test.ts",
  "npx rmbench run --model torch:org/name@revision":
    "a placeholder on a network: test/python/torch.test.ts, with local folders",
  "npx rmbench run --model torch:Skywork/Skywork-Reward-V2-Qwen3-0.6B --device cuda":
    "a placeholder on a network: test/python/torch.test.ts, with local folders",
  "npx rmbench run --model torch:./my-rm --dtype bf16 --attention sdpa --python .venv/bin/python":
    "needs PyTorch: test/python/torch.test.ts",
  "npx rmbench run --model implicit:./my-dpo --implicit reference=./my-sft,beta=0.1":
    "needs PyTorch: test/python/implicit.test.ts",
  "npx rmbench run --model implicit:./my-dpo --implicit reference=none,reduction=average --device cuda":
    "needs PyTorch: test/python/implicit.test.ts",
  "npx rmbench run --model implicit:vllm:http://host:8000#dpo --implicit reference=vllm:http://host:8000#sft --server tokenizer=./my-dpo":
    "servers on a network: test/models/implicit/served.test.ts, with some on loopback",
  "npx rmbench run --model judge:http://localhost:8000/v1#Qwen/Qwen3-8B --suite safety":
    "a server on a network: test/python/judge.test.ts, with one on loopback",
  "npx rmbench run --model judge:anthropic#claude-sonnet-4-5 --suite safety --judge rating --max-cost 5":
    "a server on a network: test/python/judge.test.ts, with one on loopback",
  "npx rmbench run --model judge:openai#gpt-4.1 --suite safety --max-cost 5":
    "a server on a network: test/python/judge.test.ts, with one on loopback",
  "npx rmbench run --model vllm:http://host:8000#Skywork-RM --suite safety":
    "a server on a network: test/models/http/servers.test.ts, with one on loopback",
  "npx rmbench run --model sglang:http://host:30000 --server tokenizer=./my-rm":
    "a server on a network: test/models/http/servers.test.ts, with one on loopback",
  "npx rmbench run --model openrlhf:http://host:5000/get_reward --server tokenizer=./my-rm,patience=600":
    "a server on a network: test/models/http/servers.test.ts, with one on loopback",
  "npx rmbench data import reward-bench-2.parquet -o reward-bench-2.arrow":
    "of a set that is not part of rmbench: test/pairs/import/layouts.test.ts, with rows of its shape",
  "npx rmbench run --model onnx:./my-rm --suite reward-bench-2.yaml --where subset=Math --where subset=Focus":
    "of a set that is not part of rmbench: test/cli/best-of-n.test.ts, with rows of its shape",
  "npx rmbench data import hh-harmless-test.jsonl.gz -o hh.arrow":
    "of a set that is not part of rmbench: test/slow/readme.test.ts runs other imports",
  "node --import jiti/register recipes/label-audit/proof.ts hh.arrow --out build/label-audit --seed 0 [--model onnx:./my-rm]":
    "takes minutes, on a set that is not part of rmbench; its parts: test/audit/audit.test.ts",
  "npx rmbench run --model torch:./my-rm --suite own.arrow --compat rewardbench --truncate response-right":
    "needs PyTorch: test/python/compat.test.ts",
  "npx rmbench doctor torch:./my-rm --compat rewardbench --against results/my-rm_outputs.jsonl -s own.arrow":
    "needs PyTorch: test/python/compat.test.ts",
  "npx rmbench doctor onnx:./my-rm --against results/my-rm_outputs.jsonl -s own.arrow":
    "needs outputs of RewardBench: test/cli/doctor-against.test.ts",
  "npm ci": "installs: .ci/run, on the clean checkout",
  "npm test": "is what runs the tests: .ci/run",
  "ONNXRUNTIME_NODE_INSTALL=skip npm install rmbench": "installs: test/slow/package.test.ts, from the tarball",
  "npx rmbench run --model transformers:org/name@revision":
    "a placeholder on a network: test/models/transformers/adapter.test.ts, with a hub on loopback",
  "npx rmbench run --model transformers:org/name@revision --dtype fp16":
    "a placeholder on a network: test/models/transformers/adapter.test.ts, with a hub on loopback",
};
