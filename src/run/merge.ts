import { RmbenchError } from "../errors.ts";
import { protocolNamed } from "../protocols/registry.ts";
import type { Report } from "../report/schema.ts";
import type { SuiteTables } from "../scores/arrow.ts";
import { mergeTables } from "../scores/merge.ts";
import type { ScoreTable } from "../scores/table.ts";
import { tableFingerprint } from "../scores/rows.ts";
import { measureOverall, measureSuite } from "./measure.ts";
import { isComplete, pinnedState } from "./run.ts";

export interface Shard {
  name: string;
  report: Report;
  tables: SuiteTables;
}

/**
 * The report of all shards together, measured anew from their joined scores: byte-equal (but for `execution`) to the
 * report of one run over everything.
 * @throws RmbenchError `usage` when the shards are not of one model, one selection and one set of suites, or not all of
 * them are there.
 */
export function mergeShards(shards: readonly Shard[]): { report: Report; tables: SuiteTables } {
  const first = shards[0]!.report;
  for (const { name, report } of shards) refuseDifferences(shards[0]!, name, report);
  const number = numberOfShards(shards);
  const settings = { ...first.settings, shard: null };
  const tables = new Map(
    first.suites.map(({ id }): [string, ScoreTable] => {
      const parts = shards.map((shard) => shard.tables.get(id)!);
      return [id, mergeTables(id, parts)];
    }),
  );
  refuseMissing(shards, number);
  const suites = first.suites.map((suite) => {
    const scores = tables.get(suite.id)!;
    const { id, title, version, licence, chance, available, pinned } = suite;
    const fingerprint = tableFingerprint(scores.rows);
    const about = { id, title, version, licence, chance, available, fingerprint };
    const state = pinnedState(pinned.fingerprint, fingerprint, scores.rows.n === available);
    return measureSuite({ ...about, pinned: state }, protocolNamed(suite.protocol), scores, {
      ...settings,
      output: first.model.output,
    });
  });
  const report: Report = {
    ...first,
    settings,
    replay: sumOfReplays(shards),
    complete: isComplete(suites, settings.maxErrors),
    suites,
    overall: measureOverall(suites, tables, settings),
    execution: {
      ...first.execution,
      store: sumOfStores(shards),
      seconds: sum(shards.map((s) => s.report.execution.seconds)),
    },
  };
  return { report, tables };
}

function refuseDifferences({ name, report: first }: Shard, other: string, report: Report): void {
  const differing = (what: string) =>
    new RmbenchError("usage", `${name} and ${other} cannot be merged: they differ in ${what}`, {
      hint: "Merge shards of one command that differ in --shard alone.",
    });
  const keys = new Set([...Object.keys(first.model.identity), ...Object.keys(report.model.identity)]);
  for (const key of keys) {
    if (first.model.identity[key] !== report.model.identity[key]) throw differing(`the model's ${key}`);
  }
  for (const key of Object.keys(first.settings) as (keyof Report["settings"])[]) {
    if (key === "shard") continue;
    if (JSON.stringify(first.settings[key]) !== JSON.stringify(report.settings[key]))
      throw differing(`the setting ${key}`);
  }
  const suites = (of: Report) =>
    JSON.stringify(of.suites.map((s) => [s.id, s.version, s.protocol, s.available, s.pinned.fingerprint]));
  if (suites(first) !== suites(report)) throw differing("their suites");
}

const whatToMerge = "Score what is missing with the same command and its --shard, then merge all of them.";

/** The n of shards 1/n … n/n. */
function numberOfShards(shards: readonly Shard[]): number {
  const of = shards.map(({ name, report }) => {
    const n = report.settings.shard?.split("/")[1];
    if (n !== undefined) return Number(n);
    throw new RmbenchError("usage", `${name} is no shard: it was run without --shard`, { hint: whatToMerge });
  });
  const other = of.findIndex((n) => n !== of[0]);
  if (other < 0) return of[0]!;
  const parts = `${shards[0]!.name} is one of ${of[0]} shards and ${shards[other]!.name} one of ${of[other]}`;
  throw new RmbenchError("usage", `${parts}: merge those of one number`, { hint: whatToMerge });
}

/** A report over some of the shards would read as one over everything. */
function refuseMissing(shards: readonly Shard[], number: number): void {
  const there = new Set(shards.map(({ report }) => report.settings.shard));
  const all = Array.from({ length: number }, (_, i) => `${i + 1}/${number}`);
  const missing = all.filter((shard) => !there.has(shard));
  if (missing.length === 0) return;
  const which = missing.length === 1 ? `the shard ${missing[0]} is` : `the shards ${missing.join(", ")} are`;
  throw new RmbenchError("usage", `${which} missing`, { hint: whatToMerge });
}

/** A file of scores is the same for all shards, and every text is in one of them. */
function sumOfReplays(shards: readonly Shard[]): Report["replay"] {
  const replays = shards.flatMap(({ report }) => report.replay ?? []);
  const [first] = replays;
  if (first === undefined) return null;
  return {
    scores: first.scores,
    matched: sum(replays.map(({ matched }) => matched)),
    unmatched: sum(replays.map(({ unmatched }) => unmatched)),
  };
}

function sumOfStores(shards: readonly Shard[]): Report["execution"]["store"] {
  return {
    hits: sum(shards.map(({ report }) => report.execution.store.hits)),
    scored: sum(shards.map(({ report }) => report.execution.store.scored)),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
