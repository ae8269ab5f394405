/** Scores that were computed before or elsewhere, joined to pairs by suite, subset, id, side and index. */
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { RmbenchError } from "../errors.ts";
import { HashIndex } from "../pairs/hash-index.ts";
import { openRecords } from "../pairs/import/open.ts";
import { errorAt, RowProblem, type SourceRecord } from "../pairs/import/record.ts";
import type { Side } from "../questions/question.ts";
import { ReplayedColumns } from "./replayed-columns.ts";
import { plainCell } from "./spreadsheet-cell.ts";
import type { EntryStatus } from "./table.ts";

export interface ReplayedScores {
  /** sha256 of the file. */
  sha256: string;
  /** Scores in the file. */
  size: number;
  /** Scores that were asked for so far. */
  used(): number;
  find(suite: string, subset: string, id: string, side: Side, index: number): ReplayedScore | undefined;
  /** Lets go of the scores, which measuring a million pairs needs the memory of; nothing is found afterwards. */
  release(): void;
}

/** What a file says of one text; `value` is NaN where the status is not `ok`, and the counts are 0 where it is silent. */
export interface ReplayedScore {
  status: Exclude<EntryStatus, "unmatched">;
  value: number;
  /** Input length in tokens. */
  tokens: number;
  truncated: boolean;
  droppedDocuments: number;
  /** What the model said beside the reward, where the file has it. */
  parts: ScoreParts | undefined;
}

