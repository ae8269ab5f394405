/**
 * Scoring speed of rmbench beside other ways to score the same texts on the same runtime: `npm run perf -- scoring
 * --model <dir> --pairs <file.arrow> [--diagonal] [--items 40] [--rounds 5] [--python <python> --checkpoint <dir>]`.
 * Rounds are interleaved; the table gives medians.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { chooseInput } from "../src/models/onnx/reading.ts";
import { readConfig, readSettings } from "../src/models/onnx/settings.ts";
import { defaultModelOptions } from "../src/models/options.ts";
import { loadTokenizer } from "../src/models/tokenizer.ts";
import { openPairs } from "../src/pairs/arrow-reader.ts";
import type { PreferencePair, Response } from "../src/pairs/pair.ts";
import { select } from "../src/pairs/select.ts";
import type { Question } from "../src/questions/question.ts";
import type { Job, Measured } from "./job.ts";
import { median } from "./median.ts";

const { values: args } = parseArgs({
  options: {
    model: { type: "string" },
    pairs: { type: "string" },
    /** Only comparison i of chosen i with rejected i, instead of every chosen with every rejected. */
    diagonal: { type: "boolean", default: false },
    items: { type: "string", default: "40" },
    rounds: { type: "string", default: "5" },
    python: { type: "string" },
    checkpoint: { type: "string" },
  },
});
if (args.model === undefined || args.pairs === undefined) throw new Error("--model and --pairs are needed");
if ((args.python === undefined) !== (args.checkpoint === undefined))
  throw new Error("--python and --checkpoint go together");

const folder = mkdtempSync(join(tmpdir(), "rmbench-perf-"));
try {
  const job = await prepare(resolve(args.model), resolve(args.pairs));
  const file = join(folder, "job.json");
  writeFileSync(file, JSON.stringify(job));
  const budgets = [0, 512, 1024, 2048];
  const plans = [
    "rmbench",
    "rmbench-every",
    ...budgets.flatMap((budget) => [`bare:${budget}`, `bare-every:${budget}`]),
    "rewardbench",
    ...(args.python === undefined ? [] : ["torch"]),
  ];
  const measured = new Map(plans.map((plan) => [plan, [] as Measured[]]));
  for (let round = 0; round < Number(args.rounds); round++) {
    for (const plan of plans) measured.get(plan)!.push(runPlan(plan, file));
    process.stderr.write(`round ${round + 1} of ${args.rounds}\n`);
  }
  report(job, measured);
} finally {
  rmSync(folder, { recursive: true });
}

async function prepare(model: string, path: string): Promise<Job> {
  const pairs: PreferencePair[] = [];
  for await (const window of select(await openPairs(path), { limit: Number(args.items), seed: "perf" }))
    pairs.push(...window);
  const [settings, config, tokenizer] = await Promise.all([
    readSettings(model),
    readConfig(model),
    loadTokenizer(model),
  ]);
  const { format, maxLength } = chooseInput(model, settings, config, tokenizer, defaultModelOptions);
  const render = (question: Question): [string, string | null] => {
    if (question.kind !== "pointwise") throw new Error("only single responses");
    const { text, pair } = format(question.of);
    return [text, pair];
  };
  const fits = (pair: PreferencePair) =>
    maxLength === null || tokenizer.encode(format(questionOf(pair, "").of)).length + 8 <= maxLength;
  const kept = pairs.filter(fits);
  if (kept.length < pairs.length)
    process.stdout.write(`${pairs.length - kept.length} items left out: the prompt alone is too long\n`);
  const compared = kept.flatMap((pair) => comparisons(pair).map(([a, b]) => [pair, a, b] as const));
  const chosen = compared.map(([pair, response]) => questionOf(pair, response));
  const rejected = compared.map(([pair, , response]) => questionOf(pair, response));
  return {
    model,
    warmUp: warmUp(),
    chosen,
    rejected,
    rendered: { chosen: chosen.map(render), rejected: rejected.map(render), maxLength },
  };
}

