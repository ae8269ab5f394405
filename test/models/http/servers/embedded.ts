import { setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { describeModel } from "../../../../src/models/describe.ts";
import { loadTokenizer } from "../../../../src/models/tokenizer.ts";
import type { Session } from "../../../../src/models/reward-model.ts";
import type { Message } from "../../../../src/pairs/pair.ts";
import { context, conversation, options, pointwise } from "../../support.ts";

export const tinyFolder = fileURLToPath(new URL("../../../../fixtures/models/tiny", import.meta.url));

/** The embedded model, as what test servers score with: by token ids, by text, or by messages. */
export interface Embedded {
  ofIds(ids: readonly number[]): Promise<number>;
  ofText(text: string): Promise<number>;
  ofMessages(messages: readonly Message[]): Promise<number>;
  tokensOf(text: string): number[];
  idsOfMessages(messages: readonly Message[]): Promise<number[]>;
  close(): Promise<void>;
}

export async function embedded(): Promise<Embedded> {
  const model = await describeModel("tiny", options({ threads: 1 }), context());
  const tokenizer = await loadTokenizer(tinyFolder);
  let session: Promise<Session> | null = null;
  const signal = new AbortController().signal;
  setMaxListeners(0, signal);
  const known = new Map<string, Promise<number>>();
  const ofIds = (ids: readonly number[]) => {
    const name = ids.join();
    const score = known.get(name) ?? scored(ids);
    known.set(name, score);
    return score;
  };
  const scored = async (ids: readonly number[]) => {
    session ??= model.open(signal);
    const payload = { ids: Int32Array.from(ids), segment: ids.length, length: ids.length };
    const item = { tokens: ids.length, truncated: false, droppedDocuments: 0, refused: null, payload };
    const [score] = await (await session).score([item], signal);
    if (score?.status !== "ok") throw new Error(JSON.stringify(score));
    return score.value;
  };
  const tokensOf = (text: string) => [...tokenizer.encode({ text, pair: null }, true).ids];
  const idsOfMessages = async (messages: readonly Message[]) => {
    const [prepared] = await model.prepare([pointwise(conversation(messages))]);
    return [...(prepared!.payload as { ids: Int32Array }).ids];
  };
  return {
    ofIds,
    ofText: (text) => ofIds(tokensOf(text)),
    ofMessages: async (messages) => ofIds(await idsOfMessages(messages)),
    tokensOf,
    idsOfMessages,
    close: async () => (await session)?.[Symbol.asyncDispose](),
  };
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** The same, but for one text, which scores NaN. */
export function withNaN(tiny: Embedded, bad: readonly number[]): Embedded {
  const ofIds = async (ids: readonly number[]) => (ids.join() === bad.join() ? Number.NaN : tiny.ofIds(ids));
  return {
    ...tiny,
    ofIds,
    ofText: (text) => ofIds(tiny.tokensOf(text)),
    ofMessages: async (messages) => ofIds(await tiny.idsOfMessages(messages)),
  };
}
