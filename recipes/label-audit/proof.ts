/**
 * Does `rmbench audit` find wrong labels? Flips a share of the labels of a file of pairs, lets models vote, and counts
 * what the flags are worth: docs/audit.md has the command. Everything that it writes goes to --out.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { auditPairs, defaultRules } from "../../src/audit/labels.ts";
import { strengthsOf } from "../../src/audit/strengths.ts";
import { votersOf, type Ballot } from "../../src/audit/vote.ts";
import { configSchema } from "../../src/config/schema.ts";
import { identityHash } from "../../src/inference/key.ts";
import { openPairs } from "../../src/pairs/arrow-reader.ts";
import { writePairs } from "../../src/pairs/arrow-writer.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { runRequest } from "../../src/run/request.ts";
import { run } from "../../src/run/run.ts";
import { wilson } from "../../src/stats/proportion.ts";
import { Rng, streamSeed } from "../../src/stats/rng.ts";
import { bags, crossFitted } from "./bag.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    out: { type: "string", default: "build/label-audit" },
    seed: { type: "string", default: "0" },
    share: { type: "string", default: "0.1" },
    folds: { type: "string", default: "5" },
    model: { type: "string", multiple: true, default: ["tiny", "shortcut:shortest"] },
  },
});
const [file] = positionals;
if (file === undefined)
  throw new Error("name a file of pairs: proof.ts <pairs.arrow> [--out <folder>] [--seed <text>]");
const out = resolve(values.out);
await mkdir(out, { recursive: true });

const pairs: PreferencePair[] = [];
for await (const window of await openPairs(resolve(file))) pairs.push(...window);
const order = new Rng(streamSeed(values.seed, "flip")).shuffle(pairs.map((_, i) => i));
const flipped = new Set(order.slice(0, Math.round(pairs.length * Number(values.share))));
const noisy = pairs.map((pair, i) =>
  flipped.has(i) ? { ...pair, chosen: pair.rejected, rejected: pair.chosen } : pair,
);
const keyOf = ({ subset, id }: { subset: string; id: string }) => JSON.stringify([subset, id]);
const wrong = new Set([...flipped].map((i) => keyOf(pairs[i]!)));
const suite = join(out, "flipped.arrow");
await writePairs(
  suite,
  (async function* () {
    yield noisy;
  })(),
  { suite: "flipped", source: "recipes/label-audit" },
);

const specs = [...values.model];
for (const [name, bag] of Object.entries(bags)) {
  const scores = crossFitted(noisy, bag, Number(values.folds), streamSeed(values.seed, "bag", name));
  const lines = noisy.map(({ subset, id }, i) =>
    JSON.stringify({ subset, id, chosen_score: scores[i]!.chosen, rejected_score: scores[i]!.rejected }),
  );
  const path = join(out, `${name}.scores.jsonl`);
  await writeFile(path, `${lines.join("\n")}\n`);
  specs.push(`scores:${path}`);
}

const ballots: Ballot[] = [];
for (const spec of specs) {
  const config = configSchema.parse({ store: "none", maxErrors: pairs.length });
  const { report, tables } = await run(runRequest(config, spec, [suite]), {
    cwd: process.cwd(),
    env: process.env,
    signal: new AbortController().signal,
    warn: (message) => console.error(message),
    emit: () => undefined,
    now: () => new Date(),
    argv: [],
  });
  ballots.push({ name: spec, model: report.model.id, identity: identityHash(report.model.identity), tables });
  const accuracy = report.overall.accuracy.value ?? Number.NaN;
  console.log(`${spec.split("/").at(-1)}: accuracy ${accuracy.toFixed(3)} on the flipped labels`);
}

const { voters } = votersOf(ballots);
const [[id, own]] = [...voters] as [[string, typeof voters extends ReadonlyMap<string, infer V> ? V : never]];
const strengths = strengthsOf(id, own, true);
const { pairs: audited } = auditPairs(strengths, defaultRules);

const say = (name: string, flags: readonly { subset: string; id: string }[]) => {
  const hits = flags.filter((pair) => wrong.has(keyOf(pair))).length;
  const of = (n: number) => {
    const [low, high] = wilson(hits, n, 0.95);
    return `${(hits / n).toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}] (${hits} of ${n})`;
  };
  console.log(`${name}: precision ${of(flags.length)}, recall ${of(wrong.size)}`);
  return hits;
};
const singles = own.map(({ name }, m) => ({
  name: name.split("/").at(-1)!,
  ranked: strengths.filter(({ margins }) => !Number.isNaN(margins[m]!)).sort((a, b) => a.margins[m]! - b.margins[m]!),
}));
const random = new Rng(streamSeed(values.seed, "random flags")).shuffle([...noisy]);
const byLabel = audited.filter(({ label }) => label === "incorrect").length;
const byFlip = audited.filter(({ suggestion }) => suggestion === "flip").length;
console.log(`${pairs.length} pairs, ${wrong.size} labels flipped, ${own.length} models`);
console.log(`\nsuggestion flip, by |μ| > σ (${byFlip} flags)`);
say(
  "vote",
  audited.filter(({ suggestion }) => suggestion === "flip"),
);
for (const [why, count] of [
  ["label incorrect", byLabel],
  ["as many as were flipped", wrong.size],
  ["the 50 most suspicious", 50],
] as const) {
  console.log(`\n${why} (${count} flags)`);
  say("vote", audited.slice(0, count));
  for (const { name, ranked } of singles) say(`  ${name} alone`, ranked.slice(0, count));
  say("random flags", random.slice(0, count));
}
