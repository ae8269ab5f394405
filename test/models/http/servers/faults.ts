import { setTimeout as sleep } from "node:timers/promises";
import type { ServerName } from "./handlers.ts";
import { send, type Asked, type Fault, type Running } from "./serve.ts";

export interface Situation {
  name: ServerName;
  server: Running;
  /** Whether this request asks for scores. */
  scores: (asked: Asked) => boolean;
  /** Whether the request holds the one text that the fault is about. */
  poisoned: (asked: Asked) => boolean;
  /** Whether scores are stored already. */
  stored: () => boolean;
}

type Json = Record<string, unknown>;

/** The list of scores in an answer, as its own schema has it. */
function listIn(name: ServerName, body: unknown): unknown[] {
  const of = body as Json;
  const first = (value: unknown) => (value as Json[])[0]!;
  switch (name) {
    case "vllm":
      return of["data"] as unknown[];
    case "sglang":
      return body as unknown[];
    case "tei":
      return body as unknown[];
    case "kserve":
      return first(of["outputs"])["data"] as unknown[];
    case "openrlhf":
      return of["scores"] as unknown[];
    case "nim":
      return (first(of["choices"])["logprobs"] as Json)["content"] as unknown[];
    case "http":
      return of["results"] as unknown[];
  }
}

/** Changes the scores of an answer. */
function changed(change: (list: unknown[]) => void, applies: (of: Situation, asked: Asked) => boolean) {
  return (of: Situation): Fault =>
    async (asked, response, answer) => {
      if (!of.scores(asked) || !applies(of, asked)) return false;
      const { body } = await answer();
      change(listIn(of.name, body));
      send(response, { body });
      return true;
    };
}

/** Meets the first request for scores that comes after the model was opened. */
function once(meet: (response: Parameters<Fault>[1], answer: Parameters<Fault>[2]) => Promise<void> | void) {
  return (of: Situation): Fault => {
    let met = false;
    return async (asked, response, answer) => {
      if (met || !of.scores(asked)) return false;
      met = true;
      await meet(response, answer);
      return true;
    };
  };
}

const poisoned = (of: Situation, asked: Asked) => of.poisoned(asked);
const overloaded = { "retry-after-ms": "1" };

export const faults: Readonly<Record<string, (of: Situation) => Fault>> = {
  none: () => async () => false,
  dies: (of) => async (_asked, response) => {
    if (!of.stored()) return false;
    response.destroy();
    await of.server.kill();
    return true;
  },
  "stalls once": once(() => sleep(1200, undefined, { ref: false })),
  "429 once": once((response) =>
    send(response, { status: 429, headers: overloaded, body: { error: "overloaded", error_type: "Overloaded" } }),
  ),
  "503 once": once((response) =>
    send(response, { status: 503, headers: { "retry-after": new Date(0).toUTCString() }, body: "" }),
  ),
  "503 for good": (of) => {
    const tries = new Map<string, number>();
    return async ({ body }, response) => {
      if (!of.stored()) return false;
      const request = JSON.stringify(body);
      const times = (tries.get(request) ?? 0) + 1;
      tries.set(request, times);
      // The third time it asks for more than anybody's patience, so that no clock decides how often it is asked.
      send(response, { status: 503, headers: { "retry-after-ms": times < 3 ? "1" : "60000" }, body: "" });
      return true;
    };
  },
  "500 for good": (of) => async (asked, response) => {
    if (!of.poisoned(asked)) return false;
    send(response, {
      status: 500,
      headers: overloaded,
      body: { error: { message: "CUDA error", type: "InternalServerError" } },
    });
    return true;
  },
  "4xx for one text": (of) => async (asked, response) => {
    if (!of.poisoned(asked)) return false;
    send(response, { status: 400, body: { error: { message: "bad text", type: "BadRequestError", code: 400 } } });
    return true;
  },
  "401 for good": (of) => async (_asked, response) => {
    if (!of.stored()) return false;
    send(response, { status: 401, body: { error: "Unauthorized" } });
    return true;
  },
  /** The model itself gives it: `matrix.test.ts`. */
  "NaN for one text": () => async () => false,
  "a score too few": changed((list) => void list.pop(), poisoned),
  "a score too many": changed((list) => void list.push(twin(list.at(-1))), poisoned),
  "another order": changed(
    (list) => void list.reverse(),
    () => true,
  ),
  "closes mid-body once": once(async (response, answer) => {
    const text = JSON.stringify((await answer()).body);
    response.writeHead(200, { "content-type": "application/json", "content-length": String(text.length) });
    response.write(text.slice(0, text.length / 2), () => response.destroy());
  }),
  "speaks HTML": (of) => async (_asked, response) => {
    if (!of.stored()) return false;
    send(response, { headers: { "content-type": "text/html" }, body: "<html><body>Sign in</body></html>" });
    return true;
  },
  "slow drip once": once(async (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    for (let i = 0; i < 12 && !response.destroyed; i++) {
      response.write(" ");
      await sleep(100);
    }
    response.destroy();
  }),
};

function twin(entry: unknown): unknown {
  return typeof entry === "object" && entry !== null && "token" in entry ? { ...entry, token: "another" } : entry;
}
