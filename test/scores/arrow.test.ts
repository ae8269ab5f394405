import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { encodeScores, readScores } from "../../src/scores/arrow.ts";
import { ScoreTableBuilder, type EntryRecord } from "../../src/scores/builder.ts";
import { entryRecord, rowRecord } from "../../src/scores/rows.ts";

const folder = mkdtempSync(join(tmpdir(), "rmbench-scores-"));
afterAll(() => rmSync(folder, { recursive: true }));

const finite = fc.double({ noNaN: true });
const parts = fc.record(
  {
    std: finite,
    attributes: fc.dictionary(fc.constantFrom("helpfulness", "verbosity", "a.b"), finite, {
      minKeys: 1,
      noNullPrototype: true,
    }),
    vector: fc.array(finite, { minLength: 1, maxLength: 6 }),
  },
  { requiredKeys: [], noNullPrototype: true },
);

it("keeps what a model says beside the reward, by entry, through the file", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(finite, parts), { minLength: 1, maxLength: 30 }), async (said) => {
      const builder = new ScoreTableBuilder("pointwise", ["longest"]);
      const entries = said.map(([value, own], i): EntryRecord => {
        const row = builder.addRow({
          ...{ position: i, id: `${i}`, subset: "s", cluster: null, direction: null, tags: {}, weight: 1 },
          fingerprint: new Uint8Array(16),
        });
        return {
          ...{ row, side: 0, index: 0, order: 0, status: "ok", value, ...own, tokens: 3, truncated: false },
          ...{ droppedDocuments: 0, length: 5, shortcuts: { longest: 5 } },
        };
      });
      for (const entry of entries) builder.addEntry(entry);
      const chunks: Uint8Array[] = [];
      for await (const chunk of encodeScores(new Map([["own", builder.build()]]), "identity")) chunks.push(chunk);
      writeFileSync(join(folder, "scores.arrow"), Buffer.concat(chunks));
      const { tables } = await readScores(join(folder, "scores.arrow"));
      const table = tables.get("own")!;
      expect(entries.map((_, i) => entryRecord(table, i))).toEqual(entries);
      expect(rowRecord(table.rows, 0).id).toBe("0");
    }),
    { numRuns: 40 },
  );
});
