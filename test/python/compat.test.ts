import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { describeModel } from "../../src/models/describe.ts";
import { defaultModelOptions } from "../../src/models/options.ts";
import type { ModelOptions, Prepared } from "../../src/models/reward-model.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import type { Question } from "../../src/questions/question.ts";
import type { Comparison } from "../../src/run/against.ts";
import { runHere } from "../cli/in-process.ts";
import { pair, writeSomePairs } from "../cli/pairs.ts";
import { python } from "./python.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-compat-"));
const signal = new AbortController().signal;
let pairs: PreferencePair[];

beforeAll(async () => {
  python([fileURLToPath(new URL("compat.py", import.meta.url)), folder]);
  type Made = { prompt: PreferencePair["prompt"]; chosen: string; rejected: string }[];
  const made = JSON.parse(readFileSync(join(folder, "pairs.json"), "utf8")) as Made;
  pairs = made.map(({ prompt, chosen, rejected }, i) =>
    pair({ id: `pair-${i}`, prompt, chosen: [chosen], rejected: [rejected] }),
  );
  await writeSomePairs(join(folder, "some.arrow"), pairs);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const questions = (): Question[] =>
  pairs.flatMap(({ prompt, chosen, rejected }) =>
    [chosen[0]!, rejected[0]!].map((response) => ({
      kind: "pointwise" as const,
      of: { prompt, documents: null, tools: null, response },
    })),
  );

const describeAt = (name: string, options: Partial<ModelOptions>) =>
  describeModel(
    `torch:${join(folder, name)}`,
    { ...defaultModelOptions, device: "cpu", threads: 1, ...options },
    { cwd: folder, env: process.env, signal, warn: () => {} },
  );

async function scoresOf(name: string, options: Partial<ModelOptions>): Promise<number[]> {
  const model = await describeAt(name, options);
  await using scorer = new Scorer(model, memoryStore(), { signal, emit: () => {} });
  return (await scorer.answer(questions())).map(({ score }) => (score.status === "ok" ? score.value : Number.NaN));
}

function incumbent(name: string, way: string): number[] {
  const lines = readFileSync(join(folder, `${name}-${way}.jsonl`), "utf8")
    .trim()
    .split("\n");
  return lines.flatMap((line) => {
    const row = JSON.parse(line) as { scores_chosen: [number]; scores_rejected: [number] };
    return [...row.scores_chosen, ...row.scores_rejected];
  });
}

const largest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));

/** Its way of running, as flags here. */
const ways: [string, Partial<ModelOptions>][] = [
  ["command-line", { compat: "rewardbench" }],
  ["force-truncation", { compat: "rewardbench", truncate: "response-left", maxLength: 60 }],
  ["run-rm", { compat: "rewardbench", truncate: "response-left" }],
  ["run-v2", { compat: "rewardbench", truncate: "response-right" }],
  ["run-v2-60", { compat: "rewardbench", truncate: "response-right", maxLength: 60 }],
  ["two-bos", { compat: "rewardbench-two-bos" }],
];

describe("--compat rewardbench with torch: scores as its code does", () => {
  it.each(ways)("%s", async (way, options) => {
    expect(largest(await scoresOf("padded", options), incumbent("padded", way))).toBeLessThanOrEqual(1e-4);
  });

  it.each(ways.filter(([way]) => ["command-line", "run-v2-60"].includes(way)))(
    "%s, where the end of a turn is the padding",
    async (way, options) => {
      expect(largest(await scoresOf("end-is-pad", options), incumbent("end-is-pad", way))).toBeLessThanOrEqual(1e-4);
    },
  );
});

describe("what --compat changes", () => {
  it("every way gives some text another score, so that agreement says something", () => {
    const scores = ways.map(([way]) => incumbent("padded", way));
    for (const [i, one] of scores.entries())
      for (const other of scores.slice(i + 1)) expect(largest(one, other)).toBeGreaterThan(1e-2);
    expect(pairs.filter(({ prompt }) => prompt[0]!.role === "system").length).toBeGreaterThan(0);
  });

  it("the score is read before the end of a turn where that is the padding, and at it elsewhere", async () => {
    const own = await scoresOf("end-is-pad", {});
    expect(largest(own, incumbent("end-is-pad", "command-line"))).toBeGreaterThan(1e-2);
  });

  it("batches are made, and no prefix is shared", async () => {
    const model = await describeAt("padded", { compat: "rewardbench" });
    expect(model.limits).toMatchObject({ batching: "tolerant", sharesPrefixes: false });
    expect(model.identity).toMatchObject({ compat: "rewardbench", padId: "2" });
    const prepared: Prepared[] = await model.prepare(questions().slice(0, 24));
    await using session = await model.open(signal);
    const together = await session.score(prepared, signal);
    const apart = [];
    for (const one of prepared) apart.push(...(await session.score([one], signal)));
    const values = (scores: typeof together) =>
      scores.map((score) => (score.status === "ok" ? score.value : Number.NaN));
    expect(largest(values(together), values(apart))).toBeLessThanOrEqual(1e-4);
  });
});

describe("rmbench doctor --against with torch:", () => {
  const doctor = async (file: string, ...more: string[]) => {
    const { code, stdout, stderr } = await runHere(
      ["doctor", "torch:padded", "--against", file, "-s", "some.arrow", "--device", "cpu", "--json", ...more],
      folder,
      { ...(process.env as Record<string, string>) },
    );
    expect(stderr).toBe("");
    return { code, found: JSON.parse(stdout) as Comparison };
  };

  it("finds nothing moved under the incumbent's own settings", async () => {
    const { code, found } = await doctor("padded-command-line.jsonl", "--compat", "rewardbench");
    expect({ code, joined: found.joined, moved: found.moved }).toEqual({ code: 0, joined: 34, moved: [] });
  });

  it("names the setting that moved each item", async () => {
    const { code, found } = await doctor("padded-run-v2-60.jsonl", "--max-length", "60");
    expect(code).toBe(1);
    expect(found.moved.length).toBeGreaterThan(10);
    expect(found.moved.filter(({ setting }) => setting === null)).toEqual([]);
    expect(found.settings[0]!.setting).toBe("prompt turns labelled by their place");
    expect(found.settings[1]).toMatchObject({
      flags: "--compat rewardbench --truncate response-right --max-length 60",
    });
  });
});
