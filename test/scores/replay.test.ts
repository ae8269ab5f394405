import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readReplayedScores } from "../../src/scores/replay.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "rmbench-scores-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(name: string, content: string | readonly object[]) {
  const file = join(folder, name);
  await writeFile(file, typeof content === "string" ? content : content.map((row) => JSON.stringify(row)).join("\n"));
  return readReplayedScores(file);
}

describe("readReplayedScores", () => {
  it("joins each line by the columns that it has itself, the more specific line first", async () => {
    const scores = await read("mixed.jsonl", [
      { id: "a", chosen_score: 1 },
      { id: "a", subset: "x", chosen_score: 2 },
      { id: "a", subset: "x", suite: "s", chosen_score: 3 },
      { id: "b", subset: null, chosen_score: 4 },
    ]);
    const value = (suite: string, subset: string, id: string) => scores.find(suite, subset, id, "chosen", 0)?.value;
    expect([value("s", "x", "a"), value("t", "x", "a"), value("s", "y", "a"), value("s", "y", "b")]).toEqual([
      3, 2, 1, 4,
    ]);
    expect(value("s", "x", "c")).toBeUndefined();
    expect([scores.size, scores.used()]).toEqual([4, 4]);
  });

  it("takes over status, tokens, truncated and dropped documents where they are there", async () => {
    const csv = [
      "id,side,index,status,reward,tokens,truncated,dropped_documents",
      "a,chosen,0,ok,1.5,12,true,2",
      "a,rejected,0,too-long,,900,false,0",
      "b,chosen,0,unparsable,,3,false,0",
      "b,rejected,0,failed,,4,false,0",
      "c,chosen,0,unmatched,,0,false,0",
    ].join("\n");
    const scores = await read("own.csv", csv);
    const find = (id: string, side: "chosen" | "rejected") => scores.find("s", "x", id, side, 0);
    expect(find("a", "chosen")).toEqual({ status: "ok", value: 1.5, tokens: 12, truncated: true, droppedDocuments: 2 });
    expect(find("a", "rejected")).toMatchObject({ status: "too-long", value: Number.NaN, tokens: 900 });
    expect([find("b", "chosen")?.status, find("b", "rejected")?.status]).toEqual(["unparsable", "failed"]);
    expect([find("c", "chosen"), scores.size]).toEqual([undefined, 4]);
  });

  it("believes a number in spite of a status that is none of ours", async () => {
    const scores = await read("foreign.jsonl", [
      { id: "a", side: "chosen", score: 2, status: "completed", tokens: -1 },
    ]);
    expect(scores.find("s", "x", "a", "chosen", 0)).toMatchObject({
      status: "ok",
      value: 2,
      tokens: 0,
      truncated: false,
    });
  });

  it.each([
    [
      "two scores for one text",
      [
        { id: "a", chosen_score: 1 },
        { id: "a", chosen_score: 2 },
      ],
      /two scores, 1 and 2/,
    ],
    [
      "a score and a failure",
      [
        { id: "a", side: "chosen", reward: 1 },
        { id: "a", side: "chosen", reward: null, status: "failed" },
      ],
      /two scores, 1 and failed/,
    ],
    ["no id", [{ chosen_score: 1 }], /no id/],
    ["no score", [{ id: "a", side: "chosen" }], /no reward/],
    ["a score that is no number", [{ id: "a", chosen_score: "good" }], /not a number/],
    ["nothing but nulls", [{ id: "a", chosen_score: null }], /no scores/],
  ])("refuses %s", async (_name, rows, message) => {
    await expect(read("bad.jsonl", rows)).rejects.toMatchObject({
      code: "data",
      message: expect.stringMatching(message),
    });
  });
});
