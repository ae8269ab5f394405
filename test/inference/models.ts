import {
  OutOfMemory,
  SessionLost,
  type Prepared,
  type RewardModel,
  type Score,
} from "../../src/models/reward-model.ts";
import type { Question } from "../../src/questions/question.ts";

export function question(text: string): Question {
  return {
    kind: "pointwise",
    of: { prompt: [{ role: "user", content: "q" }], documents: null, tools: null, response: text },
  };
}

function textOf(asked: Question): string {
  if (asked.kind !== "pointwise") throw new Error("pointwise only");
  const { response } = asked.of;
  if (typeof response !== "string") throw new Error("texts only");
  return response;
}

export interface Log {
  opened: number;
  closed: number;
  batches: string[][];
}

export interface Behaviour {
  batching?: RewardModel["limits"]["batching"];
  batchTokens?: number;
  concurrency?: number;
  identity?: string;
  /** Whether questions have no tokens, as those to a module. */
  uncounted?: boolean;
  /** Batches with more padded tokens than this throw OutOfMemory. */
  memoryTokens?: number;
  /** Texts at which the session dies. */
  deadly?: (text: string) => boolean;
  score?: (text: string, batch: readonly string[]) => Score;
  refuse?: (text: string) => boolean;
}

/** A reward model in this process whose every behaviour is a parameter: one token a character. */
export function scriptedModel(behaviour: Behaviour = {}): { model: RewardModel; log: Log } {
  const log: Log = { opened: 0, closed: 0, batches: [] };
  const score = behaviour.score ?? ((text: string): Score => ({ status: "ok", value: text.length }));
  const model: RewardModel = {
    id: "scripted",
    identity: { name: behaviour.identity ?? "scripted" },
    asks: ["pointwise"],
    output: "bradley-terry",
    limits: {
      maxTokens: null,
      batchTokens: behaviour.batchTokens ?? 64,
      batchSize: 32,
      concurrency: behaviour.concurrency ?? 2,
      batching: behaviour.batching ?? "invariant",
    },
    notice: null,
    prepare: async (questions) =>
      questions.map((asked): Prepared => {
        const text = textOf(asked);
        const refused = behaviour.refuse?.(text) === true;
        return {
          tokens: behaviour.uncounted === true ? 0 : text.length,
          truncated: false,
          droppedDocuments: 0,
          refused: refused ? { code: "too-long", message: "does not fit" } : null,
          payload: text,
        };
      }),
    open: async () => {
      log.opened++;
      return {
        score: async (batch) => {
          const texts = batch.map((item) => String(item.payload));
          const padded = Math.max(...texts.map((text) => text.length)) * texts.length;
          if (padded > (behaviour.memoryTokens ?? Number.POSITIVE_INFINITY)) throw new OutOfMemory(`${padded} tokens`);
          if (texts.some((text) => behaviour.deadly?.(text) === true))
            throw new SessionLost("the process died", "give it rest");
          log.batches.push(texts);
          return texts.map((text) => score(text, texts));
        },
        device: () => ({ requested: "cpu", used: "cpu", nodes: null, driver: null, dtype: null, runtime: null }),
        [Symbol.asyncDispose]: async () => {
          log.closed++;
        },
      };
    },
  };
  return { model, log };
}
