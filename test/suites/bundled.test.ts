import { describe, expect, it } from "vitest";
import { openPairs } from "../../src/pairs/arrow-reader.ts";
import { SuiteFingerprint } from "../../src/pairs/fingerprint.ts";
import type { PreferencePair } from "../../src/pairs/pair.ts";
import { Validator } from "../../src/pairs/validate.ts";
import { shortcutScorers, type ShortcutName } from "../../src/models/shortcut/scorers.ts";
import { bundledSuiteIds, loadSuite } from "../../src/suites/load.ts";

async function pairsOf(path: string): Promise<PreferencePair[]> {
  const pairs: PreferencePair[] = [];
  for await (const window of await openPairs(path)) pairs.push(...window);
  return pairs;
}

/** Share of pairs in which a scorer of single texts prefers the chosen side, ties half; counted without the harness. */
function accuracy(pairs: readonly PreferencePair[], name: ShortcutName): number {
  const scorer = shortcutScorers[name];
  const credit = pairs.map(({ prompt, rejectedPrompt, documents, chosen, rejected }): number => {
    const of = (messages: typeof prompt, response: (typeof chosen)[number] | undefined) =>
      scorer({
        prompt: messages,
        documents: documents === null ? null : { template: "numbered", items: documents },
        tools: null,
        response: response ?? "",
      });
    return (Math.sign(of(prompt, chosen[0]) - of(rejectedPrompt ?? prompt, rejected[0])) + 1) / 2;
  });
  return credit.reduce((sum, one) => sum + one, 0) / pairs.length;
}

describe.each(await bundledSuiteIds())("the bundled suite %s", (id) => {
  it("is pinned, has a card, at least 120 clustered pairs and no error that validation finds", async () => {
    const suite = await loadSuite(id, ".");
    const pairs = await pairsOf(suite.pairsPath);
    const fingerprint = new SuiteFingerprint();
    for (const pair of pairs) fingerprint.add(pair);
    expect(suite.fingerprint).toBe(fingerprint.digest());
    expect(suite.card?.knownHoles.length).toBeGreaterThan(0);
    expect(pairs.length).toBeGreaterThanOrEqual(120);
    expect(pairs.every(({ cluster }) => cluster !== null)).toBe(true);
    const validator = new Validator({});
    await validator.add(
      id,
      pairs.map((pair, row) => ({ pair, row: row + 1 })),
    );
    expect(validator.report().errors).toBe(0);
  });

  it.each(Object.keys(shortcutScorers) as ShortcutName[])(
    "cannot be won by %s: exactly one half, ties half",
    async (name) => {
      const suite = await loadSuite(id, ".");
      expect(accuracy(await pairsOf(suite.pairsPath), name)).toBe(0.5);
    },
  );

  it("points both ways where it has directions", async () => {
    const pairs = await pairsOf((await loadSuite(id, ".")).pairsPath);
    const counts = new Map<string, number>();
    for (const { direction } of pairs) if (direction !== null) counts.set(direction, (counts.get(direction) ?? 0) + 1);
    if (id === "rag-citation") return expect(counts.size).toBe(0);
    expect(counts.size).toBe(2);
    expect(new Set(counts.values()).size).toBe(1);
  });
});