function questionOf(pair: PreferencePair, response: Response): Extract<Question, { kind: "pointwise" }> {
  const documents = pair.documents === null ? null : { template: "numbered", items: pair.documents };
  return { kind: "pointwise", of: { prompt: pair.prompt, documents, tools: pair.tools, response } };
}

function comparisons({ chosen, rejected }: PreferencePair): (readonly [Response, Response])[] {
  if (args.diagonal) return chosen.flatMap((a, i) => (rejected[i] === undefined ? [] : [[a, rejected[i]] as const]));
  return chosen.flatMap((a) => rejected.map((b) => [a, b] as const));
}

/** Several batches of texts that no set holds, so that every lane of rmbench is open. */
function warmUp(): Question[] {
  return Array.from({ length: 120 }, (_, i) => ({
    kind: "pointwise",
    of: {
      prompt: [{ role: "user", content: `Warm-up ${i}.` }],
      documents: null,
      tools: null,
      response: "one two three four five six seven eight nine ten ".repeat(1 + (i % 8)),
    },
  }));
}

function runPlan(plan: string, file: string): Measured {
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  const output =
    plan === "torch"
      ? execFileSync(args.python!, [here("torch_plan.py"), resolve(args.checkpoint!), file], { encoding: "utf8" })
      : execFileSync(process.execPath, ["--import", "jiti/register", here("variant.ts"), plan, file], {
          encoding: "utf8",
          stdio: ["ignore", "pipe", "inherit"],
        });
  return JSON.parse(output.trim().split("\n").at(-1)!) as Measured;
}

function report(job: Job, measured: ReadonlyMap<string, readonly Measured[]>): void {
  const middle = (plan: string, key: keyof Measured) => median(measured.get(plan)!.map((one) => one[key]));
  const best = (prefix: string) =>
    [...measured.keys()]
      .filter((plan) => plan.startsWith(prefix))
      .reduce((a, b) => (middle(b, "seconds") < middle(a, "seconds") ? b : a));
  const texts = job.chosen.length + job.rejected.length;
  const distinctTexts = new Set([...job.rendered.chosen, ...job.rendered.rejected].map((text) => JSON.stringify(text)));
  const lines = [
    `${job.chosen.length} comparisons, ${texts} texts, ${distinctTexts.size} distinct; medians of ${args.rounds} interleaved rounds`,
    "",
    "| plan | seconds | CPU seconds | tokens computed | mean score |",
    "| --- | ---: | ---: | ---: | ---: |",
    ...[...measured.keys()].map(
      (plan) =>
        `| ${plan} | ${middle(plan, "seconds").toFixed(2)} | ${middle(plan, "cpu").toFixed(2)} | ${middle(plan, "computed")} | ${middle(plan, "mean").toFixed(4)} |`,
    ),
    "",
    "| rmbench against | times faster | of the ceiling by tokens | CPU seconds saved |",
    "| --- | ---: | ---: | ---: |",
    ...[
      ["rmbench", best("bare:")],
      ["rmbench-every", best("bare-every:")],
      ["rmbench", "rewardbench"],
      ["rmbench-every", "rewardbench"],
      ...(measured.has("torch")
        ? [
            ["rmbench", "torch"],
            ["rmbench-every", "torch"],
          ]
        : []),
    ].map(([ours, other]) => {
      const times = middle(other!, "seconds") / middle(ours!, "seconds");
      const ceiling = middle(other!, "computed") / middle(ours!, "computed");
      const cpu = middle(other!, "cpu") / middle(ours!, "cpu");
      return `| ${ours} against ${other} | ${times.toFixed(2)} | ${(100 * (times / ceiling)).toFixed(0)} % of ${ceiling.toFixed(2)} | ${cpu.toFixed(2)} times |`;
    }),
    "",
  ];
  process.stdout.write(lines.join("\n"));
}
