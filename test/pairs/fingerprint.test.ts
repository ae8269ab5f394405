import { createHash } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPairs } from "../../src/pairs/arrow-reader.ts";
import { writePairs } from "../../src/pairs/arrow-writer.ts";
import { fingerprintPair, SuiteFingerprint } from "../../src/pairs/fingerprint.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { pair, somePairs } from "../cli/pairs.ts";

const hex = (one: PreferencePair): string => Buffer.from(fingerprintPair(one)).toString("hex");
const suite = (pairs: readonly PreferencePair[]): string => {
  const fingerprint = new SuiteFingerprint();
  for (const one of pairs) fingerprint.add(one);
  return fingerprint.digest();
};

async function* windowOf(...pairs: PreferencePair[]): AsyncGenerator<readonly PreferencePair[]> {
  yield pairs;
}

const full = pair({
  id: "a",
  documents: [{ id: "1", title: "t", text: "x" }],
  tools: "[]",
  rejectedPrompt: [{ role: "user", content: "other" }],
  grades: [0.1],
  steps: [{ text: "s", label: 1 }],
  images: [Uint8Array.of(1, 2)],
});

describe("fingerprintPair", () => {
  it("has 16 bytes and is the same for the same content", () => {
    expect(fingerprintPair(full)).toHaveLength(16);
    expect(hex(full)).toBe(hex(structuredClone(full)));
  });

  it.each<[string, Partial<PreferencePair>]>([
    ["prompt", { prompt: [{ role: "user", content: "What is a? " }] }],
    ["role", { prompt: [{ role: "system", content: "What is a?" }] }],
    ["document", { documents: [{ id: "1", title: "t", text: "y" }] }],
    ["no documents", { documents: null }],
    ["tools", { tools: "[1]" }],
    ["chosen", { chosen: ["A good answer to a"] }],
    ["list border", { chosen: ["A good answer to a.", ""] }],
    ["sides swapped", { chosen: full.rejected, rejected: full.chosen }],
    ["trajectory", { chosen: [[{ role: "assistant", content: "A good answer to a." }]] }],
    ["rejected prompt", { rejectedPrompt: null }],
    ["grades", { grades: [0.2] }],
    ["steps", { steps: [{ text: "s", label: 0 }] }],
    ["image", { images: [Uint8Array.of(1, 3)] }],
  ])("changes with %s", (_, change) => {
    expect(hex({ ...full, ...change })).not.toBe(hex(full));
  });

  it("does not change with key, cluster, direction, tags and the like", () => {
    const same = { id: "b", subset: "c", cluster: "d", direction: "refuse", tags: { e: "f" }, user: "u", weight: 2 };
    expect(hex({ ...full, ...same, language: "de", strength: 0.5 })).toBe(hex(full));
  });

  it("is the same before and after grades were stored as float32", () => {
    expect(hex({ ...full, grades: [Math.fround(0.1)] })).toBe(hex(full));
  });

  it("is the same before and after texts were stored as UTF-8, halves of surrogate pairs included", async () => {
    const broken = pair({
      id: "i\ud800",
      subset: "s\udc00",
      prompt: [{ role: "user", content: "a\ud83d" }],
      documents: [{ id: "1", title: "\ude00t", text: "\\ud800 is not one" }],
      chosen: ["\ud83d\ude00 is whole"],
      rejected: [[{ role: "assistant", content: "\ud83d b" }]],
      tools: "\udfff",
    });
    const path = join(await mkdtemp(join(tmpdir(), "rmbench-fingerprint-")), "p.arrow");
    await writePairs(path, windowOf(broken), {});
    const stored: PreferencePair[] = [];
    for await (const window of await openPairs(path)) stored.push(...window);
    expect(stored[0]?.prompt[0]?.content).toBe("a\ufffd");
    expect(hex(broken)).toBe(hex(stored[0]!));
    expect(suite([broken])).toBe(suite(stored));
    expect(hex({ ...broken, prompt: [{ role: "user", content: "a" }] })).not.toBe(hex(broken));
  });
});

describe("SuiteFingerprint", () => {
  it("depends on order, keys and content, and not on tags", () => {
    const pairs = somePairs(4);
    const [first, second, ...rest] = pairs as [PreferencePair, PreferencePair];
    expect(suite([second, first, ...rest])).not.toBe(suite(pairs));
    expect(suite([{ ...first, id: "other" }, second, ...rest])).not.toBe(suite(pairs));
    expect(suite([{ ...first, subset: "other" }, second, ...rest])).not.toBe(suite(pairs));
    expect(suite(pairs.slice(0, 3))).not.toBe(suite(pairs));
    expect(suite([{ ...first, tags: { a: "b" } }, second, ...rest])).toBe(suite(pairs));
  });

  it("is sha256 over JSON keys and pair fingerprints", () => {
    const [one] = somePairs(1) as [PreferencePair];
    const expected = createHash("sha256").update('["third","pair-0"]').update(fingerprintPair(one)).digest("hex");
    expect(suite([one])).toBe(expected);
  });
});
