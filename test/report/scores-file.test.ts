import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { renderScores, scoreFileColumns } from "../../src/report/scores-file.ts";
import { TextColumn } from "../../src/scores/columns.ts";
import { plainCell } from "../../src/scores/spreadsheet-cell.ts";
import type { ScoreTable } from "../../src/scores/table.ts";

interface Entry {
  id: string;
  value: number;
  status?: number;
}

function tableOf(entries: readonly Entry[]): ScoreTable {
  const n = entries.length;
  const none = { codes: new Int32Array(n).fill(-1), values: [] };
  return {
    kind: "pointwise",
    rows: {
      n,
      position: Uint32Array.from({ length: n }, (_, i) => i),
      id: TextColumn.of(entries.map(({ id }) => id)),
      subset: { codes: new Int32Array(n), values: ['plain, "quoted"\nsubset'] },
      cluster: none,
      direction: none,
      tags: {},
      fingerprint: new Uint8Array(16 * n),
      weight: new Float64Array(n).fill(1),
    },
    entries: {
      n,
      row: Uint32Array.from({ length: n }, (_, i) => i),
      side: Uint8Array.from({ length: n }, (_, i) => i % 2),
      index: new Uint16Array(n),
      order: new Uint8Array(n),
      status: Uint8Array.from(entries, ({ status }) => status ?? 0),
      value: Float64Array.from(entries, ({ value }) => value),
      tokens: new Uint32Array(n).fill(17),
      truncated: Uint8Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0)),
      droppedDocuments: new Uint16Array(n).fill(2),
      length: new Uint32Array(n).fill(99),
      std: null,
      attributes: {},
      vector: null,
      shortcuts: {},
    },
  };
}

function jsonl(table: ScoreTable): Record<string, unknown>[] {
  const text = [...renderScores([{ suite: "s", scores: table }], "jsonl")].join("");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Record<string, unknown> => JSON.parse(line));
}

function csv(table: ScoreTable): Record<string, string>[] {
  const text = [...renderScores([{ suite: "s", scores: table }], "csv")].join("");
  return parse<Record<string, string>>(text, { columns: true });
}

describe("renderScores", () => {
  test("has a line per scored text with every column", () => {
    const table = tableOf([
      { id: "1", value: 0.5 },
      { id: "2", value: -1.25 },
    ]);
    expect(jsonl(table)[0]).toEqual({
      suite: "s",
      subset: 'plain, "quoted"\nsubset',
      id: "1",
      side: "chosen",
      index: 0,
      order: 0,
      status: "ok",
      reward: 0.5,
      tokens: 17,
      truncated: true,
      dropped_documents: 2,
      length: 99,
    });
    expect(Object.keys(jsonl(table)[1] ?? {})).toEqual([...scoreFileColumns]);
    expect(csv(table)[1]).toMatchObject({
      subset: 'plain, "quoted"\nsubset',
      id: "2",
      side: "rejected",
      reward: "-1.25",
      truncated: "false",
    });
  });

  test("numbers and ids round-trip exactly in both formats", () => {
    const entry = fc.record({
      id: fc.string({ unit: "grapheme" }),
      value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
        const table = tableOf(entries);
        const values = entries.map(({ value }) => value + 0);
        expect(jsonl(table).map(({ reward }) => reward)).toEqual(values);
        expect(csv(table).map(({ reward }) => Number(reward))).toEqual(values);
        expect(jsonl(table).map(({ id }) => id)).toEqual(entries.map(({ id }) => id));
        expect(csv(table).map(({ id }) => plainCell(id ?? ""))).toEqual(entries.map(({ id }) => id));
      }),
    );
  });

  test("tells a NaN that the model gave from a score that is missing", () => {
    const table = tableOf([
      { id: "1", value: NaN },
      { id: "2", value: -Infinity },
      { id: "3", value: NaN, status: 2 },
      { id: "4", value: NaN, status: 3 },
    ]);
    expect(jsonl(table).map(({ status, reward }) => [status, reward])).toEqual([
      ["ok", "NaN"],
      ["ok", "-Infinity"],
      ["failed", null],
      ["too-long", null],
    ]);
    expect(csv(table).map(({ reward }) => reward)).toEqual(["NaN", "-Infinity", "", ""]);
  });

  test("gives a spreadsheet no formula, and JSON lines no foreign line end", () => {
    const table = tableOf([
      { id: "=cmd|' /C calc'!A0", value: 1 },
      { id: "a\u2028b\r\nc", value: 2 },
    ]);
    expect(csv(table)[0]?.["id"]).toBe("'=cmd|' /C calc'!A0");
    expect(
      [...renderScores([{ suite: "s", scores: table }], "jsonl")].join("").split(/[\n\r\u2028\u2029]/),
    ).toHaveLength(3);
  });

  test("comes in chunks and gives a header even without scores", () => {
    const many = tableOf(Array.from({ length: 5000 }, (_, i) => ({ id: String(i), value: i })));
    expect([...renderScores([{ suite: "s", scores: many }], "jsonl")].length).toBeGreaterThan(1);
    expect(csv(many)).toHaveLength(5000);
    expect([...renderScores([], "csv")].join("")).toBe(`${scoreFileColumns.join(",")}\n`);
  });
});