/** Beside the reward; see `EntryColumns`. */
export interface ScoreParts {
  std?: number;
  attributes?: Readonly<Record<string, number>>;
  vector?: readonly number[];
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
 * pair (`id`, `chosen_score`, `rejected_score`: numbers or lists). `suite` and `subset` join too where a line has them;
 * `status`, `tokens`, `truncated`, `dropped_documents`, `std`, `attribute.<name>` and `vector` (of steps) are taken over from
 * lines per text, as rmbench writes them to scores.arrow.
 * @throws RmbenchError `data` when a line has no key or no number, or a text has two different scores.
 */
export async function readReplayedScores(file: string): Promise<ReplayedScores> {
  const source = await openRecords(file);
  const index = new HashIndex();
  const scores = new ReplayedColumns();
  const keyings = new Map<string, Keying>();
  for await (const window of source.items()) {
    for (const item of window) {
      if ("problem" in item) throw errorAt(source, item.row, item.problem);
      try {
        const record = source.format === "csv" ? withoutGuards(item.record) : item.record;
        const keyed = keyingOf(record);
        keyings.set(JSON.stringify(keyed), keyed);
        for (const { side, at, score } of scoresOf(record)) {
          const place = index.indexOf(
            keyOf(keyed, text(record, "suite"), text(record, "subset"), text(record, "id"), side, at),
          );
          if (place === scores.length) scores.push(score);
          else refuseDifference(scores.at(place), score, `${nameOf(record)} (${side} ${at})`);
        }
      } catch (problem) {
        throw problem instanceof RowProblem ? errorAt(source, item.row, problem) : problem;
      }
    }
  }
  if (scores.length === 0) throw new RmbenchError("data", `${file} holds no scores`);
  const size = scores.length;
  const asked = new Uint8Array(size);
  let held: { index: HashIndex; scores: ReplayedColumns } | null = { index, scores };
  // The lines that say most of what they are about come first.
  const specific = [...keyings.values()].sort((a, b) => weightOf(b) - weightOf(a));
  return {
    sha256: await fileHash(file),
    size,
    used: () => asked.reduce((sum, one) => sum + one, 0),
    find: (suite, subset, id, side, at) => {
      for (const keyed of specific) {
        const place = held?.index.find(keyOf(keyed, suite, subset, id, side, at)) ?? -1;
        if (place < 0) continue;
        asked[place] = 1;
        return held?.scores.at(place);
      }
      return undefined;
    },
    release: () => {
      held = null;
    },
  };
}

/** `suite: subset/id`, as far as a line says so. */
function nameOf(record: SourceRecord): string {
  const [suite, subset, id] = [text(record, "suite"), text(record, "subset"), text(record, "id")];
  return `${suite === "" ? "" : `${suite}: `}${subset === "" ? "" : `${subset}/`}${id}`;
}

/** Our own scores.csv guards keys that a spreadsheet would run as formulas; a foreign file means what it says. */
function withoutGuards(record: SourceRecord): SourceRecord {
  if (!("dropped_documents" in record)) return record;
  const plainCells = ["suite", "subset", "id"].flatMap((key) => {
    const cell = record[key];
    return typeof cell === "string" ? [[key, plainCell(cell)] as const] : [];
  });
  return { ...record, ...Object.fromEntries(plainCells) };
}

/** Which columns a line joins by, besides its id. */
interface Keying {
  suite: boolean;
  subset: boolean;
}

function keyingOf(record: SourceRecord): Keying {
  const has = (column: string) => record[column] !== null && record[column] !== undefined;
  return { suite: has("suite"), subset: has("subset") };
}

function weightOf({ suite, subset }: Keying): number {
  return Number(suite) + Number(subset);
}

function refuseDifference(one: ReplayedScore, other: ReplayedScore, name: string): void {
  if (one.status === other.status && Object.is(one.value, other.value)) return;
  const said = ({ status, value }: ReplayedScore) => (status === "ok" ? String(value) : status);
  throw new RowProblem(
    "malformed",
    `${name} has two scores, ${said(one)} and ${said(other)}`,
    "give every text one score; add a suite or subset column where ids repeat",
  );
}

const plain = { status: "ok", tokens: 0, truncated: false, droppedDocuments: 0, parts: undefined } as const;

function* scoresOf(record: SourceRecord): Generator<{ side: Side; at: number; score: ReplayedScore }> {
  const side = record["side"];
  if (side === "chosen" || side === "rejected") {
    if (Number(record["order"] ?? 0) !== 0) return;
    const score = scoreOf(record);
    if (score !== null) yield { side, at: Number(record["index"] ?? 0), score };
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
      if (value !== null) yield { side: one, at, score: { ...plain, value } };
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

const unscored = ["unparsable", "failed", "too-long"] as const;

/** The score of a line per text; null where it says that there is none. */
function scoreOf(record: SourceRecord): ReplayedScore | null {
  const column = rewardColumns.find((name) => name in record);
  if (column === undefined)
    throw new RowProblem("type", "there is no reward", `name its column ${rewardColumns.join(", ")}`);
  const about = {
    tokens: countOf(record["tokens"]),
    truncated: ["true", "1"].includes(String(record["truncated"]).toLowerCase()),
    droppedDocuments: Math.min(countOf(record["dropped_documents"]), 0xffff),
    parts: partsOf(record),
  };
  const status = unscored.find((one) => one === record["status"]);
  if (status !== undefined) return { ...about, status, value: Number.NaN };
  // The Arrow file of a run has a number in every line: only its status says that nobody scored the text.
  const value = record["status"] === "unmatched" ? null : numberOf(record[column], column);
  return value === null ? null : { ...about, status: "ok", value };
}

/** NaN is the absence of a part, for the Arrow file of a run has a number in every line. */
function partsOf(record: SourceRecord): ScoreParts | undefined {
  const std = numberOf(record["std"], "std") ?? Number.NaN;
  const attributes = Object.keys(record).flatMap((column): [string, number][] => {
    if (!column.startsWith("attribute.")) return [];
    const value = numberOf(record[column], column) ?? Number.NaN;
    return Number.isNaN(value) ? [] : [[column.slice("attribute.".length), value]];
  });
  const vector = Array.isArray(record["vector"])
    ? record["vector"].map((value) => numberOf(value, "vector") ?? Number.NaN)
    : [];
  if (Number.isNaN(std) && attributes.length === 0 && vector.length === 0) return undefined;
  return {
    ...(!Number.isNaN(std) && { std }),
    ...(attributes.length > 0 && { attributes: Object.fromEntries(attributes) }),
    ...(vector.length > 0 && { vector }),
  };
}

/** 0 where the file is silent. */
function countOf(cell: unknown): number {
  const count = Number(cell ?? 0);
  return Number.isSafeInteger(count) && count >= 0 ? Math.min(count, 0xffff_ffff) : 0;
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

function keyOf(keyed: Keying, suite: string, subset: string, id: string, side: Side, at: number): Buffer {
  const parts = [keyed.suite ? suite : null, keyed.subset ? subset : null, id, side, at];
  return hash("sha256", JSON.stringify(parts), "buffer");
}

async function fileHash(file: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(file)) digest.update(chunk as Buffer);
  return digest.digest("hex");
}
