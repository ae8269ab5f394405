import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  path: string;
  headers: IncomingHttpHeaders;
  body: { messages?: { role: string; content: string }[] } & Record<string, unknown>;
}

/** What a server says to a request: JSON, or a status with JSON. */
export type Said = { status: number; json: unknown; headers?: Record<string, string> };

export interface JudgeServer extends AsyncDisposable {
  /** As `http://127.0.0.1:port`. */
  base: string;
  asked: Asked[];
}

/** A judge's server on loopback: HTTP as it is, and replies that the test decides. */
export async function judgeServer(say: (asked: Asked, at: number) => Said): Promise<JudgeServer> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as Asked["body"];
      const one = { path: request.url!, headers: request.headers, body };
      const { status, json, headers } = say(one, asked.push(one) - 1);
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(json));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** A chat completion of words. */
export function words(content: string | null, more: { finish?: string; refusal?: string } = {}): Said {
  const { finish = "stop", refusal = null } = more;
  return {
    status: 200,
    json: {
      choices: [{ index: 0, message: { role: "assistant", content, refusal }, finish_reason: finish, logprobs: null }],
      usage: { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 },
    },
  };
}

/** A chat completion of one token, by the log-probabilities of what it could be; the likeliest it is. */
export function token(logprobs: Readonly<Record<string, number>>): Said {
  const top = Object.entries(logprobs)
    .map(([text, logprob]) => ({ token: text, logprob, bytes: null }))
    .sort((a, b) => b.logprob - a.logprob);
  const said = { status: 200, json: { choices: [] as unknown[], usage: { prompt_tokens: 100, completion_tokens: 1 } } };
  said.json.choices.push({
    index: 0,
    message: { role: "assistant", content: top[0]!.token, refusal: null },
    finish_reason: "length",
    logprobs: { content: [{ ...top[0]!, top_logprobs: top }] },
  });
  return said;
}

/** The text between two marks of the last turn. */
export function part({ body }: Asked, name: "answer" | `answer_${string}` | "conversation" | "reference"): string {
  const text = body.messages!.at(-1)!.content;
  return text.split(`<${name}>\n`)[1]!.split(`\n</${name}>`)[0]!;
}

/** An error in OpenAI's shape. */
export function no(status: number, error: object, headers: Record<string, string> = {}): Said {
  return { status, json: { error: { message: "no", type: "t", param: null, code: null, ...error } }, headers };
}
