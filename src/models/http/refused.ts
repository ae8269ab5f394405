import { objectOf } from "./json.ts";

/** A server's answer that says no. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  /** What the server says, without secrets. */
  readonly said: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As received, possibly with secrets in it: to be read, never to be shown. */
  readonly body: string;

  constructor(status: number, said: string, base: string, headers: Readonly<Record<string, string>>, body: string) {
    super(`${base} answered ${status}${said === "" ? "" : `: ${said}`}`);
    this.status = status;
    this.said = said;
    this.headers = headers;
    this.body = body;
  }
}

/** Whether the text was too long, by the sentences that servers say then. */
export function isTooLong({ status, said }: Refused): boolean {
  return (
    status === 413 ||
    /too long|maximum context|context.length|max_model_len|input.token|must have less than|token limit/i.test(said)
  );
}

/**
 * The sentence in an error body, in the shapes that are in use: `{error: {message}}` (OpenAI, vLLM, SGLang), `{error: "…"}`
 * (TEI, KServe), `{message}` (older vLLM), `{detail}` (FastAPI); else the start of the text.
 * @param redact strikes secrets out: of the whole, since a secret that is cut would not be found.
 */
export function errorTextOf(body: string, redact: (text: string) => string): string {
  const { error, message, detail } = objectOf(parsed(body));
  const found = [objectOf(error).message, error, message, detail].find((value) => typeof value === "string");
  const text = typeof found === "string" ? found : detail === undefined ? body : JSON.stringify(detail);
  const line = redact(text).replace(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
