import { describe, expect, it } from "vitest";
import { checkPair } from "../../src/pairs/checks.ts";
import { defaultLayoutOptions } from "../../src/pairs/import/layout.ts";
import { layoutById, layouts } from "../../src/pairs/import/layouts/registry.ts";
import { RowProblem, type SourceRecord } from "../../src/pairs/import/record.ts";

const user = (content: string) => ({ role: "user", content });
const assistant = (content: string) => ({ role: "assistant", content });
const sides = { chosen: "c", rejected: "r" };

/** A record of each layout, as its source writes it. */
const examples: Record<string, SourceRecord> = {
  rmbench: {
    ...{ id: "1", subset: "s", prompt: [user("p")], chosen: ["c"], rejected: ["r"] },
    ...{ chosen_messages: null, rejected_messages: null, rejected_prompt: null },
  },
  contrast: {
    ...{ query: "q", retrieval: "q2", query_response_k: "k", query_response_j: "j" },
    ...{ retrieval_response_k: "k2", retrieval_response_j: "j2" },
  },
  rmb: {
    conversation_input: [user("p")],
    chosen: { llm_name: "a", answer: "c" },
    reject: { llm_name: "b", answer: "r" },
    pair_uid: "1",
  },
  judgebench: { pair_id: "1", question: "p", response_A: "a", response_B: "b", label: "A>B", source: "s" },
  "rag-rewardbench": { prompt: "p", question: "q", chosen: "c", reject: "r", subset: "NQ" },
  "rewardbench-2": { prompt: "p", chosen: ["c"], rejected: ["r", "t", "u"], id: "1", subset: "Math", num_correct: 1 },
  "rm-bench": { id: 1, prompt: "p", chosen: ["a", "b", "c"], rejected: ["d", "e", "f"] },
  "response-j-k": { question: "p", response_j: "j", response_k: "k" },
  trajectories: {
    chosen_messages: [user("p"), { role: "tool", content: "1" }, assistant("c")],
    rejected_messages: [user("p"), { role: "tool", content: "2" }, assistant("r")],
  },
  conversations: { chosen: [user("p"), assistant("c")], rejected: [user("p"), assistant("r")] },
  hh: { chosen: "\n\nHuman: p\n\nAssistant: c", rejected: "\n\nHuman: p\n\nAssistant: r" },
  "rewardbench-v1": { prompt: "p", ...sides, subset: "s", id: 1 },
  messages: { messages: [user("p")], ...sides },
  lists: { prompt: "p", chosen: "c", rejected: ["r", "t"] },
  pairs: { prompt: "p", ...sides },
};

const context = () => ({ row: 3, stem: "file", options: defaultLayoutOptions, note: () => undefined });

describe.each(layouts)("layout $id", (layout) => {
  const record = examples[layout.id];

  it("is the first to recognise its own records", () => {
    expect(record, "an example belongs here").toBeDefined();
    expect(layouts.find((one) => one.matches(record ?? {}, "file"))?.id).toBe(layout.id);
    expect(layoutById(layout.id)).toBe(layout);
  });

  it("makes sound pairs with keys of their own, and leaves the record as it was", () => {
    const before = structuredClone(record);
    const pairs = layout.convert(record ?? {}, context());
    expect(pairs.length).toBeGreaterThan(0);
    expect(pairs.flatMap((pair) => [...checkPair(pair)])).toEqual([]);
    expect(new Set(pairs.map((pair) => `${pair.subset}/${pair.id}`)).size).toBe(pairs.length);
    expect(record).toEqual(before);
    expect(layout.convert(record ?? {}, context())).toEqual(pairs);
  });

  it("does not recognise a record of nothing, and answers rows that do not fit with a problem", () => {
    expect(layout.matches({}, "file")).toBe(false);
    const broken = Object.fromEntries(Object.keys(record ?? {}).map((column) => [column, null]));
    expect(() => layout.convert(broken, context())).toThrow(RowProblem);
  });
});
