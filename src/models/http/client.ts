import { EnvHttpProxyAgent, request, type Dispatcher } from "undici";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { ModelContext } from "../reward-model.ts";
import { authorities, proxyOf } from "./network.ts";
import { backoff, retryAfter, wait } from "./backoff.ts";
import { parseJson } from "./json.ts";
import { errorTextOf, Refused } from "./refused.ts";
import { redactor } from "./secrets.ts";
import { abortable } from "./signals.ts";
import { Throttle } from "./throttle.ts";

export interface ClientOptions {
  /** Scheme, host, port and path before every request's own path; may be shown. */
  base: string;
  /** Query of every request, `?…` or empty; never shown. */
  query?: string;
  /** Sent with every request. Values are secrets unless they are listed in `open`. */
  headers?: Readonly<Record<string, string>>;
  /** What else must never be shown. */
  secrets?: readonly string[];
  /** Seconds for one request, from its first byte sent to the last received. */
  timeout: number;
  /** Seconds for which a server that is away, overloaded or broken is asked again before it is given up. */
  patience: number;
  /** Most requests in flight. */
  concurrency: number;
  /** PEM file of certificate authorities that are trusted beside the usual ones, seen from `cwd`; null: none. */
  ca: string | null;
}

export interface Sent {
  method?: "GET" | "POST" | "PUT";
  /** After the base, with its slash. */
  path: string;
  body?: unknown;
  /** Beside those of the client. */
  headers?: Readonly<Record<string, string>>;
  /** Whether a refusal is worth another try; the statuses 408, 409, 429 and from 500 are, unless this says otherwise. */
  retries?: (refused: Refused) => boolean;
  /** Called before every try, also where it had to wait; what it throws ends the request unsent. */
  before?: () => void;
}

export interface Answered {
  body: unknown;
  headers: Readonly<Record<string, string>>;
  /** The beginning of the body for people, secrets removed. */
  start: string;
}

/** Tries at a request to which a server that is there answers with an error of its own (500, 409, …). */
const mostTries = 4;
const largestAnswer = 2 ** 28;
const decimal = (seconds: number) => String(Number(seconds.toFixed(1)));

/**
 * A connection to one server: JSON over HTTP with keep-alive, proxies of the environment (`HTTP_PROXY`, `HTTPS_PROXY`,
 * `NO_PROXY`), private certificate authorities, a deadline, retries and a number of requests in flight that adapts. It
 * follows no redirect: credentials would go with it.
 */
export class HttpClient implements AsyncDisposable {
  readonly #options: ClientOptions;
  readonly #context: ModelContext;
  readonly #dispatcher: Dispatcher;
  readonly #throttle: Throttle;
  readonly #redact: (text: string) => string;
  /** Whether it ever answered: before that, a refused connection is a wrong address and not a server that starts again. */
  #answered = false;
  #saidAway = false;
  readonly #closing = new AbortController();
  /** Requests sent, those that were repeated included. */
  sent = 0;

