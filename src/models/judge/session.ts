import { z } from "zod";
import { RmbenchError } from "../../errors.ts";
import type { Question } from "../../questions/question.ts";
import type { DeviceReport, Prepared, Score, Session } from "../reward-model.ts";
import { dollars, estimatedInput, estimatedTokens, type Billed, type Spending } from "./cost.ts";
import type { Interview, JudgeProtocol, Note } from "./protocol.ts";
import type { Call, Provider, Reply, Sampling, Usage } from "./provider.ts";
import type { Gate } from "./gate.ts";
import { NoReply } from "./no-reply.ts";
import type { Post } from "./record.ts";
import { impossible } from "./verdict.ts";

/** How the two kinds of reply are drawn. */
export interface Samplings {
  verdict: Sampling;
  words: Sampling;
}

export interface Judge {
  name: string;
  model: string;
  provider: Provider;
  protocol: JudgeProtocol;
  samplings: Samplings;
}

/** A prepared question. */
export interface Asked {
  question: Question;
  calls: readonly Call[];
}

export interface Transport extends AsyncDisposable {
  post: Post;
}

const explained: Readonly<Record<Note, string>> = {
  "one-sided":
    "list only one of the two answers among their most likely tokens; the other was given the probability of the least likely one listed, so these scores are understated",
  unlisted:
    "do not list every letter among their most likely tokens; the others were given the probability of the least likely one listed, so their distances are understated",
  unseen:
    "leave more than 1 % of the probability out of sight and do not list every rating; the ratings that are listed were taken to be all",
};

/** Asks question by question; once there is a first reply, the transport decides how many are in flight. */
export class JudgeSession implements Session {
  readonly #judge: Judge;
  readonly #transport: Transport;
  readonly #spending: Spending;
  readonly #device: DeviceReport;
  readonly #warn: (message: string) => void;
  readonly #notes = new Map<Note, number>();
  /** Verdicts by the letter that they name. */
  readonly #named = new Map<string, number>();
  readonly #gate: Gate;
  #disposed = false;

  constructor(
    judge: Judge,
    transport: Transport,
    spending: Spending,
    gate: Gate,
    device: DeviceReport,
    warn: (message: string) => void,
  ) {
    this.#judge = judge;
    this.#transport = transport;
    this.#spending = spending;
    this.#device = device;
    this.#warn = warn;
    this.#gate = gate;
  }

  async score(batch: readonly Prepared[], signal: AbortSignal): Promise<Score[]> {
    // Nothing may still be asked, and billed, once this has thrown.
    const settled = await Promise.allSettled(batch.map(({ payload }) => this.#scoreOne(payload as Asked, signal)));
    return settled.map((each) => {
      if (each.status === "rejected") throw each.reason;
      return each.value;
    });
  }

  device(): DeviceReport {
    return this.#device;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#transport[Symbol.asyncDispose]();
    const { requests, usage, cost, estimated } = this.#spending;
    if (requests === 0) return;
    const about = estimated ? "about " : "";
    const price = cost === null ? "" : `: ${dollars(cost)}`;
    this.#warn(
      `${this.#judge.name}: ${requests} requests, ${about}${usage.input} input and ${usage.output} output tokens${price}`,
    );
    for (const [note, count] of this.#notes)
      this.#warn(`${this.#judge.name}: ${count} of ${requests} replies ${explained[note]}`);
    if (this.#named.size === 0) return;
    const places = [...this.#named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([letter, count]) => `${letter} ${count}`);
    this.#warn(
      `${this.#judge.name}: verdicts by place: ${places.join(", ")}; the order of the answers is drawn from their texts, so a judge without a liking for a place names each about as often`,
    );
  }

  async #scoreOne({ question, calls }: Asked, signal: AbortSignal): Promise<Score> {
    const { protocol, samplings } = this.#judge;
    let tokens = 0;
    const ask = async (call: Call, sampling: Sampling): Promise<Reply> => {
      signal.throwIfAborted();
      const { reply, used } = await this.#gate.run(() => this.#ask(call, sampling, signal));
      tokens += used.input;
      return reply;
    };
    const interview: Interview = {
      verdict: (call) => ask(call, samplings.verdict),
      words: (call) => ask(call, samplings.words),
      maxTokens: samplings.words.maxTokens,
      note: (note) => this.#notes.set(note, (this.#notes.get(note) ?? 0) + 1),
      named: (letter) => this.#named.set(letter, (this.#named.get(letter) ?? 0) + 1),
    };
    try {
      const score = await protocol.judge(calls, interview, question);
      return score.status === "ok" ? { ...score, tokens } : score;
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      const { code, message, hint } = error;
      return { status: "failed", code, message: hint === undefined ? message : `${message} (${hint})` };
    }
  }

  async #ask(call: Call, sampling: Sampling, signal: AbortSignal): Promise<{ reply: Reply; used: Usage }> {
    const { provider, model } = this.#judge;
    signal.throwIfAborted();
    const body = provider.body(model, call, sampling);
    const bytes = Buffer.byteLength(JSON.stringify(body));
    const settle = await this.#spending.reserve({ bytes, output: sampling.maxTokens });
    let billed: Billed | null = null;
    try {
      const json = await this.#transport.post(provider.path(model), body, signal);
      // A reply is billed, also one that cannot be read.
      billed = { used: { input: estimatedInput(call), output: 0 }, counted: false };
      const reply = this.#read(json);
      const used = reply.usage ?? { input: estimatedInput(call), output: estimatedTokens(reply.text) };
      billed = { used, counted: reply.usage !== null };
      if (sampling.logprobs && reply.stop !== "refused" && !listsAlternatives(reply)) {
        throw new RmbenchError("model", `${this.#judge.name} gives no log-probabilities`, {
          hint: "set judge.logprobs: false in the configuration, and the judge's words are read",
        });
      }
      const odd = impossible(reply);
      if (odd !== null) throw new NoReply("malformed-reply", `the judge's reply is malformed: ${odd}`);
      return { reply, used };
    } finally {
      settle(billed);
    }
  }

  #read(json: unknown): Reply {
    try {
      return this.#judge.provider.read(json);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      const { path, message } = error.issues[0]!;
      throw new NoReply(
        "malformed-reply",
        `the judge's reply is malformed at ${path.join(".") || "its top"}: ${message}`,
      );
    }
  }
}

function listsAlternatives({ tokens }: Reply): boolean {
  return tokens !== null && (tokens.length === 0 || tokens.some(({ top }) => top.length > 0));
}
