import { describe, expect, it } from "vitest";
import type { Connected } from "../../../src/models/http/dialect.ts";
import { checkOrder } from "../../../src/models/http/session.ts";
import type { Text } from "../../../src/models/http/text.ts";

const { signal } = new AbortController();
const texts = (n: number): Text[] =>
  Array.from({ length: n }, (_, i) => ({
    messages: [],
    pair: { question: "q", answer: String(i) },
    ids: null,
    segment: 0,
    text: String(i),
    written: null,
    length: 1,
  }));

/** A server that scores text i alone as `alone[i]`, and together as `together[i]`. */
async function check(alone: readonly number[], together: readonly number[], at: number): Promise<number> {
  const asked: string[] = [];
  const connected = {
    score: async (some: readonly Text[]) => {
      asked.push(...some.map(({ text }) => text!));
      return some.map(({ text }) => ({ value: alone[Number(text)]! }));
    },
  } as unknown as Connected;
  const rewards = together.map((value) => ({ value }));
  await checkOrder(connected, texts(alone.length), rewards, true, signal, at);
  return asked.length;
}

describe("the order of a request's scores", () => {
  // Neighbours in bfloat16: batch mates move a score from one to the next, on which another text may stand.
  const [low, high] = [1.0078125, 1.015625];

  it("is believed where rounding puts one text on the score of another", async () => {
    const together = [low, high, -2, 3, 0.5, -1];
    const alone = [high, high, -2, 3, 0.5, -1];
    expect(await check(alone, together, 0)).toBe(6);
    expect(await check(alone, together, 3)).toBe(1);
  });

  it("is refused where the texts have each other's, however near those are", async () => {
    const alone = [100, 100.1, 100.2, 100.3, 100.4];
    const turned = [...alone.slice(1), alone[0]!];
    for (const at of alone.keys()) {
      await expect(check(alone, turned, at)).rejects.toMatchObject({ code: "incomplete" });
    }
    await expect(check([low, high], [high, low], 0)).rejects.toThrow("2 texts of a request of 2");
  });

  it("is refused where a text alone gets another score", async () => {
    await expect(check([1, 2, 3], [3, 1, 2], 1)).rejects.toThrow("text 2 of a request of 3 scored 1, and 2");
    await expect(check([1, Number.NaN], [1, 2], 1)).rejects.toThrow("text 2");
    expect(await check([Number.NaN, 2], [Number.NaN, 2], 0)).toBe(1);
  });
});
