import { describe, expect, it } from "vitest";
import { pairStats } from "../../src/pairs/stats.ts";
import { pair } from "../cli/pairs.ts";

describe("pairStats", () => {
  it("counts shapes, subsets, clusters, directions, lengths in code points and the longer side", async () => {
    async function* pairs() {
      yield [
        pair({
          id: "1",
          cluster: "c",
          direction: "refuse",
          prompt: [{ role: "user", content: "🙂é" }],
          chosen: ["1234"],
        }),
        pair({ id: "2", cluster: "c", subset: "s", chosen: ["12", "1"], rejected: ["12", "1", ""], tags: { t: "x" } }),
      ];
      yield [
        pair({
          id: "3",
          documents: [],
          tools: "[]",
          chosen: [[{ role: "assistant", content: "1" }]],
          rejected: ["12"],
        }),
      ];
    }
    const stats = await pairStats(pairs());
    expect(stats).toMatchObject({
      pairs: 3,
      clusters: 2,
      largestCluster: 2,
      subsets: { all: 2, s: 1 },
      directions: { refuse: 1 },
      shapes: { "1x1": 1, "2x3": 1, "trajectory 1x1": 1 },
      withDocuments: 1,
      withTools: 1,
      tags: { t: 1 },
    });
    expect(stats.lengths.prompt?.min).toBe(2);
    expect(stats.lengths.chosen).toEqual({ min: 1, median: 1, mean: 2, p95: 4, max: 4 });
    // Shorter by a trajectory and by the first pair's rejected text, and one tie.
    expect(stats.chosenLonger).toBeCloseTo(0.5 / 3, 12);
  });
});
