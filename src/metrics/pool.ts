/** Several suites as one, so that every metric also says something of all of them together. */
import type { OutcomeTable } from "../protocols/protocol.ts";
import type { Codes, EntryColumns, RowColumns, ScoreTable, Texts } from "../scores/table.ts";
import type { MetricInput } from "./metric.ts";

export interface PooledSuite {
  id: string;
  outcomes: OutcomeTable;
  scores: ScoreTable;
}

/**
 * The rows, scores and outcomes of all suites, one suite behind the other. A suite becomes a subset, so that the macro
 * accuracy is the mean over suites. Clusters stay apart by suite. Directions and cells mean something inside of a suite only,
 * and are dropped, as are tags and shortcuts.
 */
export function poolSuites(suites: readonly PooledSuite[]): MetricInput {
  const tables = suites.map(({ scores }) => scores);
  const firstRow = startsOf(tables.map(({ rows }) => rows.n));
  const rows = poolRows(suites);
  const column = <K extends keyof EntryColumns>(name: K): EntryColumns[K][] =>
    tables.map(({ entries }) => entries[name]);
  const entries: EntryColumns = {
    n: column("n").reduce((sum, n) => sum + n, 0),
    row: concat(Uint32Array, shifted(column("row"), firstRow)),
    side: concat(Uint8Array, column("side")),
    index: concat(Uint16Array, column("index")),
    order: concat(Uint8Array, column("order")),
    status: concat(Uint8Array, column("status")),
    value: concat(Float64Array, column("value")),
    tokens: concat(Uint32Array, column("tokens")),
    truncated: concat(Uint8Array, column("truncated")),
    droppedDocuments: concat(Uint16Array, column("droppedDocuments")),
    length: concat(Uint32Array, column("length")),
    std: column("std").every((std) => std !== null)
      ? concat(
          Float64Array,
          column("std").map((std) => std!),
        )
      : null,
    attributes: poolAttributes(column("attributes")),
    vector: null,
    shortcuts: {},
  };
  return { outcomes: poolOutcomes(suites, firstRow), rows, scores: { kind: kindOf(tables), rows, entries } };
}

/** The kind of all tables; of a mixture one that fewer metrics take. */
function kindOf(tables: readonly ScoreTable[]): ScoreTable["kind"] {
  const kinds = (["listwise", "pairwise", "pointwise"] as const).filter((kind) =>
    tables.some((table) => table.kind === kind),
  );
  return kinds[0] ?? "pointwise";
}

/** The attributes that every suite has. */
function poolAttributes(suites: readonly EntryColumns["attributes"][]): EntryColumns["attributes"] {
  const common = Object.keys(suites[0] ?? {}).filter((name) => suites.every((one) => one[name] !== undefined));
  return Object.fromEntries(
    common.map((name) => [
      name,
      concat(
        Float64Array,
        suites.map((one) => one[name]!),
      ),
    ]),
  );
}

function poolOutcomes(suites: readonly PooledSuite[], firstRow: readonly number[]): OutcomeTable {
  const column = <K extends keyof OutcomeTable>(name: K): OutcomeTable[K][] =>
    suites.map(({ outcomes }) => outcomes[name]);
  const n = column("n").reduce((sum, one) => sum + one, 0);
  return {
    n,
    row: concat(Uint32Array, shifted(column("row"), firstRow)),
    credit: concat(Float64Array, column("credit")),
    margin: concat(Float64Array, column("margin")),
    state: concat(Uint8Array, column("state")),
    lengthDifference: concat(Float64Array, column("lengthDifference")),
    cell: nothing(n),
  };
}

function poolRows(suites: readonly PooledSuite[]): RowColumns {
  const rows = suites.map(({ scores }) => scores.rows);
  const n = rows.reduce((sum, one) => sum + one.n, 0);
  const clusters = rows.map(({ cluster }) => cluster);
  const firstCluster = startsOf(clusters.map(({ values }) => values.length));
  return {
    n,
    position: concat(
      Uint32Array,
      rows.map(({ position }) => position),
    ),
    id: poolIds(rows),
    subset: {
      codes: concat(
        Int32Array,
        rows.map((one, s) => new Int32Array(one.n).fill(s)),
      ),
      values: suites.map(({ id }) => id),
    },
    cluster: {
      codes: concat(
        Int32Array,
        clusters.map(({ codes }, s) => codes.map((code) => (code < 0 ? code : code + firstCluster[s]!))),
      ),
      values: clusters.flatMap(({ values }, s) => values.map((value) => `${suites[s]!.id}:${value}`)),
    },
    direction: nothing(n),
    tags: {},
    fingerprint: concat(
      Uint8Array,
      rows.map(({ fingerprint }) => fingerprint),
    ),
    weight: concat(
      Float64Array,
      rows.map(({ weight }) => weight),
    ),
  };
}

/** A pair's subset and id, since its subset is now the suite. */
function poolIds(rows: readonly RowColumns[]): Texts {
  const firstRow = startsOf(rows.map(({ n }) => n));
  return {
    length: rows.reduce((sum, { n }) => sum + n, 0),
    at: (i) => {
      const s = firstRow.findLastIndex((start) => start <= i);
      const { id, subset } = rows[s]!;
      const own = i - firstRow[s]!;
      return `${subset.values[subset.codes[own]!] ?? ""}:${id.at(own)}`;
    },
  };
}

const nothing = (n: number): Codes => ({ codes: new Int32Array(n).fill(-1), values: [] });

/** 0, n₀, n₀ + n₁, …: where each part starts. */
function startsOf(sizes: readonly number[]): number[] {
  let next = 0;
  return sizes.map((size) => (next += size) - size);
}

function shifted(columns: readonly Uint32Array[], by: readonly number[]): Uint32Array[] {
  return columns.map((column, s) => column.map((row) => row + by[s]!));
}

interface Filled<T> {
  readonly length: number;
  set(from: T, offset: number): void;
}

function concat<T extends Filled<T>>(make: new (length: number) => T, parts: readonly T[]): T {
  const whole = new make(parts.reduce((sum, part) => sum + part.length, 0));
  const starts = startsOf(parts.map(({ length }) => length));
  parts.forEach((part, i) => whole.set(part, starts[i]!));
  return whole;
}
