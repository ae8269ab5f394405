/** An audit as files: a sheet for people to review, and Arrow for programs. Pure. */
import {
  Dictionary,
  Field,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Utf8,
  type Data,
} from "apache-arrow";
import { stringify } from "csv-stringify/sync";
import { DictionaryColumn, textColumn } from "../arrow/columns.ts";
import { encodeIpc } from "../arrow/ipc-writer.ts";
import { spreadsheetCell } from "../scores/spreadsheet-cell.ts";
import type { Audit } from "./labels.ts";

/** The columns of a review; the last two are left empty for the person who reviews. */
const reviewColumns = [
  "suite",
  "subset",
  "id",
  "label",
  "suggestion",
  "mu",
  "sigma",
  "against",
  "models",
  "decision",
  "note",
] as const;

/** CSV, the most suspicious pairs of each suite first. Keys that a spreadsheet would run as formulas carry a leading `'`. */
export function renderReview(audits: ReadonlyMap<string, Audit>): string {
  const lines = [...audits].flatMap(([suite, { pairs }]) =>
    pairs.map(({ subset, id, label, suggestion, mu, sigma, against, models }) => [
      ...[suite, subset, id].map(spreadsheetCell),
      label,
      suggestion,
      mu,
      sigma,
      against,
      models,
      "",
      "",
    ]),
  );
  return stringify([[...reviewColumns], ...lines], { cast: { number: String } });
}

/**
 * An Arrow IPC file with a row per audited pair, the most suspicious of each suite first: suite, subset, id, mu, sigma,
 * label, suggestion. It flags; the labels of the pairs stay where they are.
 * @param about `rmbench.audit` of the schema's metadata: the models and rules, as JSON.
 */
export function encodeFlags(audits: ReadonlyMap<string, Audit>, about: string): AsyncGenerator<Uint8Array> {
  const rows = [...audits].flatMap(([suite, { pairs }]) => pairs.map((pair) => ({ suite, ...pair })));
  const columns: [string, Data][] = [
    [
      "suite",
      coded(
        0,
        rows.map(({ suite }) => suite),
      ),
    ],
    [
      "subset",
      coded(
        1,
        rows.map(({ subset }) => subset),
      ),
    ],
    ["id", textColumn(rows.map(({ id }) => id))],
    ["mu", numbers(rows.map(({ mu }) => mu))],
    ["sigma", numbers(rows.map(({ sigma }) => sigma))],
    [
      "label",
      coded(
        2,
        rows.map(({ label }) => label),
      ),
    ],
    [
      "suggestion",
      coded(
        3,
        rows.map(({ suggestion }) => suggestion),
      ),
    ],
  ];
  const schema = new Schema(
    columns.map(([name, data]) => new Field(name, data.type, false)),
    new Map([["rmbench.audit", about]]),
  );
  const children = columns.map(([, data]) => data);
  const struct = makeData({ type: new Struct(schema.fields), length: rows.length, nullCount: 0, children });
  return encodeIpc([new RecordBatch(schema, struct)]);
}

function coded(id: number, values: readonly string[]): Data {
  return new DictionaryColumn(new Dictionary(new Utf8(), new Int32(), id)).append(values);
}

function numbers(values: readonly number[]): Data {
  return makeData({ type: new Float64(), length: values.length, nullCount: 0, data: Float64Array.from(values) });
}
