import { createHash } from "node:crypto";

/** Names of parameters and headers that hold a key: it opens the server, and chooses no model. */
const secret = /key|token|secret|passw|auth|signature|^sig$|^code$|cookie|credential/i;

/**
 * What of a query and of headers may choose the model behind a gateway, for the identity: hashes, since nobody knows what
 * the values are. Variables of the environment count by their names.
 * @param query as typed, `?…` or empty.
 */
export function routingOf(
  query: string,
  headers: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const lowered = Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  const given = { query: [...new URLSearchParams(query)], headers: lowered };
  return Object.fromEntries(
    Object.entries(given).flatMap(([what, entries]) => {
      const open = entries.filter(([name]) => !secret.test(name));
      if (open.length === 0) return [];
      return [[what, createHash("sha256").update(JSON.stringify(open)).digest("hex")]];
    }),
  );
}
