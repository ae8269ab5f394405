import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../recipes/architecture.ts";
import { pair, writeSomePairs } from "../cli/pairs.ts";
import { rmbench, type Finished } from "../cli/rmbench.ts";
import { fixture } from "../models/support.ts";

const batch = 32;
/** What a batch of one leaves free under the limit: some texts of 64 MB, far from a batch of 32. */
const roomBytes = 2 ** 29;

/** Models that need 64 MB for every text of a batch and end up without it in a way of their own. */
const models = {
  arrays: {
    end: "V8 refuses a typed array",
    rounding: 0,
    reason: /array buffer allocation failed/i,
    body: `
      const room = new Float64Array(conversations.length * 2 ** 23);
      conversations.forEach(({ response }, i) => (room[i * 2 ** 23] = value(response)));
      return conversations.map((_, i) => room[i * 2 ** 23]);`,
  },
  heap: {
    end: "V8 ends the process, whose heap cannot grow",
    rounding: 0,
    reason: /died \(SIG.*out of memory/is,
    body: `
      const room = conversations.map(({ response }) => new Array(2 ** 23).fill(value(response)));
      return room.map((cells) => cells[2 ** 22]);`,
  },
  graph: {
    end: "ONNX Runtime refuses a tensor",
    // Its sums over one text and over several round differently.
    rounding: 1e-5,
    reason: /failed to allocate memory|bad_alloc/i,
    body: `
      const ids = conversations.flatMap(({ response }) => [...response].map((c) => BigInt(c.codePointAt(0))));
      const dims = [conversations.length, ids.length / conversations.length];
      const feeds = {
        input_ids: new Tensor("int64", BigInt64Array.from(ids), dims),
        attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims),
      };
      return Array.from((await session.run(feeds)).logits.data);`,
  },
};

/** Prints the largest address space that this process and the one that started it have had, in KB. */
const moduleOf = (id: string, body: string) => `
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const { InferenceSession, Tensor } = createRequire(${JSON.stringify(join(root, "package.json"))})("onnxruntime-node");
const session = await InferenceSession.create(${JSON.stringify(fixture("graphs/roomy.onnx"))}, { intraOpNumThreads: 1 });
const value = (text) => [...text].reduce((sum, c, i) => Math.imul(sum, 31) + c.codePointAt(0) + i, 7) / 2 ** 31;
const peak = (pid) => /VmPeak:\\s+(\\d+)/.exec(readFileSync("/proc/" + pid + "/status", "utf8"))[1];
let most = 0;
export default {
  name: "${id}",
  asks: ["pointwise"],
  score: async (conversations) => {
    const scores = await (async () => {${body}
    })();
    const now = Math.max(peak("self"), peak(process.ppid));
    if (now > most) console.log("peak " + (most = now));
    return scores;
  },
};
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-memory-"));
  const words = (i: number, word: string) => `${String(i * 7919).padStart(6, word)} is the answer`;
  const pairs = Array.from({ length: batch }, (_, i) =>
    pair({ id: `pair-${i}`, chosen: [words(i, "yes")], rejected: [words(i, "no")] }),
  );
  await writeSomePairs(join(folder, "some.arrow"), pairs);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** `rmbench run` under `ulimit -v`; null is no limit. */
function run(model: string, out: string, batchSize: number, limitKb: number | null): Promise<Finished> {
  const words = ["run", "--model", `./${model}`, "--suite", "some.arrow", "--batch-size", String(batchSize)];
  const child = spawn(
    "bash",
    [
      "-c",
      'ulimit -v "$0" && exec "$@"',
      limitKb === null ? "unlimited" : String(limitKb),
      process.execPath,
      join(root, "bin/rmbench.js"),
      ...words,
      ...["--store", "none", "--progress", "json", "--out", out],
    ],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

async function rewards(out: string): Promise<number[]> {
  const { code, stderr } = await rmbench(["report", out, "-o", `${out}.scores.jsonl`], folder);
  expect(code, stderr).toBe(0);
  const lines = readFileSync(join(folder, `${out}.scores.jsonl`), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => (JSON.parse(line) as { reward: number }).reward);
}

const events = ({ stderr }: Finished, type: string) =>
  stderr
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { type: string; texts: number; reason?: string })
    .filter((event) => event.type === type);

describe.runIf(process.platform === "linux")("under ulimit -v, a batch that does not fit is halved", () => {
  it.each(Object.entries(models).map(([id, model]) => ({ id, ...model })))(
    "$end",
    async ({ id, body, reason, rounding }) => {
      await writeFile(join(folder, `${id}.mjs`), moduleOf(id, body));
      const free = await run(`${id}.mjs`, `free-${id}`, 1, null);
      expect(free.code, free.stderr).toBe(0);
      const peaks = [...free.stderr.matchAll(/peak (\d+)/g)].map(([, kb]) => Number(kb));
      const limit = Math.max(...peaks) + roomBytes / 1024;

      const limited = await run(`${id}.mjs`, `limited-${id}`, batch, limit);
      expect(limited.code, limited.stderr).toBe(0);
      const [alone, halved] = [await rewards(`free-${id}`), await rewards(`limited-${id}`)];
      expect(alone).toHaveLength(2 * batch);
      expect(Math.max(...halved.map((reward, i) => Math.abs(reward - alone[i]!)))).toBeLessThanOrEqual(rounding);
      const retries = events(limited, "retry");
      expect(retries[0]).toMatchObject({ texts: batch, reason: expect.stringMatching(reason) });
      expect(Math.max(...events(limited, "batch").map(({ texts }) => texts))).toBeGreaterThan(1);
    },
  );
});
