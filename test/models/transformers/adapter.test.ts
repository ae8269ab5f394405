import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RmbenchError } from "../../../src/errors.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { ModelOptions } from "../../../src/models/reward-model.ts";
import {
  context,
  conversation,
  copyOf,
  expected,
  fixture,
  options,
  pointwise,
  temporaryFolder,
  values,
} from "../support.ts";

const never = new AbortController().signal;
const commits = { first: "1".repeat(40), second: "2".repeat(40) };

/** What the hub has: files by repository and commit, and what a branch means. */
interface Repository {
  private?: boolean;
  main: string;
  commits: Record<string, Record<string, string>>;
}
const filesOf = (folder: string, graph = "onnx/model.onnx") => ({
  ...Object.fromEntries(
    ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => [name, join(folder, name)]),
  ),
  [graph]: join(folder, "model.onnx"),
});

let repositories: Record<string, Repository> = {};
let requests: { method: string; path: string; authorization: string | undefined; host: string }[] = [];
let busy = 0;
let hub: Server;
let storage: Server;
const addressOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

/** Speaks `/{model}/resolve/{revision}/{file}` as the hub does: weights are redirected to a storage host. */
function answerHub(request: IncomingMessage, response: ServerResponse): void {
  const path = decodeURIComponent(request.url ?? "");
  requests.push({ method: request.method ?? "", path, authorization: request.headers.authorization, host: "hub" });
  if (busy > 0) {
    busy -= 1;
    response.writeHead(503).end();
    return;
  }
  const [, name = "", revision = "", file = ""] = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path) ?? [];
  const repository = repositories[name];
  if (repository === undefined || (repository.private && request.headers.authorization !== "Bearer secret")) {
    response.writeHead(401, { "x-error-code": "RepoNotFound", "x-error-message": "Repository not found" }).end();
    return;
  }
  const commit = revision === "main" ? repository.main : revision;
  const files = repository.commits[commit];
  if (files === undefined) {
    response
      .writeHead(404, { "x-error-code": "RevisionNotFound", "x-error-message": `Invalid rev id: ${revision}` })
      .end();
    return;
  }
  const target = files[file];
  if (target === undefined) {
    response.writeHead(404, { "x-error-code": "EntryNotFound", "x-repo-commit": commit }).end("Entry not found");
    return;
  }
  if (file.includes(".onnx")) {
    response
      .writeHead(302, {
        location: `${addressOf(storage)}/blob?file=${encodeURIComponent(target)}`,
        "x-repo-commit": commit,
      })
      .end();
    return;
  }
  response.writeHead(200, { "x-repo-commit": commit });
  response.end(request.method === "HEAD" ? undefined : readFileSync(target));
}

function answerStorage(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "", "http://storage");
  requests.push({
    method: request.method ?? "",
    path: url.pathname,
    authorization: request.headers.authorization,
    host: "storage",
  });
  response.end(readFileSync(url.searchParams.get("file") ?? ""));
}

