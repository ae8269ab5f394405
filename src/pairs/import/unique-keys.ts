import { hash } from "node:crypto";
import { HashIndex, NumberColumn } from "../hash-index.ts";
import type { PreferencePair } from "../pair.ts";

/**
 * Makes repeated keys unique by appending `#2`, `#3`, … to the id. Pairs that had one key become one cluster, because
 * a repeated id mostly names a prompt.
 */
export class UniqueKeys {
  readonly #keys = new HashIndex();
  readonly #times = new NumberColumn();

  #index(subset: string, id: string): { index: number; isNew: boolean } {
    const before = this.#keys.size;
    const index = this.#keys.indexOf(hash("sha256", JSON.stringify([subset, id]), "buffer"));
    return { index, isNew: index === before };
  }

  number(pair: PreferencePair): PreferencePair {
    const { index, isNew } = this.#index(pair.subset, pair.id);
    const cluster = pair.cluster ?? `${pair.subset}/${pair.id}`;
    if (isNew) {
      this.#times.set(index, 1);
      return { ...pair, cluster };
    }
    for (let time = this.#times.at(index) + 1; ; time++) {
      const id = `${pair.id}#${time}`;
      if (!this.#index(pair.subset, id).isNew) continue;
      this.#times.set(index, time);
      return { ...pair, id, cluster };
    }
  }
}
