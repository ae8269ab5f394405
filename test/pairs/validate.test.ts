import { describe, expect, it } from "vitest";
import type { FindingKind } from "../../src/pairs/checks.ts";
import { HashIndex } from "../../src/pairs/hash-index.ts";
import { UniqueKeys } from "../../src/pairs/import/unique-keys.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { type Located, validate, Validator, type ValidationReport } from "../../src/pairs/validate.ts";
import { pair, somePairs } from "../cli/pairs.ts";

async function report(pairs: readonly PreferencePair[], keep = 10): Promise<ValidationReport> {
  async function* located(): AsyncGenerator<Located[]> {
    yield pairs.map((one, i) => ({ pair: one, row: i + 1 }));
  }
  return validate("f", located(), { keep });
}

const user = (content: string) => ({ role: "user", content });

describe("validate", () => {
  it("finds nothing in good pairs", async () => {
    expect(await report(somePairs(50))).toMatchObject({ pairs: 50, counts: {}, errors: 0, warnings: 0, infos: 0 });
  });

  it.each<[FindingKind, "errors" | "warnings" | "infos", Partial<PreferencePair>]>([
    ["null", "errors", { chosen: [], grades: [1] }],
    ["no-label", "errors", { rejected: [] }],
    ["malformed", "errors", { grades: [1, 2, 3] }],
    ["empty-response", "warnings", { rejected: [""] }],
    ["empty-response", "warnings", { chosen: [" \n"] }],
    ["empty-response", "warnings", { chosen: [[{ role: "assistant", content: "" }]] }],
    ["empty-prompt", "warnings", { prompt: [] }],
    ["identical-responses", "warnings", { chosen: ["x", "y"], rejected: ["z", "x"] }],
    ["degenerate-contrast", "warnings", { rejectedPrompt: [user("What is a?")], rejected: ["A good answer to a."] }],
    ["prefix-mismatch", "warnings", { rejectedPrompt: [user("Another question")] }],
    ["unknown-role", "warnings", { prompt: [{ role: "tool_call", content: "x" }, user("y")] }],
    ["role-order", "warnings", { prompt: [user("x"), user("y")] }],
    ["role-order", "warnings", { prompt: [user("x"), { role: "assistant", content: "y" }] }],
    ["lone-surrogate", "warnings", { chosen: ["\ud83d"] }],
    ["bom", "infos", { prompt: [user("x\ufeff")] }],
    ["line-separator", "infos", { rejected: ["x\u2028y"] }],
    ["replacement-character", "infos", { documents: [{ id: "1", title: "", text: "\ufffd" }] }],
  ])("finds %s (%s) in %j", async (kind, severity, change) => {
    const found = await report([pair({ id: "a", ...change })]);
    expect(found[severity]).toBeGreaterThan(0);
    expect(found.findings.find((one) => one.kind === kind)).toMatchObject({
      file: "f",
      row: 1,
      remedy: expect.any(String),
    });
    expect(Object.values(found.counts)).toEqual([1]);
  });

  it("finds two names for one speaker", async () => {
    const prompt = [user("x"), { role: "assistant", content: "y" }, { role: "human", content: "z" }];
    expect((await report([pair({ id: "a", prompt })])).counts).toEqual({ "unknown-role": 1, "mixed-roles": 1 });
  });

  it("does not take a contrast pair for a mismatch", async () => {
    const contrast = { rejectedPrompt: [user("Another question")], rejected: ["A good answer to a."] };
    expect((await report([pair({ id: "a", ...contrast })])).counts).toEqual({});
  });

  it("finds repeated keys, ids and texts, and opposite labels, with the row of the first", async () => {
    const prompt = [user("same")];
    const found = await report([
      pair({ id: "a", prompt }),
      pair({ id: "a" }),
      pair({ id: "a", subset: "other", chosen: ["1"] }),
      pair({ id: "b", prompt, chosen: ["A good answer to a."], rejected: ["No answer to a"] }),
      pair({ id: "c", prompt, chosen: ["No answer to a"], rejected: ["A good answer to a."] }),
    ]);
    expect(found.findings.map((one) => [one.kind, one.row, /row (\d)/.exec(one.message)?.[1]])).toEqual([
      ["duplicate-key", 2, "1"],
      ["repeated-id", 3, "1"],
      ["duplicate-text", 4, "1"],
      ["contradiction", 5, "1"],
    ]);
    expect([found.errors, found.warnings, found.infos]).toEqual([1, 2, 1]);
  });

  it("keeps the first findings of each kind and counts all", async () => {
    const found = await report(
      Array.from({ length: 30 }, (_, i) => pair({ id: `${i}`, rejected: [i % 2 === 0 ? "" : "x\u2028"] })),
      4,
    );
    expect(found.counts).toEqual({ "empty-response": 15, "line-separator": 15 });
    expect(found.findings).toHaveLength(8);
    expect(found.findings.filter((one) => one.kind === "empty-response").map((one) => one.row)).toEqual([1, 3, 5, 7]);
  });

  it("asks what is too long, and names tokens and limit", async () => {
    const validator = new Validator({
      measure: async (pairs) => pairs.map((one) => (one.id === "b" ? { tokens: 600, limit: 512 } : null)),
    });
    await validator.add(
      "f",
      ["a", "b"].map((id, i) => ({ pair: pair({ id }), row: i + 1 })),
    );
    expect(validator.report().findings).toMatchObject([{ kind: "too-long", row: 2 }]);
    expect(validator.report().findings[0]?.message).toBe("600 tokens, and the model takes 512");
  });

  it("finds repeats over several files, and says in which", async () => {
    const validator = new Validator();
    await validator.add("one", [{ pair: pair({ id: "a" }), row: 9 }]);
    await validator.add("two", [{ pair: pair({ id: "a", chosen: ["x"] }), row: 1 }]);
    expect(validator.report().findings[0]?.message).toContain("row 9 of one");
  });

  it("never puts text of a pair into a message", async () => {
    const secret = "\u001b[31mSECRET";
    const bad = pair({ id: secret, prompt: [user(secret)], chosen: [secret], rejected: [secret], tags: { secret } });
    expect(JSON.stringify((await report([bad, bad])).findings)).not.toContain("SECRET");
  });
});

describe("HashIndex", () => {
  it("numbers a hundred thousand digests like a map of strings would", () => {
    const index = new HashIndex();
    const map = new Map<string, number>();
    let state = 1;
    for (let i = 0; i < 100_000; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const digest = Buffer.alloc(8);
      // Few high values and low bits that collide in the table on purpose.
      digest.writeUInt32BE(state >>> 29, 0);
      digest.writeUInt32BE((state >>> 12) << 8, 4);
      const key = digest.toString("hex");
      if (!map.has(key)) map.set(key, map.size);
      if (index.indexOf(digest) !== map.get(key)) throw new Error(`digest ${key} got another number`);
    }
    expect(index.size).toBe(map.size);
  });
});

describe("UniqueKeys", () => {
  it("numbers repeats past ids that are taken, and clusters them", () => {
    const keys = new UniqueKeys();
    const numbered = ["a", "a#2", "a", "b", "a"].map((id) => keys.number(pair({ id })));
    expect(numbered.map((one) => one.id)).toEqual(["a", "a#2", "a#3", "b", "a#4"]);
    expect(numbered.map((one) => one.cluster)).toEqual(["all/a", "all/a#2", "all/a", "all/b", "all/a"]);
    expect(keys.number(pair({ id: "a", subset: "other", cluster: "mine" }))).toMatchObject({
      id: "a",
      cluster: "mine",
    });
  });
});
