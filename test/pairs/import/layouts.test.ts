import { describe, expect, it } from "vitest";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ImportedFile, type ImportOptions, openImport } from "../../../src/pairs/import/import.ts";
import { parseColumnMap } from "../../../src/pairs/import/map.ts";
import { errorAt } from "../../../src/pairs/import/record.ts";
import type { PreferencePair } from "../../../src/pairs/pair.ts";
import { pair } from "../../cli/pairs.ts";

async function convert(
  rows: readonly object[],
  options: Partial<ImportOptions> = {},
  name = "rows.jsonl",
): Promise<{ pairs: PreferencePair[]; file: ImportedFile }> {
  const path = join(await mkdtemp(join(tmpdir(), "rmbench-layout-")), name);
  await writeFile(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const { file, pairs } = await openImport(path, {
    onProblem: (source, row, problem) => {
      throw errorAt(source, row, problem);
    },
    ...options,
  });
  const all: PreferencePair[] = [];
  for await (const window of pairs) all.push(...window.map((one) => one.pair));
  return { pairs: all, file };
}

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });

describe("layouts", () => {
  it("RewardBench v1: numbers as ids, direction from the subset, other columns as tags", async () => {
    const row = { prompt: " p ", chosen: "c", chosen_model: "m", rejected: "r", subset: "xstest-should-refuse", id: 7 };
    const { pairs, file } = await convert([row, { ...row, subset: "alpacaeval-easy" }]);
    expect(file).toMatchObject({ layout: expect.stringContaining("RewardBench v1"), rows: 2, pairs: 2 });
    const first = { subset: "xstest-should-refuse", direction: "refuse", tags: { chosen_model: "m" } };
    expect(pairs[0]).toEqual(pair({ id: "7", prompt: [user(" p ")], chosen: ["c"], rejected: ["r"], ...first }));
    expect(pairs[1]).toMatchObject({ subset: "alpacaeval-easy", direction: null });
  });

  it("RewardBench 2: lists, ties clustered, and counts that must agree", async () => {
    const row = { prompt: "p", chosen: ["a", "b"], rejected: ["c"], subset: "Ties", num_correct: 2, num_incorrect: 1 };
    const { pairs, file } = await convert([
      { ...row, id: "tied:3" },
      { ...row, id: "ref:3", chosen: ["a"], num_correct: 1, additional_metadata: { x: [1] } },
    ]);
    expect(file.layout).toContain("RewardBench 2");
    expect(pairs.map((one) => [one.cluster, one.chosen.length])).toEqual([
      ["ties:3", 2],
      ["ties:3", 1],
    ]);
    expect(pairs[1]?.tags).toEqual({ num_correct: "1", num_incorrect: "1", additional_metadata: '{"x":[1]}' });
    await expect(convert([{ ...row, id: "x", num_incorrect: 3 }])).rejects.toThrow(
      /rows\.jsonl:1: num_incorrect is 3, but rejected holds 1/,
    );
  });

  it("RAG-RewardBench: reject, the category from the file's name, the question appended only where it lacks", async () => {
    const references = "## References\nReference [1] Text: water is wet";
    const row = { question: "Is it wet?", chosen: "c", reject: "r", subset: "NQ" };
    const rows = [
      { ...row, prompt: references },
      { ...row, prompt: `${references}\nIs it wet?` },
    ];
    const { pairs, file } = await convert(rows, {}, "abstain.jsonl");
    expect(file.layout).toContain("RAG-RewardBench");
    expect(pairs[0]).toMatchObject({ subset: "abstain/NQ", direction: "abstain", rejected: ["r"], id: "1" });
    expect(pairs[0]?.prompt[0]?.content).toBe(
      `${references}\nUsing the references listed above, answer the following question in detail.\n` +
        "## Question: Is it wet?\n## Answer:",
    );
    expect(pairs[1]?.prompt).toEqual([user(rows[1]?.prompt ?? "")]);
    expect([...file.notes.values()]).toEqual([1]);
    const verbatim = await convert(rows, { layoutOptions: { ragTemplate: "prompt-only" } });
    expect(verbatim.pairs[0]?.prompt).toEqual([user(references)]);
  });

  it("RM-Bench: 3 × 3, the domain from the column or the file's name", async () => {
    const row = {
      id: 1,
      prompt: "p",
      subset: "refusals-dangerous",
      chosen: ["a", "b", "c"],
      rejected: ["d", "e", "f"],
    };
    const { pairs, file } = await convert([row], {}, "safety-refuse_filtered.json");
    expect(file.layout).toContain("RM-Bench");
    expect(pairs[0]).toMatchObject({ subset: "safety-refuse", direction: "refuse", rejected: ["d", "e", "f"] });
    expect(pairs[0]?.tags).toEqual({ source_subset: "refusals-dangerous" });
    expect((await convert([{ ...row, domain: "chat" }])).pairs[0]?.subset).toBe("chat");
    await expect(convert([row, { ...row, chosen: ["a"] }])).rejects.toThrow(/:2: chosen does not hold 3 styles/);
  });

  it("Contrast Instructions: response and instruction pairs in a cluster that does not know the row's order", async () => {
    const row = {
      ...{ query: "q", retrieval: "q'", query_response_k: "rk", query_response_j: "rj" },
      ...{ retrieval_response_k: "r'k", retrieval_response_j: "r'j" },
    };
    const turned = {
      ...{ query: "q'", retrieval: "q", query_response_k: "r'k", query_response_j: "r'j" },
      ...{ retrieval_response_k: "rk", retrieval_response_j: "rj" },
    };
    const { pairs } = await convert([row, turned], {}, "wmt_contrast.jsonl");
    expect(pairs.map((one) => [one.id, one.direction, one.subset])).toEqual([
      ["1/response", "response", "wmt"],
      ["1/instruction", "instruction", "wmt"],
      ["2/response", "response", "wmt"],
      ["2/instruction", "instruction", "wmt"],
    ]);
    expect(pairs[0]).toMatchObject({ prompt: [user("q")], chosen: ["rj"], rejected: ["r'j"], rejectedPrompt: null });
    expect(pairs[1]).toMatchObject({
      prompt: [user("q")],
      chosen: ["rj"],
      rejected: ["rj"],
      rejectedPrompt: [user("q'")],
    });
    expect(new Set(pairs.map((one) => one.cluster)).size).toBe(1);
    const other = await convert([row], { layoutOptions: { contrastResponse: "k", mirror: true } });
    expect(other.pairs).toHaveLength(4);
    expect(other.pairs[2]).toMatchObject({
      id: "1/mirror-response",
      prompt: [user("q'")],
      chosen: ["r'k"],
      rejected: ["rk"],
    });
  });

  it("HH transcripts: exact turns, and both prompts where the prefixes differ", async () => {
    const start = "\n\nHuman: Hi \n\nAssistant: Yes?\n\nHuman: Go\n\non";
    const { pairs, file } = await convert([
      { chosen: `${start}\n\nAssistant:  Sure `, rejected: `${start}\n\nAssistant:` },
      { chosen: `${start}\n\nAssistant: A`, rejected: "\n\nHuman: Hi\n\nAssistant: B" },
    ]);
    expect(file.layout).toContain("HH transcripts");
    expect(pairs[0]).toMatchObject({
      prompt: [user("Hi "), assistant("Yes?"), user("Go\n\non")],
      rejectedPrompt: null,
      chosen: [" Sure "],
      rejected: [""],
    });
    expect(pairs[1]).toMatchObject({ rejectedPrompt: [user("Hi")], chosen: ["A"], rejected: ["B"] });
  });

  it("conversations: the shared start is the prompt", async () => {
    const start = [{ role: "system", content: "s" }, user("a"), assistant("b"), user("c")];
    const { pairs } = await convert([
      { prompt: "c", chosen: [...start, assistant("x")], rejected: [...start, assistant("y")] },
      { chosen: [user("a"), assistant("x")], rejected: [user("a!"), assistant("y")] },
    ]);
    expect(pairs[0]).toMatchObject({ prompt: start, chosen: ["x"], rejected: ["y"], rejectedPrompt: null });
    expect(pairs[1]).toMatchObject({
      prompt: [user("a")],
      rejectedPrompt: [user("a!")],
      chosen: ["x"],
      rejected: ["y"],
    });
  });

  it("conversations that hold only the completion take their prompt from the column", async () => {
    const { pairs } = await convert([{ prompt: [user("a")], chosen: [assistant("x")], rejected: [assistant("y")] }]);
    expect(pairs[0]).toMatchObject({ prompt: [user("a")], chosen: ["x"], rejected: ["y"] });
  });

  it("trajectories: tool turns stay in the responses, tools become text, calls become content", async () => {
    const call = { role: "assistant", content: null, tool_calls: [{ name: "f" }] };
    const { pairs, file } = await convert([
      {
        id: "t",
        prompt: "a",
        tools: [{ name: "f" }],
        chosen_messages: [user("a"), call, { role: "tool", content: "1", name: "f" }, assistant("one")],
        rejected_messages: [user("a"), call, { role: "tool", content: "2" }, assistant("two")],
      },
    ]);
    expect(file.layout).toContain("trajectories");
    expect(pairs[0]).toMatchObject({ prompt: [user("a")], tools: '[{"name":"f"}]' });
    expect(pairs[0]?.chosen).toEqual([[assistant('[{"name":"f"}]'), { role: "tool", content: "1" }, assistant("one")]]);
    expect([...file.notes.keys()].join()).toContain('"name"');
  });

  it("message prompts with a rejected prompt of their own, and groups as clusters", async () => {
    const row = {
      id: "1",
      group: "g",
      messages: [user("a")],
      chosen: "c",
      rejected: "r",
      rejected_messages: [user("b")],
    };
    const { pairs, file } = await convert([row]);
    expect(file.layout).toContain("message lists");
    expect(pairs[0]).toMatchObject({ cluster: "g", rejectedPrompt: [user("b")], tags: {} });
  });

  it("JudgeBench, RMB and response_j/response_k", async () => {
    const judge = { pair_id: "u", question: "q", source: "s", response_A: "a", response_B: "b", label: "B>A" };
    expect((await convert([judge])).pairs[0]).toMatchObject({ id: "u", subset: "s", chosen: ["b"], rejected: ["a"] });
    const answer = (text: string) => ({ llm_name: `m${text}`, answer: text });
    const best = {
      bon_uid: 1,
      conversation_input: [user("q")],
      bon_best: answer("1"),
      loser_list: [answer("2"), answer("3")],
    };
    const bon = (await convert([best])).pairs[0];
    expect(bon).toMatchObject({ chosen: ["1"], rejected: ["2", "3"], tags: { rejected_model: "m2, m3" } });
    const rated = { prompt: "p", response_j: "good", response_k: "bad", j_score: 0.4 };
    expect((await convert([rated])).pairs[0]).toMatchObject({
      chosen: ["good"],
      rejected: ["bad"],
      tags: { j_score: "0.4" },
    });
  });

  it("grades and steps may stand for a rejected response", async () => {
    const { pairs } = await convert([
      { prompt: "p", chosen: ["a", "b"], grades: [2, 1], strength: 0.75 },
      { prompt: "p", chosen: "a b", steps: [{ text: "a", label: 1 }] },
    ]);
    expect(pairs[0]).toMatchObject({ rejected: [], grades: [2, 1], strength: 0.75 });
    expect(pairs[1]).toMatchObject({ rejected: [], steps: [{ text: "a", label: 1 }] });
  });
});

