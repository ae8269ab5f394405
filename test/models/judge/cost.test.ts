import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { costOf, estimatedTokens, Spending } from "../../../src/models/judge/cost.ts";

const price = { input: 3, output: 15 };

it("costs what the price list says", () => {
  expect(costOf({ input: 1_000_000, output: 0 }, price)).toBe(3);
  expect(costOf({ input: 0, output: 2_000_000 }, price)).toBe(30);
  expect(costOf({ input: 1200, output: 300 }, price)).toBeCloseTo(0.0036 + 0.0045, 12);
});

it("estimates tokens from bytes", () => {
  expect(estimatedTokens("")).toBe(0);
  expect(estimatedTokens("x".repeat(400))).toBe(100);
  expect(estimatedTokens("雨".repeat(4))).toBe(3);
});

describe("a limit", () => {
  it("is never passed, however many requests are in flight", async () => {
    // Each may cost 1.000256 USD and costs 0.5; 2.2 USD pay for three, for the fourth might take it past 2.5.
    const spending = new Spending({ input: 1, output: 1 }, 2.2);
    let [sent, largest, inFlight] = [0, 0, 0];
    const one = async (): Promise<void> => {
      const settle = await spending.reserve({ bytes: 500_000, output: 500_000 });
      sent++;
      largest = Math.max(largest, ++inFlight);
      await sleep(2);
      inFlight--;
      settle({ used: { input: 500_000, output: 0 }, counted: true });
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, one));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect([sent, spending.requests, largest]).toEqual([3, 3, 2]);
    expect(spending.cost).toBeCloseTo(1.5, 12);
    const failed = outcomes.find((one) => one.status === "rejected");
    expect(failed?.reason).toMatchObject({
      code: "incomplete",
      message: "the next request may cost 1.00 USD, and 1.50 USD of --max-cost 2.2 are spent",
    });
  });

  it("that is too small for the first request is a mistake of the user, who spent nothing", async () => {
    const spending = new Spending(price, 0.001);
    await expect(spending.reserve({ bytes: 1000, output: 1000 })).rejects.toMatchObject({ code: "usage" });
  });

  it("is not used up by requests without a reply", async () => {
    const spending = new Spending(price, 1);
    for (let i = 0; i < 1000; i++) (await spending.reserve({ bytes: 100_000, output: 40_000 }))(null);
    expect([spending.requests, spending.cost]).toEqual([0, 0]);
  });

  it("takes all that was set aside for a reply whose tokens are not counted", async () => {
    const spending = new Spending({ input: 1, output: 1 }, 2.2);
    const settle = await spending.reserve({ bytes: 1_000_000, output: 500_000 });
    settle({ used: { input: 250_000, output: 10 }, counted: false });
    await expect(spending.reserve({ bytes: 400_000, output: 500_000 })).rejects.toMatchObject({
      message: "the next request may cost 0.90 USD, and 1.50 USD of --max-cost 2.2 are spent",
    });
    expect([spending.estimated, spending.usage]).toEqual([true, { input: 250_000, output: 10 }]);
  });

  it("learns from a server that counts more than a token for a byte, or writes more than it may", async () => {
    const spending = new Spending({ input: 1, output: 1 }, 10);
    const settle = await spending.reserve({ bytes: 1_000_000, output: 100_000 });
    settle({ used: { input: 2_000_000, output: 1_000_000 }, counted: true });
    // 2.2 tokens a byte (a margin of a tenth), 1 million beside it, and a reply as long as that one.
    await expect(spending.reserve({ bytes: 3_000_000, output: 1 })).rejects.toThrow(
      /may cost 8\.60 USD, and 3\.00 USD/,
    );
  });
});
