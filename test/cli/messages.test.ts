import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

let folder: string;
const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-messages-"));
  await writeSomePairs(join(folder, "some.arrow"), somePairs(12));
  put("list.yaml", "- 1\n");
  put("number.yaml", "model: 5\nmodle: tiny\n");
  put("nan.jsonl", '{"id":"pair-0","side":"chosen","reward":NaN}\n');
  const twice = [1, 2].map((reward) => JSON.stringify({ subset: "rest", id: "pair-1", side: "chosen", reward }));
  put("twice.jsonl", `${twice.join("\n")}\n`);
  put("absent.jsonl", '{"id":"1","prompt":"q","chosen":"a","rejected":"b"}\n{"id":"2","prompt":"q","chosen":"a"}\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const some = ["run", "--suite", "some.arrow", "--store", "none", "--out", "run", "--model"];

describe("what an error says", () => {
  it.each<[string, string[], RegExp]>([
    ["the least --limit", [...some, "shortcut:longest", "--limit", "1"], /the suite some: .*--limit 1\n.*--limit 2 is/],
    [
      "a judge's flag and no judge",
      [...some, "tiny", "--replay", "r.jsonl"],
      /no model of this run reads --replay\n.*for judge:/,
    ],
    [
      "a flag for scores and none",
      [...some, "tiny", "--max-unmatched", "0.5"],
      /no model of this run reads --max-unmatched/,
    ],
    [
      "shares of more than all",
      ["audit", "a", "b", "--ambiguous-share", "0.95", "--strong-share", "0.5"],
      /--ambiguous-share 0.95 and --strong-share 0.5 are more than all\n/,
    ],
    ["a level in percent", [...some, "tiny", "--level", "95"], /--level 95: must be below 1\n/],
    ["a limit that is no number", [...some, "tiny", "--limit", "few"], /--limit few: must be a number\n/],
    ["a device that is none", [...some, "tiny", "--device", "gpu"], /--device gpu: must be one of auto, cpu, webgpu/],
    ["a file that is a list", [...some, "tiny", "-c", "list.yaml"], /list\.yaml:1:1: the file must be keys with/],
    [
      "values and keys",
      [...some, "tiny", "-c", "number.yaml"],
      /:1:8: model: must be text or a list\n.*:2:1: modle: there/,
    ],
    ["Python's NaN", [...some, "scores:nan.jsonl"], /nan\.jsonl:1: NaN is not JSON.*\n.*write null/],
    [
      "two scores",
      [...some, "scores:twice.jsonl"],
      /twice\.jsonl:2: rest\/pair-1 \(chosen 0\) has two scores, 1 and 2/,
    ],
    ["options of a file", [...some, "scores:twice.jsonl", "--device", "cuda"], /cannot be run with --device cuda/],
    [
      "an absent column",
      ["data", "import", "absent.jsonl", "-o", "o.arrow"],
      /absent\.jsonl:2: there is no rejected\n/,
    ],
  ])("of %s", async (_, argv, message) => {
    const { code, stderr } = await runHere(argv, folder);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it("teaches the keys of --where in --help", async () => {
    const { stdout } = await runHere(["run", "--help"], folder);
    expect(stdout.replace(/\s+/g, " ")).toContain("keys are id, subset, direction, cluster, language, user");
  });
});