describe("--map", () => {
  it("names columns, also inside of objects, and drops none of the others", async () => {
    const map = parseColumnMap(["prompt=q.text", "chosen=good,rejected=answers.1", "tags.lang=meta.l", "cluster=doc"]);
    const row = { q: { text: "p" }, good: "c", answers: ["x", "r"], meta: { l: "de" }, doc: 5, score: 1 };
    const { pairs, file } = await convert([row], { map });
    expect(file.layout).toContain("--map");
    expect(pairs[0]).toMatchObject({ prompt: [user("p")], chosen: ["c"], rejected: ["r"], cluster: "5" });
    expect(pairs[0]?.tags).toMatchObject({ lang: "de", score: "1" });
  });

  it("says which column is not there, and which targets there are", async () => {
    const map = parseColumnMap(["chosen=nope"]);
    await expect(convert([{ prompt: "p", rejected: "r" }], { map })).rejects.toThrow(
      /:1: there is no column "nope" \(columns: prompt, rejected\)/,
    );
    expect(() => parseColumnMap(["winner=a"])).toThrow("--map winner=a");
    expect(() => parseColumnMap(["chosen"])).toThrow("--map chosen");
  });
});

describe("rows that are no pairs", () => {
  it.each<[object, string]>([
    [{ id: 1, prompt: "p", answerable: true }, "prompts without responses"],
    [{ prompt: "p", answer: "a", utility: 3 }, "a single response"],
    [{ id: 1, chosen_score: 1, rejected_score: 2 }, "scores, not texts"],
    [{ prompt: "p", chosen: "c" }, "only one side"],
    [{ chosen: "c", rejected: "r" }, "no prompt"],
    [{ x: 1 }, "no column looks like"],
  ])("%j is refused because of %s", async (row, reason) => {
    await expect(convert([row])).rejects.toMatchObject({
      message: expect.stringContaining(reason),
      hint: expect.any(String),
    });
  });

  it.each<[object, string]>([
    [{ prompt: null, chosen: "c", rejected: "r" }, "prompt is null"],
    [{ prompt: "p", chosen: null, rejected: "r" }, "chosen is null"],
    [{ prompt: "p", chosen: "c", rejected: 5 }, "rejected is a number, not text"],
    [{ prompt: "p", chosen: "c", rejected: [null] }, "rejected[0] is null"],
    [{ prompt: [{ role: "user", content: null }], chosen: "c", rejected: "r" }, "prompt[0] content is null"],
    [{ prompt: "p", chosen: "c", rejected: "r", weight: "heavy" }, "weight is a string, not a finite number"],
    [{ prompt: "p", chosen: "c", rejected: "r", weight: -1 }, "weight is -1"],
    [{ prompt: "p", chosen: "c", rejected: "r", weight: "-0.5" }, "weight is -0.5"],
    [{ prompt: "p", chosen: "c", rejected: "r", weight: 1e39 }, "weight is a number, not a finite number"],
    [{ prompt: "p", chosen: "c", rejected: "r", weight: "Infinity" }, "weight is a string, not a finite number"],
    [{ prompt: "p", chosen: ["c", [assistant("turn"), user("u")]], rejected: "r" }, "chosen mixes texts and message"],
    [{ prompt: "p", chosen: "c", rejected: ["r", [assistant("one turn")]] }, "rejected mixes texts and message lists"],
    [{ prompt: "p", chosen: "c", rejected: "r", id: 2 ** 60 }, "beyond 2^53"],
  ])("a later row %j is named with file, row and reason", async (row, reason) => {
    const good = { prompt: "p", chosen: "c", rejected: "r" };
    await expect(convert([good, row])).rejects.toMatchObject({
      message: expect.stringMatching(/rows\.jsonl:2: /),
      hint: expect.any(String),
    });
    await expect(convert([good, row])).rejects.toThrow(reason);
  });

  it("keep a side of message lists of one kind, whatever their number of turns", async () => {
    const long = [assistant("call"), { role: "tool", content: "result" }, assistant("answer")];
    const { pairs } = await convert([
      { prompt: "p", chosen: [[assistant("short")], long], rejected: [[assistant("alone")]] },
    ]);
    expect(pairs[0]?.chosen).toEqual([[assistant("short")], long]);
    expect(pairs[0]?.rejected).toEqual(["alone"]);
  });

  it("can be left out and counted", async () => {
    const seen: number[] = [];
    const onProblem: ImportOptions["onProblem"] = (_, row) => void seen.push(row);
    const good = { prompt: "p", chosen: "c", rejected: "r" };
    const mixed = { prompt: "p", chosen: ["c", [user("u")]], rejected: "r" };
    const { pairs, file } = await convert([good, { prompt: "p", chosen: null }, mixed, good], { onProblem });
    expect([pairs.length, file.rows, file.skipped, seen]).toEqual([2, 4, 2, [2, 3]]);
  });
});
