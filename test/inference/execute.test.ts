import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InferenceEvent } from "../../src/inference/events.ts";
import { Scorer } from "../../src/inference/execute.ts";
import { memoryStore } from "../../src/inference/memory-store.ts";
import type { ScoreStore } from "../../src/inference/store.ts";
import { question, scriptedModel, type Behaviour } from "./models.ts";

async function answerAll(texts: readonly string[], behaviour: Behaviour = {}, store: ScoreStore = memoryStore()) {
  const { model, log } = scriptedModel(behaviour);
  const events: InferenceEvent[] = [];
  const context = { signal: new AbortController().signal, emit: (event: InferenceEvent) => void events.push(event) };
  await using scorer = new Scorer(model, store, context);
  const answers = await scorer.answer(texts.map(question));
  return { answers, log, events, store };
}

const values = (answers: readonly { score: { status: string; value?: number; code?: string } }[]) =>
  answers.map(({ score }) => score.value ?? score.code ?? score.status);

describe("Scorer", () => {
  it("answers in the order of the questions, whatever the batches", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ minLength: 1, maxLength: 90 }), { maxLength: 60 }), async (texts) => {
        const { answers } = await answerAll(texts);
        expect(values(answers)).toEqual(texts.map((text) => text.length));
      }),
    );
  });

  it("asks identical questions once", async () => {
    const { log, answers } = await answerAll(["aa", "b", "aa", "aa"]);
    expect(log.batches.flat().sort()).toEqual(["aa", "b"]);
    expect(values(answers)).toEqual([2, 1, 2, 2]);
  });

  it("opens no session where every score is stored", async () => {
    const store = memoryStore();
    await answerAll(["a", "bb"], {}, store);
    const { log, answers } = await answerAll(["bb", "a"], {}, store);
    expect(log.opened).toBe(0);
    expect(values(answers)).toEqual([2, 1]);
  });

  it("never takes the scores of another identity", async () => {
    const store = memoryStore();
    await answerAll(["a"], { identity: "one" }, store);
    const { answers } = await answerAll(["a"], { identity: "two", score: () => ({ status: "ok", value: 7 }) }, store);
    expect(values(answers)).toEqual([7]);
  });

  it("halves a batch that does not fit and goes on with smaller ones", async () => {
    const texts = Array.from({ length: 16 }, (_, i) => String(i).padStart(8, "x"));
    const { answers, log, events } = await answerAll(texts, { batchTokens: 128, memoryTokens: 40, concurrency: 1 });
    expect(values(answers)).toEqual(texts.map(() => 8));
    expect(Math.max(...log.batches.map((batch) => batch.length * 8))).toBeLessThanOrEqual(40);
    expect(events.filter((event) => event.type === "retry").length).toBeLessThanOrEqual(3);
  });

  it("learns how many texts fit where they have no tokens", async () => {
    const texts = Array.from({ length: 64 }, (_, i) => String(i).padStart(8, "x"));
    const { log } = await answerAll(texts, { uncounted: true, memoryTokens: 40, concurrency: 1 });
    expect(log.batches.map((batch) => batch.length)).toEqual(Array.from({ length: 16 }, () => 4));
  });

  it("fails only the text that fits no batch", async () => {
    const { answers } = await answerAll(["a", "x".repeat(50), "bb"], { memoryTokens: 40 });
    expect(values(answers)).toEqual([1, "out-of-memory", 2]);
  });

  it("costs one text when that text kills the session", async () => {
    const texts = Array.from({ length: 12 }, (_, i) => `text ${i}`);
    const { answers } = await answerAll(texts, { deadly: (text) => text === "text 7" });
    expect(values(answers)).toEqual(texts.map((text) => (text === "text 7" ? "crashed" : text.length)));
  });

  it("gives up a model that dies at everything", async () => {
    const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
    for (const batchTokens of [1, 64]) {
      const asked: string[] = [];
      const deadly = (text: string) => asked.push(text) > 0;
      await expect(answerAll(texts, { deadly, batchTokens })).rejects.toMatchObject({
        code: "model",
        message: expect.stringContaining("died at 12 texts in a row"),
        hint: "give it rest",
      });
      expect(new Set(asked).size).toBeLessThan(texts.length);
    }
  });

  it.each([true, false])(
    "says that the command goes on after some were scored, if the store lasts: %s",
    async (lasts) => {
      const texts = Array.from({ length: 40 }, (_, i) => `text ${i}`);
      const behaviour = { batchTokens: 1, concurrency: 1, deadly: (text: string) => text !== "text 10" };
      await expect(answerAll(texts, behaviour, { ...memoryStore(), lasts })).rejects.toMatchObject({
        code: "incomplete",
        hint: `give it rest${lasts ? "; the same command goes on from the stored scores" : ""}`,
      });
    },
  );

  it("counts a text that cannot be asked and never sends it", async () => {
    const { answers, log } = await answerAll(["a", "long"], { refuse: (text) => text === "long" });
    expect(values(answers)).toEqual([1, "too-long"]);
    expect(log.batches.flat()).toEqual(["a"]);
  });

  it("never stores a failure, so that the next run tries again", async () => {
    const store = memoryStore();
    await answerAll(["a"], { score: () => ({ status: "failed", code: "x", message: "once" }) }, store);
    const { answers } = await answerAll(["a"], {}, store);
    expect(values(answers)).toEqual([1]);
  });

  it("keeps NaN: the model said it", async () => {
    const store = memoryStore();
    await answerAll(["a"], { score: () => ({ status: "ok", value: Number.NaN }) }, store);
    const { answers, log } = await answerAll(["a"], {}, store);
    expect(values(answers)).toEqual([Number.NaN]);
    expect(log.opened).toBe(0);
  });

  it("runs texts alone where a score depends on its batch mates", async () => {
    const { log } = await answerAll(["a", "b", "cc", "dd"], { batching: "single" });
    expect(log.batches.map((batch) => batch.length)).toEqual([1, 1, 1, 1]);
  });

  it("gives a resumed run the batches of a fresh one where rounding depends on them", async () => {
    const texts = Array.from({ length: 20 }, (_, i) => "x".repeat(3 + (i % 7)) + i);
    const mates: Behaviour = {
      batching: "tolerant",
      concurrency: 1,
      score: (text, batch) => ({ status: "ok", value: text.length + batch.length * 1e-9 }),
    };
    const fresh = await answerAll(texts, mates);
    for (const keep of [1, 5, 11, 19]) {
      const store = memoryStore();
      const partial = fresh.log.batches.slice(0, Math.ceil((keep / texts.length) * fresh.log.batches.length));
      await answerAll(texts, { ...mates, deadly: (text) => !partial.flat().includes(text) }, store).catch(() => {});
      const resumed = await answerAll(texts, mates, store);
      expect(values(resumed.answers)).toEqual(values(fresh.answers));
    }
  });

  it("stops at an abort and keeps what was stored", async () => {
    const store = memoryStore();
    const abort = new AbortController();
    const texts = Array.from({ length: 30 }, (_, i) => "x".repeat(20) + i);
    const { model, log } = scriptedModel({
      concurrency: 1,
      score: (text) => {
        if (text.endsWith("x12")) abort.abort(new Error("enough"));
        return { status: "ok", value: text.length };
      },
    });
    await using scorer = new Scorer(model, store, { signal: abort.signal, emit: () => {} });
    await expect(scorer.answer(texts.map(question))).rejects.toThrow("enough");
    expect(log.batches.length).toBeGreaterThan(0);
    const { log: second } = await answerAll(texts, {}, store);
    expect(second.batches.flat().length).toBe(texts.length - log.batches.flat().length);
  });
});