  private constructor(options: ClientOptions, context: ModelContext, ca: string[] | undefined) {
    this.#options = options;
    this.#context = context;
    this.#throttle = new Throttle(options.concurrency);
    this.#redact = redactor([...(options.secrets ?? []), ...Object.values(options.headers ?? {}).flatMap(parts)]);
    const { env } = context;
    this.#dispatcher = new EnvHttpProxyAgent({
      httpProxy: proxyOf("HTTP_PROXY", env),
      httpsProxy: proxyOf("HTTPS_PROXY", env),
      noProxy: env["no_proxy"] ?? env["NO_PROXY"] ?? "",
      // As proxies expect it: many open a tunnel for TLS alone.
      proxyTunnel: false,
      connect: { timeout: options.timeout * 1000, ...(ca && { ca }) },
      ...(ca && { requestTls: { ca } }),
      // The deadline covers the whole request, so that a server that drips bytes cannot stretch it.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: largestAnswer,
    });
  }

  /**
   * Opens no connection yet.
   * @throws RmbenchError `config` where the file of authorities or the address of a proxy cannot be read.
   */
  static async create(options: ClientOptions, context: ModelContext): Promise<HttpClient> {
    return new HttpClient(options, context, options.ca === null ? undefined : await authorities(options.ca, context));
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return this.#throttle.limit;
  }

  /** A text without the secrets that this client knows. */
  redact(text: string): string {
    return this.#redact(text);
  }

  /**
   * Sends a request and reads its JSON answer.
   * @throws Refused for an answer that says no (4xx, or 5xx after some tries); RmbenchError `machine` where the server
   * is not there or does not answer in time for longer than its patience, `model` for an answer that is a redirect or
   * no JSON; the signal's reason on abort.
   */
  async json(sent: Sent, signal: AbortSignal): Promise<Answered> {
    return this.#throttle.run(() => abortable([signal, this.#closing.signal], (either) => this.#retried(sent, either)));
  }

  /** Requests in flight, and those that wait for another try, end with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new Error(`the connection to ${this.#options.base} was closed`));
    await this.#dispatcher.destroy();
  }

  async #retried(sent: Sent, signal: AbortSignal): Promise<Answered> {
    let awaySince: number | null = null;
    let refusals = 0;
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      sent.before?.();
      const outcome = await this.#attempt(sent, signal);
      if ("body" in outcome) {
        this.#answered = true;
        this.#throttle.answered();
        return outcome;
      }
      const { problem, refused, headers } = outcome;
      if (refused !== null) {
        this.#answered ||= refused.status < 500;
        const worth = sent.retries?.(refused) ?? isTransient(refused.status);
        if (!worth || (!isAway(refused.status) && ++refusals >= mostTries)) throw refused;
        if (refused.status === 429 || refused.status === 503) this.#throttle.overloaded();
      } else if (!this.#answered && awaySince === null && outcome.unreachable) throw this.#absent(problem);
      awaySince ??= performance.now();
      await this.#pause(attempt, problem, headers, awaySince, signal);
    }
  }

  /** Waits before the next try. @throws RmbenchError where that would take longer than its patience. */
  async #pause(
    attempt: number,
    problem: string,
    headers: Readonly<Record<string, string>>,
    awaySince: number,
    signal: AbortSignal,
  ): Promise<void> {
    const { patience, base } = this.#options;
    const asked = retryAfter(headers, Date.now());
    // Who asks for no time at all, or for one that has passed, is not to be asked without a pause either.
    const seconds = asked || backoff(attempt);
    const left = patience - (performance.now() - awaySince) / 1000;
    if (seconds > left) {
      const wants = !asked ? "" : `, and asks to be left alone for ${decimal(asked)} s`;
      throw new RmbenchError("machine", `${base} ${problem}${wants}; it was given ${decimal(patience)} s`, {
        hint: "look at the server; `--server patience=<seconds>` waits longer, and the same command goes on from the stored scores",
      });
    }
    if (!this.#saidAway && attempt >= 3) {
      this.#saidAway = true;
      this.#context.warn(`${base} ${problem}; it is asked again for up to ${decimal(patience)} s`);
    }
    await wait(seconds, signal);
  }

  async #attempt(sent: Sent, signal: AbortSignal): Promise<Answered | Failed> {
    const { base, query = "", timeout, headers = {} } = this.#options;
    const deadline = new AbortController();
    const late = setTimeout(() => deadline.abort(), timeout * 1000);
    this.sent++;
    let status: number;
    let received: Record<string, string>;
    let text: string;
    try {
      ({ status, received, text } = await abortable([signal, deadline.signal], async (within) => {
        const {
          statusCode,
          headers: all,
          body,
        } = await request(`${base}${sent.path}${query}`, {
          dispatcher: this.#dispatcher,
          method: sent.method ?? (sent.body === undefined ? "GET" : "POST"),
          headers: {
            accept: "application/json",
            ...(sent.body !== undefined && { "content-type": "application/json" }),
            ...headers,
            ...sent.headers,
          },
          body: sent.body === undefined ? null : JSON.stringify(sent.body),
          signal: within,
        });
        return { status: statusCode, received: flat(all), text: await body.text() };
      }));
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      const isLate = deadline.signal.aborted;
      const problem = isLate
        ? `gave no answer within ${decimal(timeout)} s`
        : `broke off: ${this.#redact(said(error))}`;
      return { problem, refused: null, headers: {}, unreachable: !isLate && isUnreachable(error) };
    } finally {
      clearTimeout(late);
    }
    return this.#read(status, received, text);
  }

  #read(status: number, headers: Record<string, string>, text: string): Answered | Failed {
    const { base } = this.#options;
    if (status >= 300 && status < 400) throw redirected(base, this.#redact(headers.location ?? ""));
    if (status >= 400) {
      const refused = new Refused(status, errorTextOf(text, this.#redact), base, headers, text);
      return { problem: refused.message.slice(base.length + 1), refused, headers, unreachable: false };
    }
    try {
      return { body: text.trim() === "" ? null : parseJson(text), headers, start: startOf(this.#redact(text)) };
    } catch {
      const start = startOf(this.#redact(text));
      throw new RmbenchError("model", `${base} answered ${status} with what is not JSON: ${JSON.stringify(start)}`, {
        hint: "is it the right server and path? A page for people comes from a gateway or a login in between",
      });
    }
  }

  #absent(problem: string): RmbenchError {
    return new RmbenchError("machine", `${this.#options.base} ${problem}`, {
      hint: "is the server running, and is this its address?",
    });
  }
}

interface Failed {
  problem: string;
  refused: Refused | null;
  headers: Readonly<Record<string, string>>;
  /** No connection came about. */
  unreachable: boolean;
}

function isTransient(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/** Statuses of a server that is not ready for anybody, which time alone mends. */
function isAway(status: number): boolean {
  return [408, 429, 502, 503, 504, 529].includes(status);
}

function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  return ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"].includes(code) || isTls(code);
}

function isTls(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** An error of several addresses (IPv4 and IPv6) says nothing itself. */
function said(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return said(error.errors[0]);
  return messageOf(error) || codeOf(error);
}

function flat(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

function startOf(text: string): string {
  return text.trim().slice(0, 80);
}

/** `Bearer abc` holds the secret `abc`. */
function parts(header: string): string[] {
  return [header, ...header.split(" ").slice(1)];
}

function redirected(base: string, location: string): RmbenchError {
  const target = URL.canParse(location, base) ? new URL(location, base) : null;
  const where = target === null ? "elsewhere" : `to ${target.origin}${target.pathname}`;
  return new RmbenchError("model", `${base} redirects ${where}, and redirects are not followed`, {
    hint: "credentials and texts would go with it: name the address itself",
  });
}
