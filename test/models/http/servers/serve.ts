import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  path: string;
  body: Record<string, unknown>;
  headers: IncomingMessage["headers"];
}

export interface Reply {
  status?: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** Answers one request. */
export type Handler = (asked: Asked) => Promise<Reply>;

/** Meets a request before its handler does; true: it is dealt with. */
export type Fault = (asked: Asked, response: ServerResponse, answer: () => Promise<Reply>) => Promise<boolean>;

export interface Running {
  url: string;
  port: number;
  /** Requests received. */
  asked: Asked[];
  fault: Fault | null;
  /** Ends it with its connections, as SIGKILL does. */
  kill(): Promise<void>;
  /** Listens on the same port again. */
  restart(): Promise<void>;
}

/** A real HTTP server on loopback. */
export async function serve(handler: Handler): Promise<Running> {
  const running = { asked: [] as Asked[], fault: null as Fault | null };
  const onRequest = async (request: IncomingMessage, response: ServerResponse) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += String(chunk);
    const path = request.url ?? "";
    const asked = { path, body: text === "" ? {} : JSON.parse(text), headers: request.headers };
    running.asked.push(asked);
    const answer = () => handler(asked);
    if ((await running.fault?.(asked, response, answer)) === true) return;
    send(response, await answer());
  };
  const start = (port: number) =>
    new Promise<Server>((resolve) => {
      const server = createServer((request, response) => {
        onRequest(request, response).catch((error: unknown) => {
          if (!response.headersSent) send(response, { status: 500, body: { error: { message: String(error) } } });
        });
      });
      server.listen(port, "127.0.0.1", () => resolve(server));
    });
  let server = await start(0);
  const { port } = server.address() as AddressInfo;
  return Object.assign(running, {
    url: `http://127.0.0.1:${port}`,
    port,
    kill: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    restart: async () => {
      server = await start(port);
    },
  });
}

export function send(response: ServerResponse, { status = 200, body, headers }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(typeof body === "string" ? body : written(body));
}

/** As Python's json.dumps does it: NaN is written as it is. */
function written(body: unknown): string {
  const mark = "@NaN@";
  return JSON.stringify(body, (_key, value: unknown) => (Number.isNaN(value) ? mark : value)).replaceAll(
    `"${mark}"`,
    "NaN",
  );
}
