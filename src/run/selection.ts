import { RmbenchError } from "../errors.ts";
import { countPairs, openPairs } from "../pairs/arrow-reader.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import { parseShard, parseWhere, select } from "../pairs/select.ts";
import type { Suite } from "../suites/load.ts";
import type { PlacedPair } from "./collect.ts";
import type { Selection } from "./request.ts";

export interface SelectedPairs {
  /** Pairs in the suite's file. */
  available: number;
  /** Pairs that take part. */
  pairs: number;
  /** Whether each is the row that the suite's file has, so that the suite's fingerprint is theirs. */
  asFiled: boolean;
  /** What the user should know of those that do not take part, or null. */
  notice: string | null;
  windows(): AsyncIterable<readonly PlacedPair[]>;
}

/**
 * The pairs of a suite that take part, counted first so that progress knows the end.
 * @throws RmbenchError `data` when the suite is empty, as `select` otherwise.
 */
export async function openSelection(suite: Suite, selection: Selection, seed: string): Promise<SelectedPairs> {
  const { limit, where, ids, shard } = selection;
  const chosen = {
    limit: limit ?? undefined,
    where: where.length === 0 ? undefined : where.map(parseWhere),
    ids: ids ?? undefined,
    shard: shard === null ? undefined : parseShard(shard),
    seed,
  };
  const available = await countPairs(suite.pairsPath);
  if (available === 0) {
    throw new RmbenchError("data", `${suite.pairsPath} holds no pairs`, {
      hint: "An empty suite says nothing of a model.",
    });
  }
  const everything = Object.values({ ...chosen, seed: undefined }).every((value) => value === undefined);
  const windows = () => placed(suite.pairsPath, chosen);
  let pairs = everything ? available : 0;
  try {
    if (!everything) for await (const window of windows()) pairs += window.length;
  } catch (error) {
    if (!(error instanceof RmbenchError) || error.code !== "usage") throw error;
    throw new RmbenchError("usage", `the suite ${suite.id}: ${error.message}`, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
  return { available, pairs, asFiled: true, notice: null, windows };
}

/** Selected pairs with their place in the file. */
async function* placed(path: string, selection: Parameters<typeof select>[1]): AsyncGenerator<readonly PlacedPair[]> {
  // Of one window: `select` hands out a window before it reads the next.
  let positions = new Map<PreferencePair, number>();
  const reader = await openPairs(path);
  const counted = {
    async *[Symbol.asyncIterator]() {
      let position = 0;
      for await (const window of reader) {
        positions = new Map(window.map((pair) => [pair, position++]));
        yield window;
      }
    },
  };
  for await (const window of select(counted, selection)) {
    yield window.map((pair) => ({ pair, position: positions.get(pair)! }));
  }
}
