import { RmbenchError } from "../../errors.ts";

/** Where a server is, what the user called the model there, and what must never be shown. */
export interface Address {
  /** Scheme, host, port and path, without a slash at the end. This much may be shown. */
  base: string;
  /** Query as typed (`?key=…`), sent with every request and never shown; empty where there is none. */
  query: string;
  /** `Authorization` of `user:password@`, or null. */
  authorization: string | null;
  /** What stands after `#`, or null. */
  model: string | null;
  /** Password and values of the query, to be struck out of what the server says. */
  secrets: readonly string[];
}

/**
 * Reads `http://host:8000/path#model`; `user:password@` becomes basic authentication, and a query stays with the requests.
 * @throws RmbenchError `usage` where it is no http(s) URL.
 */
export function parseAddress(adapter: string, reference: string): Address {
  let url: URL;
  try {
    url = new URL(reference);
  } catch {
    throw notAnAddress(adapter);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw notAnAddress(adapter);
  const [user, password, model] = [url.username, url.password, url.hash.slice(1)].map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw notAnAddress(adapter, "a `%` in it that stands for itself is written %25");
    }
  }) as [string, string, string];
  const basic = Buffer.from(`${user}:${password}`).toString("base64");
  const hasUser = user !== "" || password !== "";
  return {
    base: `${url.origin}${url.pathname.replace(/\/+$/, "")}`,
    query: url.search,
    authorization: hasUser ? `Basic ${basic}` : null,
    model: model === "" ? null : model,
    secrets: [...(hasUser ? [password === "" ? user : password, basic] : []), ...url.searchParams.values()],
  };
}

// The reference is not quoted: what cannot be parsed cannot be cleaned of secrets either.
function notAnAddress(adapter: string, hint = `write it as ${adapter}:http://host:8000#model-name`): RmbenchError {
  return new RmbenchError("usage", `what stands after \`${adapter}:\` is not an http or https address`, { hint });
}
