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
  "npm ci": "installs: .ci/run, on the clean checkout",
  "npm test": "is what runs the tests: .ci/run",
  "ONNXRUNTIME_NODE_INSTALL=skip npm install rmbench": "installs: test/slow/package.test.ts, from the tarball",
  "npx rmbench run --model transformers:org/name@revision":
    "a placeholder on a network: test/models/transformers/adapter.test.ts, with a hub on loopback",
  "npx rmbench run --model transformers:org/name@revision --dtype fp16":
    "a placeholder on a network: test/models/transformers/adapter.test.ts, with a hub on loopback",
};
