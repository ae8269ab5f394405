/** Names of the protocols, for schemas that must not load them. `registry.ts` has one implementation for each. */
export const protocolNames = ["pairwise", "contrast", "two-sided", "best-of-n", "tournament"] as const;
