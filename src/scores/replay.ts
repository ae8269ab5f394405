/** Scores that were computed before or elsewhere, joined to pairs by suite, subset, id, side and index. */
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { RmbenchError } from "../errors.ts";
import { HashIndex } from "../pairs/hash-index.ts";
import { openRecords } from "../pairs/import/open.ts";
import { errorAt, RowProblem, type SourceRecord } from "../pairs/import/record.ts";
import type { Side } from "../questions/question.ts";
import { Column } from "./columns.ts";
import { plainCell } from "./spreadsheet-cell.ts";

export interface ReplayedScores {
  /** sha256 of the file. */
  sha256: string;
  /** Scores in the file. */
  size: number;
  /** Scores that were asked for so far. */
  used(): number;
  find(suite: string, subset: string, id: string, side: Side, index: number): number | undefined;
}

const rewardColumns = ["reward", "score", "value"] as const;
const sideColumns: Record<Side, readonly string[]> = {
  chosen: ["chosen_score", "score_chosen", "chosen_reward", "scores_chosen", "chosen_scores", "reward_chosen"],
  rejected: [
    "rejected_score",
    "score_rejected",
    "rejected_reward",
    "scores_rejected",
    "rejected_scores",
    "reward_rejected",
  ],
};

/**
 * Reads a file of scores (Arrow, JSONL, JSON, CSV or Parquet): a line per text (`id`, `side`, `index`, `reward`) or per
 * pair (`id`, `chosen_score`, `rejected_score`: numbers or lists). `suite` and `subset` join too where the file has them.
 * @throws RmbenchError `data` when a line has no key or no number, or a text has two different scores.
 */
export async function readReplayedScores(file: string): Promise<ReplayedScores> {
  const source = await openRecords(file);
  const index = new HashIndex();
  const values = new Column(Float64Array);
  let keyed: { suite: boolean; subset: boolean } | null = null;
  for await (const window of source.items()) {
    for (const item of window) {
      if ("problem" in item) throw errorAt(source, item.row, item.problem);
      try {
        const record = source.format === "csv" ? withoutGuards(item.record) : item.record;
        keyed ??= { suite: "suite" in record, subset: "subset" in record };
        for (const { side, at, value } of scoresOf(record)) {
          const place = index.indexOf(
            keyOf(keyed, text(record, "suite"), text(record, "subset"), text(record, "id"), side, at),
          );
          if (place < values.length && !Object.is(values.at(place), value)) {
            throw new RowProblem(
              "malformed",
              `${text(record, "id")} (${side} ${at}) has two scores, ${values.at(place)} and ${value}`,
              "give every text one score; add a suite or subset column where ids repeat",
            );
          }
          if (place === values.length) values.push(value);
        }
      } catch (problem) {
        throw problem instanceof RowProblem ? errorAt(source, item.row, problem) : problem;
      }
    }
  }
  if (values.length === 0) throw new RmbenchError("data", `${file} holds no scores`);
  const asked = new Uint8Array(values.length);
  return {
    sha256: await fileHash(file),
    size: values.length,
    used: () => asked.reduce((sum, one) => sum + one, 0),
    find: (suite, subset, id, side, at) => {
      const place = index.find(keyOf(keyed!, suite, subset, id, side, at));
      if (place < 0) return undefined;
      asked[place] = 1;
      return values.at(place);
    },
  };
}

/** Our own scores.csv guards keys that a spreadsheet would run as formulas; a foreign file means what it says. */
function withoutGuards(record: SourceRecord): SourceRecord {
  if (!("dropped_documents" in record)) return record;
  const keys = ["suite", "subset", "id"].map((key) => [key, plainCell(text(record, key))] as const);
  return { ...record, ...Object.fromEntries(keys) };
}

function* scoresOf(record: SourceRecord): Generator<{ side: Side; at: number; value: number }> {
  const side = record["side"];
  if (side === "chosen" || side === "rejected") {
    if (Number(record["order"] ?? 0) !== 0) return;
    const column = rewardColumns.find((name) => name in record);
    const value = column === undefined ? undefined : numberOf(record[column], column);
    if (column === undefined)
      throw new RowProblem("type", "there is no reward", `name its column ${rewardColumns.join(", ")}`);
    if (value !== null) yield { side, at: Number(record["index"] ?? 0), value: value! };
    return;
  }
  let found = false;
  for (const one of ["chosen", "rejected"] as const) {
    const column = sideColumns[one].find((name) => name in record);
    if (column === undefined) continue;
    found = true;
    const cell = record[column];
    for (const [at, entry] of (Array.isArray(cell) ? cell : [cell]).entries()) {
      const value = numberOf(entry, column);
      if (value !== null) yield { side: one, at, value };
    }
  }
  if (!found) {
    throw new RowProblem(
      "type",
      "there are no scores in this row",
      "a row has `side` (chosen or rejected) and `reward`, or `chosen_score` and `rejected_score`",
    );
  }
}

/** Null where the file says that there is no score. */
function numberOf(cell: unknown, column: string): number | null {
  if (cell === null || cell === undefined || cell === "") return null;
  if (typeof cell === "number") return cell;
  if (typeof cell === "bigint") return Number(cell);
  if (
    typeof cell === "string" &&
    /^[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|Infinity)$|^NaN$/.test(cell.trim())
  ) {
    return Number(cell);
  }
  throw new RowProblem("type", `${column} is ${JSON.stringify(cell)}, not a number`, "give scores as numbers");
}

function text(record: SourceRecord, column: string): string {
  const value = record[column];
  if (value !== null && value !== undefined) return String(value);
  if (column === "id") throw new RowProblem("null", "there is no id", "every row needs the id of its pair");
  return "";
}

function keyOf(
  keyed: { suite: boolean; subset: boolean },
  suite: string,
  subset: string,
  id: string,
  side: Side,
  at: number,
): Buffer {
  const parts = [keyed.suite ? suite : "", keyed.subset ? subset : "", id, side, at];
  return hash("sha256", JSON.stringify(parts), "buffer");
}

async function fileHash(file: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  return digest.digest("hex");
}
