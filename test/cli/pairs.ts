import type { PreferencePair } from "../../src/pairs/pair.ts";
import { writePairs } from "../../src/pairs/arrow-writer.ts";

/** A pair with everything optional left out. */
export function pair(fields: Partial<PreferencePair> & Pick<PreferencePair, "id">): PreferencePair {
  return {
    subset: "all",
    cluster: null,
    direction: null,
    tags: {},
    prompt: [{ role: "user", content: `What is ${fields.id}?` }],
    documents: null,
    tools: null,
    chosen: [`A good answer to ${fields.id}.`],
    rejected: [`No answer to ${fields.id}`],
    rejectedPrompt: null,
    grades: null,
    steps: null,
    strength: null,
    user: null,
    language: null,
    weight: null,
    images: null,
    ...fields,
  };
}

/** `count` pairs of varied length in clusters of two. */
export function somePairs(count: number): PreferencePair[] {
  return Array.from({ length: count }, (_, i) =>
    pair({
      id: `pair-${i}`,
      subset: i % 3 === 0 ? "third" : "rest",
      cluster: `cluster-${i >> 1}`,
      chosen: [`Answer ${i}: ${"because ".repeat(1 + ((i * 7) % 13))}it is so.`],
      rejected: [`Answer ${i}: ${"perhaps ".repeat(1 + ((i * 5) % 11))}not.`],
    }),
  );
}

export async function writeSomePairs(file: string, pairs: readonly PreferencePair[]): Promise<void> {
  await writePairs(
    file,
    (async function* () {
      yield pairs;
    })(),
    { suite: "some", licence: "Apache-2.0", source: "test" },
  );
}
