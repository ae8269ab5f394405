import { appendFileSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lmdbStore } from "../../src/inference/lmdb-store.ts";
import { Rng } from "../../src/stats/rng.ts";
import { rmbench, start } from "../cli/rmbench.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";

const pairs = somePairs(160);
const texts = pairs.length * 2;
const batch = 8;

/** Deterministic, slow enough to be killed in the middle, and keeps a tally of every text that it was asked about. */
const model = `
import { appendFileSync } from "node:fs";
const value = (text) => [...text].reduce((sum, c, i) => Math.imul(sum, 31) + c.codePointAt(0) + i, 7) / 2 ** 31;
export default {
  name: "tally-rm",
  asks: ["pointwise"],
  score: async (conversations) => {
    appendFileSync(process.env.TALLY, conversations.map((c) => c.response.length + "\\n").join(""));
    await new Promise((resolve) => setTimeout(resolve, 15));
    return conversations.map((c) => value(c.response));
  },
};
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-kill-"));
  await writeSomePairs(join(folder, "some.arrow"), pairs);
  await writeFile(join(folder, "tally-rm.mjs"), model);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const args = (name: string) => [
  "run",
  "--model",
  "./tally-rm.mjs",
  "--suite",
  "some.arrow",
  "--batch-size",
  String(batch),
  "--store",
  `store-${name}`,
  "--out",
  `run-${name}`,
  "--progress",
  "json",
];

function tally(name: string): { file: string; count: () => number } {
  const file = join(folder, `tally-${name}`);
  appendFileSync(file, "");
  return { file, count: () => readFileSync(file, "utf8").split("\n").length - 1 };
}

async function storedScores(name: string): Promise<number> {
  await using store = await lmdbStore(join(folder, `store-${name}`));
  return (await store.info()).models.reduce((sum, one) => sum + one.scores, 0);
}

function withoutExecution(run: string): string {
  const { execution: _execution, ...report } = JSON.parse(
    readFileSync(join(folder, run, "report.json"), "utf8"),
  ) as Record<string, unknown>;
  return JSON.stringify(report);
}

describe("kill -9", () => {
  it("at 20 moments loses no acknowledged score, computes none twice but a batch, and ends in the same bytes", async () => {
    const undisturbed = tally("undisturbed");
    const first = await rmbench(args("undisturbed"), folder, { TALLY: undisturbed.file });
    expect(first.code, first.stderr).toBe(0);
    expect(undisturbed.count()).toBe(texts);
    const expected = readFileSync(join(folder, "run-undisturbed/scores.arrow"));

    const random = new Rng("rmbench:kill");
    const shares: number[] = [];
    for (let k = 0; k < 20; k++) {
      const name = `kill-${k}`;
      const { file, count } = tally(name);
      const { child, finished } = start(args(name), folder, { TALLY: file });
      const killAt = Math.floor((0.05 + 0.9 * random.uniform()) * texts);
      let [acknowledged, lines] = [0, ""];
      child.stderr!.on("data", (text: string) => {
        lines += text;
        for (let end = lines.indexOf("\n"); end >= 0; end = lines.indexOf("\n")) {
          const event = JSON.parse(lines.slice(0, end)) as { type: string; texts?: number };
          lines = lines.slice(end + 1);
          if (event.type === "batch") acknowledged += event.texts!;
          if (acknowledged >= killAt) child.kill("SIGKILL");
        }
      });
      const killed = await finished;
      expect(killed.signal).toBe("SIGKILL");
      const stored = await storedScores(name);
      expect(stored).toBeGreaterThanOrEqual(acknowledged);
      shares.push(stored / texts);

      const resumed = await rmbench(args(name), folder, { TALLY: file });
      expect(resumed.code, resumed.stderr).toBe(0);
      expect(count()).toBeLessThanOrEqual(texts + batch);
      expect(readFileSync(join(folder, `run-${name}/scores.arrow`)).equals(expected)).toBe(true);
      expect(withoutExecution(`run-${name}`)).toBe(withoutExecution("run-undisturbed"));
    }
    expect(shares.filter((share) => share >= 0.05 && share <= 0.95).length).toBeGreaterThanOrEqual(15);
  });

  it("lets two runs share one store and computes nothing wrong", async () => {
    const [a, b] = [tally("twin-a"), tally("twin-b")];
    const twin = (name: string) => args("twin").map((word) => word.replace("run-twin", `run-twin-${name}`));
    const runs = await Promise.all([
      rmbench(twin("a"), folder, { TALLY: a.file }),
      rmbench(twin("b"), folder, { TALLY: b.file }),
    ]);
    for (const run of runs) expect(run.code, run.stderr).toBe(0);
    expect(withoutExecution("run-twin-a")).toBe(withoutExecution("run-undisturbed"));
    expect(withoutExecution("run-twin-b")).toBe(withoutExecution("run-undisturbed"));
  });
});
