/**
 * Shared prefixes: `npm run perf -- prefix --python <python> [--pairs 4] [--prompt 2000] [--response 200] [--rounds 3]`.
 * torch: with and without them, beside RewardBench's plan in PyTorch, on pairs whose prompt is long. Builds its model.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Scorer } from "../src/inference/execute.ts";
import { memoryStore } from "../src/inference/memory-store.ts";
import { defaultModelOptions } from "../src/models/options.ts";
import { describeTorch } from "../src/models/torch/model.ts";
import type { Question } from "../src/questions/question.ts";
import type { Job, Measured as WithCpu } from "./job.ts";
import { median } from "./median.ts";

/** CPU seconds are left out: the worker is a grandchild, which cpu.ts does not see. */
type Measured = Omit<WithCpu, "cpu">;

const { values: args } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    pairs: { type: "string", default: "4" },
    prompt: { type: "string", default: "2000" },
    response: { type: "string", default: "200" },
    rounds: { type: "string", default: "3" },
  },
});

const folder = mkdtempSync(join(tmpdir(), "rmbench-perf-"));
const signal = new AbortController().signal;
try {
  const checkpoint = join(folder, "llama");
  execFileSync(args.python, [script("llama_like.py"), checkpoint], { stdio: ["ignore", "ignore", "inherit"] });
  const { chosen, rejected } = texts();
  const job = join(folder, "job.json");
  const rendered = { chosen: chosen.map(render), rejected: rejected.map(render), maxLength: 4096 };
  writeFileSync(job, JSON.stringify({ rendered } satisfies Pick<Job, "rendered">));
  const plans: Record<string, () => Promise<Measured>> = {
    "prefixes shared": () => rmbench(checkpoint, true, [...chosen, ...rejected]),
    "every text whole": () => rmbench(checkpoint, false, [...chosen, ...rejected]),
    "RewardBench's plan": async () =>
      JSON.parse(
        execFileSync(args.python, [script("torch_plan.py"), checkpoint, job], { encoding: "utf8" }),
      ) as Measured,
  };
  const measured = new Map(Object.keys(plans).map((name) => [name, [] as Measured[]]));
  for (let round = 0; round < Number(args.rounds); round++) {
    for (const [name, run] of Object.entries(plans)) measured.get(name)!.push(await run());
    process.stderr.write(`round ${round + 1} of ${args.rounds}\n`);
  }
  report(measured);
} finally {
  rmSync(folder, { recursive: true });
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Pairs with a prompt of its own each; every word is a token. */
function texts(): { chosen: Question[]; rejected: Question[] } {
  const words = (count: number, from: number) =>
    Array.from({ length: count }, (_, at) => `w${(from * 7919 + at * at * 31 + at) % 1000}`).join(" ");
  const ask = (pair: number, side: number): Question => ({
    kind: "pointwise",
    of: {
      prompt: [{ role: "user", content: words(Number(args.prompt), pair) }],
      documents: null,
      tools: null,
      response: words(Number(args.response), 1000 + 2 * pair + side),
    },
  });
  const pairs = Array.from({ length: Number(args.pairs) }, (_, pair) => pair);
  return { chosen: pairs.map((pair) => ask(pair, 0)), rejected: pairs.map((pair) => ask(pair, 1)) };
}

/** As the model's chat template renders it. */
function render(question: Question): [string, null] {
  if (question.kind !== "pointwise" || typeof question.of.response !== "string")
    throw new Error("only single responses");
  return [`${question.of.prompt[0]!.content} </s> ${question.of.response} </s> `, null];
}

async function rmbench(dir: string, sharePrefixes: boolean, questions: readonly Question[]): Promise<Measured> {
  const context = { cwd: folder, env: { ...process.env, RMBENCH_PYTHON: args.python }, signal, warn: () => {} };
  const model = await describeTorch(
    { id: "perf", dir, repository: null, origin: {}, sharePrefixes },
    { ...defaultModelOptions, device: "cpu" },
    context,
  );
  await using scorer = new Scorer(model, memoryStore(), { signal, emit: () => {} });
  const warmUp: Question = {
    kind: "pointwise",
    of: { prompt: [{ role: "user", content: "w1 w2" }], documents: null, tools: null, response: "w3" },
  };
  await scorer.answer([warmUp]);
  const start = performance.now();
  const answers = await scorer.answer(questions);
  const scores = answers.map(({ score }) => (score.status === "ok" ? score.value : Number.NaN));
  const [prompt, response] = [Number(args.prompt) + 2, Number(args.response) + 1];
  const computed = sharePrefixes
    ? (questions.length / 2) * (prompt + 2 * response)
    : questions.length * (prompt + response);
  return {
    seconds: (performance.now() - start) / 1000,
    computed,
    mean: scores.reduce((sum, one) => sum + one, 0) / scores.length,
  };
}

function report(measured: ReadonlyMap<string, readonly Measured[]>): void {
  const of = (name: string, key: keyof Measured) => median(measured.get(name)!.map((one) => one[key]));
  const shared = "prefixes shared";
  for (const name of measured.keys()) {
    const line = [
      `${of(name, "seconds").toFixed(2)} s`,
      `${of(name, "computed")} tokens`,
      `mean score ${of(name, "mean").toFixed(4)}`,
      `shared is ${(of(name, "seconds") / of(shared, "seconds")).toFixed(2)} times faster`,
      `ceiling by tokens ${(of(name, "computed") / of(shared, "computed")).toFixed(2)}`,
    ];
    process.stdout.write(`${name}: ${line.join(", ")}\n`);
  }
}
