import { describe, expect, it } from "vitest";
import { isComplete } from "../../src/run/run.ts";
import { counts, suite } from "../report/example.ts";

const with_ = (changes: Parameters<typeof counts>[0]) => suite("some", 0.7, { counts: counts(changes) });

describe("isComplete", () => {
  it.each(["failed", "unparsable", "invalid", "tooLong"] as const)("counts a comparison that is %s", (state) => {
    expect(isComplete([with_({ [state]: 2 })], 1)).toBe(false);
    expect(isComplete([with_({ [state]: 2 })], 2)).toBe(true);
  });

  it("adds up over states and suites", () => {
    const suites = [with_({ failed: 1, invalid: 1 }), with_({ unparsable: 1, tooLong: 1 })];
    expect([isComplete(suites, 3), isComplete(suites, 4)]).toEqual([false, true]);
  });

  it("counts neither ties nor texts that replayed scores do not have", () => {
    expect(isComplete([with_({ tied: 9, unmatched: 9, truncated: 9, droppedDocuments: 9 })], 0)).toBe(true);
    expect(isComplete([with_({ unmatched: 9, failed: 1 })], 0)).toBe(false);
  });
});
