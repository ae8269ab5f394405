import fc from "fast-check";
import { expect, it } from "vitest";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import { previewer, type Preview } from "../../src/inference/preview.ts";
import { question, scriptedModel, type Behaviour } from "./models.ts";

const signal = new AbortController().signal;
const texts = fc.array(fc.string({ minLength: 1, maxLength: 30 }), { maxLength: 25 });

/** Texts that are in every window and in the store are made likely by a small alphabet of common ones. */
const window = fc
  .tuple(texts, fc.subarray(["a", "bb", "refused", "x".repeat(20)]))
  .map(([own, common]) => [...own, ...common]);

it.each(["invariant", "tolerant", "single"] as const)(
  "foretells what a run does over all windows, stored texts and duplicates included (%s)",
  async (batching) => {
    await fc.assert(
      fc.asyncProperty(fc.array(window, { maxLength: 4 }), texts, async (windows, stored) => {
        const behaviour: Behaviour = { batching, concurrency: 1, refuse: (text) => text === "refused" };
        const store = memoryStore();
        await using before = new Scorer(scriptedModel(behaviour).model, store, { signal, emit: () => {} });
        await before.answer(stored.map(question));

        const preview = previewer(scriptedModel(behaviour).model, store);
        const total = { questions: 0, distinct: 0, stored: 0, tokens: 0, refused: 0, batches: 0 };
        for (const texts of windows) {
          const part: Preview = await preview(texts.map(question));
          for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += part[key];
        }

        const { model, log } = scriptedModel(behaviour);
        await using scorer = new Scorer(model, store, { signal, emit: () => {} });
        for (const texts of windows) await scorer.answer(texts.map(question));
        const distinct = new Set(windows.flat());
        const known = new Set(stored.filter((text) => text !== "refused"));
        const scored = [...distinct].filter((text) => text !== "refused" && !known.has(text));
        expect(total).toEqual({
          questions: windows.flat().length,
          distinct: distinct.size,
          stored: [...distinct].filter((text) => known.has(text)).length,
          tokens: scored.reduce((sum, text) => sum + text.length, 0),
          refused: distinct.has("refused") ? 1 : 0,
          batches: log.batches.length,
        });
      }),
    );
  },
);