beforeAll(async () => {
  hub = createServer(answerHub);
  storage = createServer(answerStorage);
  for (const server of [hub, storage]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  for (const server of [hub, storage]) server.close();
});
beforeEach(() => {
  requests = [];
  busy = 0;
  repositories = { "org/rm": { main: commits.first, commits: { [commits.first]: filesOf(fixture("bert")) } } };
});

const environment = (given: Record<string, string> = {}) => ({
  PATH: process.env.PATH,
  HF_ENDPOINT: `${addressOf(hub)}/`,
  HF_HOME: temporaryFolder(),
  ...given,
});
const describeHub = (reference: string, env: Record<string, string | undefined>, given: Partial<ModelOptions> = {}) =>
  describeModel(`transformers:${reference}`, options(given), context(env));

async function scoresOf(model: Awaited<ReturnType<typeof describeModel>>, rows: typeof expected.bert) {
  const prepared = await model.prepare(rows.map(({ messages }) => pointwise(conversation(messages))));
  await using session = await model.open(never);
  return { scores: values(await session.score(prepared, never)), device: session.device() };
}

describe("a folder", () => {
  test("of an encoder runs in transformers.js' model class and gives PyTorch's raw logits", async () => {
    const model = await describeModel(`transformers:${fixture("bert")}`, options(), context());
    const { scores, device } = await scoresOf(model, expected.bert);
    for (const [at, row] of expected.bert.entries())
      expect(Math.abs((scores[at] ?? NaN) - row.score)).toBeLessThan(1e-4);
    expect(device.runtime).toMatch(/^transformers\.js .*BertForSequenceClassification/);
    expect(device.nodes).toEqual({ CPUExecutionProvider: expect.any(Number) });
  });
  test("of a causal classifier runs in ONNX Runtime and gives PyTorch's raw logits", async () => {
    const model = await describeModel(`transformers:${fixture("llama")}`, options(), context());
    const { scores, device } = await scoresOf(model, expected.llama);
    for (const [at, row] of expected.llama.entries())
      expect(Math.abs((scores[at] ?? NaN) - row.score)).toBeLessThan(1e-4);
    expect(device.runtime).toMatch(/^onnxruntime-node/);
  });
});

describe("a repository", () => {
  test("is downloaded once, scored, and then works offline", async () => {
    const env = environment();
    const model = await describeHub("org/rm", env);
    expect(model.identity.revision).toBe(commits.first);
    const { scores } = await scoresOf(model, expected.bert);
    for (const [at, row] of expected.bert.entries())
      expect(Math.abs((scores[at] ?? NaN) - row.score)).toBeLessThan(1e-4);
    const snapshot = join(env.HF_HOME, "hub", "models--org--rm", "snapshots", commits.first);
    expect(existsSync(join(snapshot, "onnx", "model.onnx"))).toBe(true);

    requests = [];
    const again = await describeHub("org/rm", env);
    expect(requests.filter(({ host }) => host === "storage")).toEqual([]);
    requests = [];
    const offline = await describeHub("org/rm", { ...env, HF_HUB_OFFLINE: "1" });
    expect(requests).toEqual([]);
    expect([again.identity, offline.identity]).toEqual([model.identity, model.identity]);
  });

  test("a branch that moved is noticed, and a pinned commit stays", async () => {
    const env = environment();
    const before = await describeHub("org/rm", env);
    repositories["org/rm"]!.commits[commits.second] = filesOf(fixture("llama"));
    repositories["org/rm"]!.main = commits.second;
    const after = await describeHub("org/rm", env);
    expect(after.identity.revision).toBe(commits.second);
    expect(after.identity.weights).not.toBe(before.identity.weights);
    for (const pinned of [
      await describeHub(`org/rm@${commits.first}`, env),
      await describeHub("org/rm", env, { revision: commits.first }),
    ]) {
      expect(pinned.identity).toEqual(before.identity);
    }
  });

  test("the token goes to the hub and never to the storage that it redirects to", async () => {
    repositories["org/rm"]!.private = true;
    await expect(describeHub("org/rm", environment())).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("does not let us read org/rm at revision main: Repository not found"),
      hint: expect.stringContaining("HF_TOKEN"),
    });
    requests = [];
    await describeHub("org/rm", environment({ HF_TOKEN: "secret" }));
    const asked = (host: string) =>
      new Set(requests.filter((request) => request.host === host).map(({ authorization }) => authorization));
    expect([...asked("hub")]).toEqual(["Bearer secret"]);
    expect([...asked("storage")]).toEqual([undefined]);
  });

  test("credentials in HF_ENDPOINT go to the hub as a header, never to the storage or into a message", async () => {
    const endpoint = addressOf(hub).replace("://", "://me:p%40ss@");
    await describeHub("org/rm", environment({ HF_ENDPOINT: endpoint }));
    const authorization = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;
    expect(new Set(requests.filter(({ host }) => host === "hub").map((request) => request.authorization))).toEqual(
      new Set([authorization]),
    );
    expect(requests.filter(({ host }) => host === "storage").map((request) => request.authorization)).toEqual([
      undefined,
    ]);
    const refusals = [
      describeHub("org/none", environment({ HF_ENDPOINT: endpoint })),
      describeHub("org/rm", environment({ HF_ENDPOINT: "me:p%40ss@hub" })),
      describeHub("org/rm", environment({ HF_ENDPOINT: "https://me:p%40ss@hub:port" })),
    ];
    for (const refusal of await Promise.allSettled(refusals)) {
      expect(refusal.status).toBe("rejected");
      const { message, code, hint } = (refusal as PromiseRejectedResult).reason as RmbenchError;
      expect(["model", "usage"]).toContain(code);
      expect(`${message} ${hint}`).not.toMatch(/p%40ss|p@ss/);
    }
  });

  test("a busy server is asked again", async () => {
    busy = 2;
    expect((await describeHub("org/rm", environment())).identity.revision).toBe(commits.first);
  });

  test("external data is fetched with its graph, and its absence is said", async () => {
    const folder = copyOf("bert");
    const graphs = { "onnx/model.onnx": fixture("graphs/external.onnx") };
    const data = { "onnx/external.onnx_data": fixture("graphs/external.onnx_data") };
    const files = { ...filesOf(folder), ...graphs };
    repositories["org/rm"]!.commits[commits.first] = { ...files, ...data };
    const model = await describeHub("org/rm", environment());
    await expect(model.open(never).then((session) => session[Symbol.asyncDispose]())).resolves.toBeUndefined();
    repositories["org/rm"]!.commits[commits.first] = files;
    await expect(describeHub("org/rm", environment())).rejects.toThrow("no onnx/external.onnx_data in org/rm");
  });

  test("the chosen dtype is the file that is fetched", async () => {
    repositories["org/rm"]!.commits[commits.first] = filesOf(fixture("bert"), "onnx/model_fp16.onnx");
    const model = await describeHub("org/rm", environment(), { dtype: "fp16" });
    expect(model.identity.dtype).toBe("fp16");
    await expect(describeHub("org/rm", environment())).rejects.toThrow(
      "there is no onnx/model.onnx or model.onnx in org/rm",
    );
  });

  test.each([
    ["org/rm@v9", "has no org/rm at revision v9: Invalid rev id: v9"],
    ["org/other", "does not let us read org/other"],
    ["not a name", "is neither a repository (org/name) nor a folder"],
    ["org/../etc", "is neither a repository (org/name) nor a folder"],
  ])("%s is an error", async (reference, message) => {
    await expect(describeHub(reference, environment())).rejects.toThrow(message);
  });

  test("offline, what is not in the cache is said to be missing there", async () => {
    await expect(describeHub("org/rm", environment({ HF_HUB_OFFLINE: "1" }))).rejects.toMatchObject({
      code: "model",
      message: "there is no config.json in org/rm at main in the cache",
      hint: expect.stringContaining("HF_HUB_OFFLINE"),
    });
  });

  test("a token that was stored by a login is used", async () => {
    const env = environment();
    writeFileSync(join(env.HF_HOME, "token"), "secret\n");
    repositories["org/rm"]!.private = true;
    expect((await describeHub("org/rm", env)).identity.revision).toBe(commits.first);
  });
});
