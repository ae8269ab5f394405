import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plan, planMissing } from "../../src/inference/plan.ts";

const lengths = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 200 });
const limits = fc.record({
  batchTokens: fc.integer({ min: 1, max: 4096 }),
  batchSize: fc.integer({ min: 1, max: 64 }),
});

describe("plan", () => {
  it("holds every question exactly once", () => {
    fc.assert(
      fc.property(lengths, limits, (texts, limit) => {
        const items = plan(texts, limit).flatMap((batch) => [...batch.items]);
        expect(items.sort((a, b) => a - b)).toEqual(texts.map((_, i) => i));
      }),
    );
  });

  it("keeps every batch of several questions within the budget, padding included", () => {
    fc.assert(
      fc.property(lengths, limits, (texts, limit) => {
        for (const { items, padded } of plan(texts, limit)) {
          const longest = Math.max(1, ...Array.from(items, (i) => texts[i]!));
          expect(padded).toBe(longest * items.length);
          expect(items.length).toBeLessThanOrEqual(limit.batchSize);
          if (items.length > 1) expect(padded).toBeLessThanOrEqual(limit.batchTokens);
        }
      }),
    );
  });

  it("runs longer questions before shorter ones, so that the peak of memory comes first", () => {
    fc.assert(
      fc.property(lengths, limits, (texts, limit) => {
        const order = plan(texts, limit).flatMap((batch) => Array.from(batch.items, (i) => texts[i]!));
        expect(order).toEqual([...order].sort((a, b) => b - a));
      }),
    );
  });

  it("never splits what fits: two batches next to each other do not fit into one", () => {
    fc.assert(
      fc.property(lengths, limits, (texts, limit) => {
        const batches = plan(texts, limit);
        for (let i = 1; i < batches.length; i++) {
          const one = batches[i - 1]!.items.length + 1;
          const longest = Math.max(1, texts[batches[i - 1]!.items[0]!]!);
          expect(one > limit.batchSize || one * longest > limit.batchTokens).toBe(true);
        }
      }),
    );
  });
});

describe("planMissing", () => {
  const questions = fc.array(
    fc.record({ tokens: fc.integer({ min: 1, max: 90 }), stored: fc.boolean(), group: fc.nat({ max: 9 }) }),
    {
      maxLength: 60,
    },
  );
  const limit = { batchTokens: 200, batchSize: 8 };
  const missing = (asked: readonly { stored: boolean }[]) => asked.flatMap(({ stored }, i) => (stored ? [] : [i]));

  it("leaves stored questions out where batch mates cannot move a score", () => {
    fc.assert(
      fc.property(questions, fc.constantFrom("invariant" as const, "single" as const), (asked, batching) => {
        const batches = planMissing(asked, { ...limit, batching });
        expect(batches.flat().sort((a, b) => a - b)).toEqual(missing(asked));
        if (batching === "single") expect(batches.every((batch) => batch.length === 1)).toBe(true);
      }),
    );
  });

  it("keeps a fresh run's batches where they can, but runs none that is stored whole", () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const fresh = planMissing(
          asked.map((one) => ({ ...one, stored: false })),
          { ...limit, batching: "tolerant" },
        );
        const expected = fresh.filter((batch) => batch.some((i) => !asked[i]!.stored));
        expect(planMissing(asked, { ...limit, batching: "tolerant" })).toEqual(expected);
      }),
    );
  });

  it("keeps questions with one prompt in one batch where the model shares prefixes and a batch holds them", () => {
    fc.assert(
      fc.property(questions, (asked) => {
        const fresh = asked.map((one) => ({ ...one, stored: false }));
        const batches = planMissing(fresh, { ...limit, batching: "tolerant", sharesPrefixes: true });
        expect(batches.flat().sort((a, b) => a - b)).toEqual(fresh.map((_, i) => i));
        for (const batch of batches) {
          const longest = Math.max(...batch.map((i) => fresh[i]!.tokens));
          if (batch.length > 1) expect(longest * batch.length).toBeLessThanOrEqual(limit.batchTokens);
        }
        for (const group of new Set(fresh.map((one) => one.group))) {
          const own = fresh.flatMap((one, i) => (one.group === group ? [i] : []));
          const longest = Math.max(...own.map((i) => fresh[i]!.tokens));
          const holds = own.length <= limit.batchSize && own.length * longest <= limit.batchTokens;
          if (holds) expect(batches.filter((batch) => batch.some((i) => own.includes(i)))).toHaveLength(1);
        }
      }),
    );
  });
});
