/** A suite with the protocol `tournament`, as a user defines and runs it. */
import { readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { runHere } from "./in-process.ts";
import { pair, writeSomePairs } from "./pairs.ts";

let folder: string;
/** Rock beats scissors beats paper beats rock: every row of three different ones is a cycle. */
const model = `
const beats = ["rock scissors", "scissors paper", "paper rock"];
export default {
  name: "hands", asks: ["pairwise"], output: "other",
  compare: (pairs) => pairs.map(({ a, b }) => beats.includes(a.response + " " + b.response) ? 1 : beats.includes(b.response + " " + a.response) ? -1 : 0.1),
};
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-tournament-"));
  writeFileSync(join(folder, "hands.mjs"), model);
  await writeSomePairs(
    join(folder, "hands.arrow"),
    Array.from({ length: 8 }, (_, i) =>
      pair({ id: `${i}`, chosen: ["rock"], rejected: i < 6 ? ["scissors", "paper"] : ["scissors", "scissors"] }),
    ),
  );
  const definition = ["id: hands", "title: Hands", "version: 1.0.0", "protocol: tournament", "pairs: hands.arrow"];
  writeFileSync(join(folder, "hands.yaml"), definition.join("\n"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = async (spec: string, out: string): Promise<{ report: Report; stdout: string }> => {
  const { code, stdout, stderr } = await runHere(["run", "-m", spec, "-s", "hands.yaml", "--out", out], folder);
  if (code !== 0) throw new Error(stderr);
  return { report: reportSchema.parse(JSON.parse(readFileSync(join(folder, out, "report.json"), "utf8"))), stdout };
};

it("asks a model that compares about every two responses, and counts its cycles", async () => {
  const { report, stdout } = await run("./hands.mjs", "compared");
  const { metrics } = report.suites[0]!;
  // Two equal responses have a liking for the first place, and are a tie over both orders: no triple.
  expect(metrics["three_cycle_rate"]).toMatchObject({ value: 1, n: 6, details: { triples: 6, cycles: 6 } });
  expect(metrics["bt_residual"]!.n).toBe(8);
  expect(metrics["accuracy"]!.value).toBe((6 * 0.5 + 2 * 1) / 8);
  expect(metrics["count_comparisons"]!.value).toBe(16);
  expect(stdout).toMatch(
    /Three-cycles: 100\.0% .*of 6 triples; rewards fitted to the\s+preferences miss P\(a ≻ b\) by \.\d+/,
  );
  expect(report.overall.metrics?.["three_cycle_rate"]).toMatchObject({ value: 1, n: 6 });
});

it("is the pairwise protocol for a model that rewards single responses", async () => {
  const { report } = await run("shortcut:longest", "rewarded");
  const { metrics } = report.suites[0]!;
  expect(metrics["count_comparisons"]!.value).toBe(16);
  expect(metrics["three_cycle_rate"]).toBeUndefined();
});
