/** A score table as text: one line per scored response, as `scores.jsonl` and `scores.csv`. Pure. */
import { stringify } from "csv-stringify/sync";
import { entryStatus, type Codes, type ScoreTable } from "../scores/table.ts";
import { spreadsheetCell } from "../scores/spreadsheet-cell.ts";

const scoreFileFormats = ["jsonl", "csv"] as const;
export type ScoreFileFormat = (typeof scoreFileFormats)[number];

export interface SuiteScores {
  suite: string;
  scores: ScoreTable;
}

/** The columns, in the order of the CSV header and of the JSON keys. */
export const scoreFileColumns = [
  "suite",
  "subset",
  "id",
  "side",
  "index",
  "order",
  "status",
  "reward",
  "tokens",
  "truncated",
  "dropped_documents",
  "length",
] as const;

type Line = Record<(typeof scoreFileColumns)[number], string | number | boolean | null>;

const linesPerChunk = 2048;

/**
 * The file in chunks, so that a large table is never one string. Numbers are written shortest-exact: reading them back
 * gives the same doubles. `reward` is null (CSV: empty) where the status is not `ok`; a NaN or infinite reward that the
 * model did give is the text `NaN`, `Infinity` or `-Infinity`. CSV cells that a spreadsheet would run as formulas carry
 * a leading `'` (see `plainCell`).
 */
export function* renderScores(tables: readonly SuiteScores[], format: ScoreFileFormat): Generator<string> {
  if (format === "csv") yield stringify([[...scoreFileColumns]]);
  const render = format === "csv" ? csvChunk : jsonlChunk;
  for (const { suite, scores } of tables) {
    for (let start = 0; start < scores.entries.n; start += linesPerChunk) {
      const end = Math.min(scores.entries.n, start + linesPerChunk);
      yield render(Array.from({ length: end - start }, (_, i) => lineOf(suite, scores, start + i)));
    }
  }
}

function lineOf(suite: string, { rows, entries }: ScoreTable, i: number): Line {
  const row = entries.row[i] ?? 0;
  const status = entryStatus[entries.status[i] ?? 0] ?? "failed";
  return {
    suite,
    subset: decoded(rows.subset, row),
    id: rows.id.at(row),
    side: entries.side[i] === 0 ? "chosen" : "rejected",
    index: entries.index[i] ?? 0,
    order: entries.order[i] ?? 0,
    status,
    reward: status === "ok" ? exact(entries.value[i] ?? NaN) : null,
    tokens: entries.tokens[i] ?? 0,
    truncated: entries.truncated[i] === 1,
    dropped_documents: entries.droppedDocuments[i] ?? 0,
    length: entries.length[i] ?? 0,
  };
}

function decoded({ codes, values }: Codes, row: number): string | null {
  return values[codes[row] ?? -1] ?? null;
}

/** −0 is 0: no verdict tells them apart, and JSON writers disagree about it. */
function exact(reward: number): number | string {
  return Number.isFinite(reward) ? reward + 0 : String(reward);
}

function jsonlChunk(lines: readonly Line[]): string {
  return lines
    .map(
      (line) => `${JSON.stringify(line).replace(/[\u2028\u2029]/g, (c) => (c === "\u2028" ? "\\u2028" : "\\u2029"))}\n`,
    )
    .join("");
}

function csvChunk(lines: readonly Line[]): string {
  const text = new Set<string>(["suite", "subset", "id"]);
  return stringify(
    lines.map((line) =>
      scoreFileColumns.map((column) => {
        const value = line[column];
        return text.has(column) && typeof value === "string" ? spreadsheetCell(value) : value;
      }),
    ),
    { cast: { boolean: String, number: String } },
  );
}
