import { hash } from "node:crypto";
import { Rng, streamSeed } from "../stats/rng.ts";
import type { ContextPair, PreferencePair } from "./pair.ts";

/** A pair of a user's with its place, and what tells it from pairs that would give an answer away. */
interface Candidate {
  position: number;
  cluster: string | null;
  prompt: string;
  pair: ContextPair;
}

/**
 * All pairs of a suite's users in memory, to draw context pairs from. A pair with several responses on a side gives the
 * first of each; one without a user, without a response on either side or with a prompt of its own on the rejected side gives none.
 */
export class ContextPool {
  readonly #users = new Map<string, Candidate[]>();

  /** @param windows every pair of the suite's file, in its order: positions are counted here. */
  static async read(windows: AsyncIterable<readonly PreferencePair[]>): Promise<ContextPool> {
    const pool = new ContextPool();
    let position = 0;
    for await (const window of windows) for (const pair of window) pool.#add(pair, position++);
    return pool;
  }

  #add({ user, cluster, prompt, rejectedPrompt, chosen, rejected }: PreferencePair, position: number): void {
    const [better, worse] = [chosen[0], rejected[0]];
    if (user === null || better === undefined || worse === undefined || rejectedPrompt !== null) return;
    let own = this.#users.get(user);
    if (own === undefined) this.#users.set(user, (own = []));
    own.push({ position, cluster, prompt: promptDigest(prompt), pair: { prompt, chosen: better, rejected: worse } });
  }

  /**
   * `count` other pairs of the pair's user, none of them of its cluster or with its prompt, in an order drawn by seed and
   * pair: fewer of them are the first of more. They are the pool's own objects, never copies.
   * @returns null where the user has not so many.
   */
  draw(pair: PreferencePair, position: number, count: number, seed: string): ContextPair[] | null {
    const others = (pair.user === null ? undefined : this.#users.get(pair.user)) ?? [];
    const prompts = [pair.prompt, pair.rejectedPrompt ?? pair.prompt].map(promptDigest);
    const rng = new Rng(streamSeed(seed, "context-pairs", pair.subset, pair.id));
    const drawn: ContextPair[] = [];
    // Fisher and Yates, holding the moved places only: a user may have a hundred thousand pairs.
    const moved = new Map<number, number>();
    for (let i = 0; i < others.length && drawn.length < count; i++) {
      const j = i + Math.floor(rng.uniform() * (others.length - i));
      const other = others[moved.get(j) ?? j]!;
      moved.set(j, moved.get(i) ?? i);
      const related = other.position === position || (pair.cluster !== null && other.cluster === pair.cluster);
      if (!related && !prompts.includes(other.prompt)) drawn.push(other.pair);
    }
    return drawn.length < count ? null : drawn;
  }
}

function promptDigest(prompt: PreferencePair["prompt"]): string {
  return hash("sha256", JSON.stringify(prompt.map(({ role, content }) => [role, content])), "base64");
}
