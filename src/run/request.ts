import type { Config } from "../config/schema.ts";
import type { Report } from "../report/schema.ts";
import type { ModelOptions } from "../models/reward-model.ts";

/** Which pairs of a suite are scored. */
export interface Selection {
  limit: number | null;
  where: readonly string[];
  ids: readonly string[] | null;
  shard: string | null;
}

/** One model over some suites, with everything that can change a number. */
export interface RunRequest {
  model: string;
  suites: readonly string[];
  modelOptions: ModelOptions;
  selection: Selection;
  /** Ascending numbers of context pairs with each of which every pair is asked; null: as the suite says, else without. */
  contextPairs: readonly number[] | null;
  seed: string;
  level: number;
  maxErrors: number;
  maxUnmatched: number;
  /** Folder of the score store, or null to keep no scores. */
  store: string | null;
}

export function runRequest(config: Config, model: string, suites: readonly string[]): RunRequest {
  return {
    model,
    suites,
    modelOptions: modelOptions(config),
    selection: {
      limit: config.limit ?? null,
      where: config.where ?? [],
      ids: config.ids ?? null,
      shard: config.shard ?? null,
    },
    contextPairs: config.contextPairs ?? null,
    seed: config.seed,
    level: config.level,
    maxErrors: config.maxErrors,
    maxUnmatched: config.maxUnmatched,
    store: config.store === "none" ? null : config.store,
  };
}

export function modelOptions(config: Config): ModelOptions {
  return {
    device: config.device,
    dtype: config.dtype ?? null,
    maxLength: config.maxLength ?? null,
    truncate: config.truncate,
    batchTokens: config.batchTokens ?? null,
    batchSize: config.batchSize ?? null,
    revision: config.revision ?? null,
    threads: config.threads ?? null,
    timeout: config.timeout ?? null,
    compat: config.compat ?? null,
    attention: config.attention ?? null,
    trustRemoteCode: config.trustRemoteCode,
    python: config.python ?? null,
    ...(config.server !== undefined && { server: config.server }),
    ...(config.implicit !== undefined && { implicit: config.implicit }),
    judge: { ...config.judge, maxCost: config.maxCost, record: config.record, replay: config.replay },
  };
}

/** What the report says of the request. */
export function settingsOf(request: RunRequest): Report["settings"] {
  const { seed, level, maxErrors, maxUnmatched, selection, contextPairs, modelOptions: options } = request;
  return {
    seed,
    level,
    limit: selection.limit,
    where: [...selection.where],
    ids: selection.ids === null ? null : [...selection.ids],
    shard: selection.shard,
    ...(contextPairs !== null && { contextPairs: [...contextPairs] }),
    truncate: options.truncate,
    ...(options.compat !== null && { compat: options.compat }),
    maxErrors,
    maxUnmatched,
  };
}
