import { withoutCredentials } from "../../credentials.ts";
import { RmbenchError } from "../../errors.ts";

const providerNames = ["openai", "anthropic", "gemini"] as const;
export type ProviderName = (typeof providerNames)[number];

/** Where a judge runs and what it is called there. */
export interface JudgeReference {
  provider: ProviderName;
  /** Without a slash at the end, credentials, query or fragment. */
  base: string;
  model: string;
  /** Whether the provider's own service is meant, which answers nobody without a key. */
  hosted: boolean;
}

export const hosts: Readonly<Record<ProviderName, string>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com",
  gemini: "https://generativelanguage.googleapis.com",
};

const grammar =
  "write judge:<base-url>#<model> for an OpenAI-compatible server, judge:anthropic#<model>, judge:gemini#<model>, judge:openai#<model>, or judge:<provider>+<base-url>#<model> for one behind a proxy";

/**
 * Takes `http://localhost:8000/v1#name`, `anthropic#name` or `anthropic+https://proxy.example#name` apart. The model is
 * all that follows the first `#`. An OpenAI-compatible base without a path gets `/v1`.
 * @throws RmbenchError `usage` for anything else, and for credentials or a query in the URL.
 */
export function parseReference(reference: string): JudgeReference {
  const [, named, url, model] =
    /^(?:(openai|anthropic|gemini)(?:\+|(?=#)))?(https?:\/\/[^#]+)?#(.+)$/s.exec(reference) ?? [];
  if (model === undefined || (named === undefined && url === undefined)) {
    throw new RmbenchError("usage", `judge:${withoutCredentials(reference)} names no judge`, { hint: grammar });
  }
  const provider = providerNames.find((name) => name === named) ?? "openai";
  if (url === undefined) return { provider, base: hosts[provider], model, hosted: true };
  if (!URL.canParse(url)) {
    throw new RmbenchError("usage", `judge:${withoutCredentials(reference)} holds no valid URL`, { hint: grammar });
  }
  const { username, password, search, origin, pathname } = new URL(url);
  if (username !== "" || password !== "" || search !== "") {
    throw new RmbenchError("usage", `the URL of the judge ${model} has a user, password or query (not shown here)`, {
      hint: `a key comes from the environment variable ${keyNames[provider]}`,
    });
  }
  const path = pathname.replace(/\/+$/, "");
  const base = `${origin}${provider === "openai" && path === "" ? "/v1" : path}`;
  return { provider, base, model, hosted: Object.values(hosts).includes(base) };
}

/** The only places that a key is read from. */
export const keyNames: Readonly<Record<ProviderName, string>> = {
  openai: "OPENAI_API_KEY",
  anthropic: "ANTHROPIC_API_KEY",
  gemini: "GEMINI_API_KEY",
};
