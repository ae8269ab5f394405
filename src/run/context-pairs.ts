import { RmbenchError } from "../errors.ts";
import { openPairs } from "../pairs/arrow-reader.ts";
import { ContextPool } from "../pairs/context-pool.ts";
import type { ContextPair, PreferencePair } from "../pairs/pair.ts";
import { counted } from "../report/numbers.ts";
import type { Suite } from "../suites/load.ts";
import type { PlacedPair } from "./collect.ts";
import type { SelectedPairs } from "./selection.ts";

/** The tag that says with how many context pairs a row was asked. */
const tag = "context_pairs";

/**
 * Every selected pair once for each number of context pairs, under an id of its own (`<id>@<number>`): a suite that is so
 * many times as large. The numbers of one pair share its cluster and, but for their count, its context. Pairs whose user has too few others
 * are left out at every number, so that the numbers compare; `notice` counts them.
 * @param numbers ascending
 * @param told whether the questions carry the context; else all numbers are 0.
 * @throws RmbenchError `data` for a selected pair without user, `usage` where every pair would be left out.
 */
export async function withContextPairs(
  suite: Suite,
  selected: SelectedPairs,
  numbers: readonly number[],
  seed: string,
  told: boolean,
): Promise<SelectedPairs> {
  const pool = await ContextPool.read(await openPairs(suite.pairsPath));
  const most = numbers.at(-1)!;
  const short = new Set<string>();
  let pairs = 0;
  for await (const window of selected.windows()) {
    for (const { pair, position } of window) {
      const user = userOf(pair, suite);
      if (pool.draw(pair, position, most, seed) !== null) pairs++;
      else short.add(user);
    }
  }
  if (pairs === 0 && selected.pairs > 0) throw nobody(suite, most, short.size);
  const leftOut = selected.pairs - pairs;
  return {
    available: selected.available * numbers.length,
    pairs: pairs * numbers.length,
    asFiled: false,
    notice:
      leftOut === 0
        ? null
        : `${suite.id}: ${counted(leftOut, "pair")} of ${counted(short.size, "user")} left out at every number, for want of ${most} other pairs of the user`,
    async *windows() {
      for await (const window of selected.windows()) {
        const expanded = window.flatMap(({ pair, position }) => {
          const context = pool.draw(pair, position, most, seed);
          return context === null
            ? []
            : numbers.map((number, k) => asked(pair, position * numbers.length + k, number, told ? context : null));
        });
        if (expanded.length > 0) yield expanded;
      }
    },
  };
}

function asked(pair: PreferencePair, position: number, number: number, context: ContextPair[] | null): PlacedPair {
  return {
    pair: {
      ...pair,
      id: `${pair.id}@${number}`,
      cluster: pair.cluster ?? JSON.stringify([pair.subset, pair.id]),
      tags: { ...pair.tags, [tag]: String(number) },
    },
    position,
    ...(context !== null && { context: context.slice(0, number) }),
  };
}

/** @throws RmbenchError `data` where it has none, or a tag of its own where the number of context pairs belongs. */
function userOf({ user, subset, id, tags }: PreferencePair, suite: Suite): string {
  if (tag in tags) {
    throw new RmbenchError("data", `the pair ${subset}/${id} of the suite ${suite.id} has a tag ${tag} already`, {
      hint: "--context-pairs writes its numbers there: rename the column before importing it",
    });
  }
  if (user !== null) return user;
  throw new RmbenchError(
    "data",
    `the pair ${subset}/${id} of the suite ${suite.id} has no user, so nothing can be known of one`,
    {
      hint: "--context-pairs is for suites whose pairs have a `user`: import it (--map user=<column>), or leave pairs out with --where",
    },
  );
}

function nobody(suite: Suite, most: number, users: number): RmbenchError {
  return new RmbenchError(
    "usage",
    `none of the ${counted(users, "user")} of the suite ${suite.id} has ${most} other pairs with a prompt and a cluster of their own`,
    { hint: `ask with fewer than ${most} context pairs, as --context-pairs 0,1` },
  );
}
