import { hash } from "node:crypto";
import { RmbenchError } from "../errors.ts";
import { HashIndex, NumberColumn } from "./hash-index.ts";
import type { PreferencePair } from "./pair.ts";

export interface Condition {
  key: string;
  value: string;
}

/** Which pairs of a suite take part. Applied in this order: `where`, `ids`, `limit`, `shard`. */
export interface Selection {
  /** At most this many pairs, in whole clusters, stratified by subset. */
  limit?: number | undefined;
  /** Conditions on one key are alternatives; conditions on different keys must all hold. */
  where?: readonly Condition[] | undefined;
  /** Ids, or `subset/id`. */
  ids?: readonly string[] | undefined;
  /** Shard `index` of `of`, from 1, by the hash of the cluster. */
  shard?: { index: number; of: number } | undefined;
  /** Orders the clusters for `limit`. */
  seed?: string | undefined;
}

const fields = ["subset", "direction", "cluster", "language", "user", "id"] as const;
const whereKeys = `${fields.join(", ")} and the names of tags`;

/** Parses `key=value`. Throws `RmbenchError("usage")`. */
export function parseWhere(text: string): Condition {
  const at = text.indexOf("=");
  if (at > 0) return { key: text.slice(0, at).trim(), value: text.slice(at + 1) };
  throw new RmbenchError("usage", `--where ${text} is not key=value`, {
    hint: `for example --where subset=chat; keys are ${whereKeys}`,
  });
}

