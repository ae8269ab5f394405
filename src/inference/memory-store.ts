import type { ScoreStore, Stored } from "./store.ts";

/** A store that is gone with the process. */
export function memoryStore(): ScoreStore {
  const entries = new Map<string, Stored>();
  return {
    lasts: false,
    get: (key) => entries.get(key.toString("latin1")),
    remember: async () => {},
    put: async (added) => {
      for (const [key, stored] of added) {
        const name = key.toString("latin1");
        if (!entries.has(name)) entries.set(name, stored);
      }
    },
    [Symbol.asyncDispose]: async () => entries.clear(),
  };
}