/** Parses `i/n` with 1 ≤ i ≤ n. Throws `RmbenchError("usage")`. */
export function parseShard(text: string): { index: number; of: number } {
  const [index = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (index >= 1 && index <= of) return { index, of };
  throw new RmbenchError("usage", `--shard ${text} is not i/n with i from 1 to n`, { hint: "for example --shard 1/4" });
}

/** What counts as one cluster: pairs of a cluster stay together, a pair without one stands alone. */
function clusterKey(pair: PreferencePair): string {
  return pair.cluster === null ? JSON.stringify([pair.subset, pair.id]) : JSON.stringify([pair.cluster]);
}

const digestOf = (...parts: string[]): Buffer => hash("sha256", parts.join("\n"), "buffer");

function valueOf(pair: PreferencePair, key: string): string | null {
  const field = fields.find((one) => one === key);
  if (field !== undefined) return pair[field];
  const tag = key.startsWith("tags.") ? key.slice(5) : key;
  return Object.hasOwn(pair.tags, tag) ? (pair.tags[tag] ?? null) : null;
}

/** Whether a pair meets the conditions. */
function meets(pair: PreferencePair, conditions: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  for (const [key, values] of conditions) {
    const value = valueOf(pair, key);
    if (value === null || !values.has(value)) return false;
  }
  return true;
}

/** Chooses whole clusters so that at most `limit` pairs remain; returns 1 for each cluster chosen. */
class ClusterSample {
  readonly #clusters = new HashIndex();
  readonly #sizes = new NumberColumn();
  readonly #strata = new NumberColumn();
  readonly #subsets = new Map<string, number>();

  constructor(readonly seed: string) {}

  #cluster(pair: PreferencePair): number {
    return this.#clusters.indexOf(digestOf("order", this.seed, clusterKey(pair)));
  }

  count(pair: PreferencePair): void {
    const before = this.#clusters.size;
    const cluster = this.#cluster(pair);
    if (cluster === before) {
      const stratum = this.#subsets.get(pair.subset) ?? this.#subsets.size;
      this.#subsets.set(pair.subset, stratum);
      this.#strata.set(cluster, stratum);
    }
    this.#sizes.set(cluster, this.#sizes.at(cluster) + 1);
  }

  /** Pairs of the smallest cluster. */
  get smallest(): number {
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#clusters.size; i++) least = Math.min(least, this.#sizes.at(i));
    return least;
  }

  choose(limit: number): (pair: PreferencePair) => boolean {
    const chosen = new Uint8Array(this.#clusters.size);
    const order = Uint32Array.from(chosen, (_, i) => i).sort((a, b) => this.#clusters.compare(a, b));
    const room = quotas(limit, this.#pairsPerStratum());
    let left = limit;
    const take = (cluster: number, size: number): void => {
      chosen[cluster] = 1;
      left -= size;
    };
    for (const cluster of order) {
      const stratum = this.#strata.at(cluster);
      const size = this.#sizes.at(cluster);
      if (size > (room[stratum] ?? 0)) continue;
      room[stratum] = (room[stratum] ?? 0) - size;
      take(cluster, size);
    }
    // Clusters are taken whole, so strata leave room; the next clusters in the order get it, whatever their stratum.
    for (const cluster of order) {
      const size = this.#sizes.at(cluster);
      if (chosen[cluster] === 0 && size <= left) take(cluster, size);
    }
    return (pair) => chosen[this.#cluster(pair)] === 1;
  }

  #pairsPerStratum(): number[] {
    const pairs = Array.from({ length: this.#subsets.size }, () => 0);
    for (let i = 0; i < this.#clusters.size; i++) {
      const stratum = this.#strata.at(i);
      pairs[stratum] = (pairs[stratum] ?? 0) + this.#sizes.at(i);
    }
    return pairs;
  }
}

/** Splits `limit` in proportion to `sizes`, by largest remainders. */
function quotas(limit: number, sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (limit >= total) return [...sizes];
  const exact = sizes.map((size) => (limit * size) / total);
  const shares = exact.map(Math.floor);
  const left = limit - shares.reduce((sum, share) => sum + share, 0);
  const remainder = (i: number): number => (exact[i] ?? 0) - (shares[i] ?? 0);
  const order = exact.map((_, i) => i).sort((a, b) => remainder(b) - remainder(a) || a - b);
  for (const i of order.slice(0, left)) shares[i] = (shares[i] ?? 0) + 1;
  return shares;
}

function checkSelection({ limit, shard }: Selection): void {
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1)) {
    throw new RmbenchError("usage", `--limit ${limit} is not a positive whole number`);
  }
  if (shard !== undefined && !(shard.index >= 1 && shard.index <= shard.of)) {
    throw new RmbenchError("usage", `shard ${shard.index}/${shard.of} does not exist`, { hint: "shards count from 1" });
  }
}

/**
 * The selected pairs, in the order of the suite and in its windows. Reads `pairs` twice where `limit` is given.
 *
 * Deterministic, and independent of the order of the suite but for ties: `limit` orders clusters by
 * sha256(seed, cluster), gives each subset a share in proportion to its pairs (a cluster belongs to the subset of its
 * first pair), and takes whole clusters while they fit. Shards are disjoint and together are everything.
 *
 * Throws `RmbenchError("usage")` where an id is not found, or nothing is selected and no shard was asked for.
 */
export async function* select(
  pairs: AsyncIterable<readonly PreferencePair[]>,
  selection: Selection,
): AsyncGenerator<readonly PreferencePair[]> {
  checkSelection(selection);
  const { limit, ids, shard, seed = "0" } = selection;
  const conditions = new Map<string, Set<string>>();
  for (const { key, value } of selection.where ?? []) {
    conditions.set(key, (conditions.get(key) ?? new Set()).add(value));
  }
  const wanted = new Set(ids);
  const unseen = new Set(ids);
  const keeps = (pair: PreferencePair): boolean => {
    if (!meets(pair, conditions)) return false;
    if (ids === undefined) return true;
    const names = [pair.id, `${pair.subset}/${pair.id}`].filter((name) => wanted.has(name));
    for (const name of names) unseen.delete(name);
    return names.length > 0;
  };

  let smallest = 0;
  let sampled: (pair: PreferencePair) => boolean = () => true;
  if (limit !== undefined) {
    const sample = new ClusterSample(seed);
    for await (const window of pairs) for (const pair of window) if (keeps(pair)) sample.count(pair);
    sampled = sample.choose(limit);
    smallest = sample.smallest;
  }
  const inShard = (pair: PreferencePair): boolean =>
    shard === undefined || digestOf("shard", clusterKey(pair)).readUInt32BE(0) % shard.of === shard.index - 1;

  let selected = 0;
  let kept = 0;
  for await (const window of pairs) {
    const met = window.filter(keeps);
    const picked = met.filter((pair) => sampled(pair) && inShard(pair));
    kept += met.length;
    selected += picked.length;
    if (picked.length > 0) yield picked;
  }
  if (unseen.size > 0) {
    throw new RmbenchError("usage", `no pair has the id ${[...unseen].slice(0, 5).join(", ")}`, {
      hint: "ids are those of `rmbench data show`, alone or as subset/id",
    });
  }
  if (selected === 0 && shard === undefined) {
    if (kept > 0) {
      throw new RmbenchError("usage", `no whole cluster fits into --limit ${limit}`, {
        hint: `pairs of a cluster stay together; the smallest has ${smallest} pairs, so --limit ${smallest} is the least`,
      });
    }
    throw new RmbenchError("usage", "no pair meets the selection", {
      hint: `keys of --where are ${whereKeys}; see \`rmbench data stats\``,
    });
  }
}
