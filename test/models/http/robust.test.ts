import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import { runHere } from "../../cli/in-process.ts";
import { context, options, temporaryFolder } from "../support.ts";
import { embedded, tinyFolder, type Embedded } from "./servers/embedded.ts";
import { openrlhfServer, vllmServer } from "./servers/handlers.ts";
import { send, serve, type Running } from "./servers/serve.ts";

let tiny: Embedded;
beforeAll(async () => {
  tiny = await embedded();
});
afterAll(() => tiny.close());

const selection = ["--suite", "safety", "--limit", "40", "--progress", "none", "--batch-size", "2"];
const run = (server: Running, folder: string, ...more: string[]) =>
  runHere(["run", "--model", `vllm:${server.url}#tiny`, ...selection, ...more], folder);

async function folderWith(server: object): Promise<string> {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, "rmbench.config.yaml"),
    stringify({ server: { tokenizer: tinyFolder, concurrency: 1, ...server } }),
  );
  return folder;
}

async function reportIn(folder: string): Promise<Record<string, unknown>> {
  const { execution: _execution, ...report } = JSON.parse(await readFile(join(folder, "out/report.json"), "utf8"));
  return report;
}

const isScore = (path: string) => path === "/classify";

it("gives the same report when the server is killed and started again in the middle", async () => {
  const server = await serve(vllmServer(tiny));
  const [calm, rough] = [await folderWith({}), await folderWith({ patience: 30 })];
  expect((await run(server, calm, "--out", "out")).code).toBe(0);
  let kills = 0;
  server.fault = async ({ path }, response) => {
    if (!isScore(path) || server.asked.length < 25 || kills > 0) return false;
    kills++;
    response.destroy();
    void server.kill().then(() => setTimeout(() => void server.restart(), 700));
    return true;
  };
  server.asked.length = 0;
  const outcome = await run(server, rough, "--out", "out");
  expect(outcome.code, outcome.stderr).toBe(0);
  expect(kills).toBe(1);
  expect(await reportIn(rough)).toEqual(await reportIn(calm));
  await server.kill();
});

it("ends with exit code 3 where the server swaps its model, and keeps no score of the new one", async () => {
  const server = await serve(vllmServer(tiny));
  const folder = await folderWith({});
  let [asked, swapped] = [0, true];
  server.fault = async ({ path }, response, answer) => {
    if (!isScore(path) || ++asked < 30 || !swapped) return false;
    const { body } = (await answer()) as { body: { data: { probs: number[] }[] } };
    for (const entry of body.data) entry.probs[0] = entry.probs[0]! * 1.2 + 1;
    send(response, { body });
    return true;
  };
  const outcome = await run(server, folder);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toContain("is another model than before");
  const opened = await run(server, folder);
  expect(opened.code, "a swapped model is refused at open").toBe(2);
  swapped = false;
  const [resumed, fresh] = [await run(server, folder, "--out", "out"), await folderWith({})];
  expect(resumed.code, resumed.stderr).toBe(0);
  expect((await run(server, fresh, "--out", "out")).code).toBe(0);
  expect(await reportIn(folder)).toEqual(await reportIn(fresh));
  await server.kill();
});

it("refuses a server that leaves its activation on, and undoes a sigmoid where it is told to", async () => {
  const server = await serve(vllmServer(tiny, { honours: false }));
  const refused = await run(server, await folderWith({}));
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain("whether its activation is switched off or on");
  const folder = await folderWith({ activation: "invert" });
  const inverted = await run(server, folder, "--out", "out");
  expect(inverted.code, inverted.stderr).toBe(0);
  expect(inverted.stdout + JSON.stringify(await reportIn(folder))).toContain("sigmoid was undone");
  await server.kill();
});

it("refuses a server whose tokens are not ours", async () => {
  const server = await serve(vllmServer(tiny));
  server.fault = async ({ path }, response, answer) => {
    if (!isScore(path)) return false;
    const { body } = (await answer()) as { body: { usage: { prompt_tokens: number } } };
    body.usage.prompt_tokens += 1;
    send(response, { body });
    return true;
  };
  const outcome = await run(server, await folderWith({}));
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain("is there a second BOS?");
  await server.kill();
});

it("says so where no probe fits into the length that is asked for", async () => {
  const server = await serve(vllmServer(tiny));
  const given = options({ server: { tokenizer: tinyFolder }, maxLength: 4 });
  const model = await describeModel(`vllm:${server.url}#tiny`, given, context());
  await expect(model.open(new AbortController().signal)).rejects.toMatchObject({
    code: "usage",
    message: expect.stringContaining("no probe text fits into 4 tokens"),
  });
  await server.kill();
});

it("follows no redirect", async () => {
  const [server, other] = [await serve(vllmServer(tiny)), await serve(vllmServer(tiny))];
  server.fault = async ({ path }, response) => {
    send(response, { status: 307, headers: { location: `${other.url}${path}` }, body: "" });
    return true;
  };
  const outcome = await run(server, await folderWith({}));
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toContain(`redirects to ${other.url}/v1/models`);
  expect(other.asked).toEqual([]);
  await Promise.all([server.kill(), other.kill()]);
});

it("shows no secret anywhere, though the server echoes them all", async () => {
  const secrets = {
    bearer: "bearer-5f2e81",
    password: "userinfo-77ab02",
    query: "query-91cd3e",
    header: "header-c4d5e6",
    config: "config-0a1b2c",
  };
  const server = await serve(openrlhfServer(tiny));
  const heard: unknown[] = [];
  let bad = 0;
  server.fault = async ({ path, headers }, response) => {
    heard.push(path, headers);
    const echo = JSON.stringify([
      path,
      headers,
      Buffer.from(String(headers.authorization ?? "").slice(6), "base64").toString(),
    ]);
    // After the probes one request and then its first text are refused, all others answered.
    if (![30, 31].includes(++bad)) return false;
    send(response, { status: 400, body: { error: { message: `cannot read ${echo}` } } });
    return true;
  };
  const folder = await folderWith({ headers: { "x-key": "${MY_KEY}", "x-plain": secrets.config } });
  const address = `http://me:${secrets.password}@127.0.0.1:${server.port}/get_reward?sig=${secrets.query}`;
  server.asked.length = 0;
  const handler = server.fault;
  server.fault = async (asked, response, answer) => {
    const met = await handler(asked, response, answer);
    if (met) return true;
    send(response, await openrlhfServer(tiny)({ ...asked, path: "/get_reward" }));
    return true;
  };
  const env = { RMBENCH_API_KEY: secrets.bearer, MY_KEY: secrets.header };
  const outcome = await runHere(["run", "--model", `openrlhf:${address}`, ...selection, "--out", "out"], folder, env);
  expect(outcome.code).toBe(3);
  expect(outcome.stderr).toContain("***");
  const sent = JSON.stringify(heard);
  for (const secret of [secrets.query, secrets.header, secrets.config]) expect(sent).toContain(secret);
  expect(sent).toContain(Buffer.from(`me:${secrets.password}`).toString("base64"));
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => entry.isFile() && entry.name !== "rmbench.config.yaml",
  );
  expect(files.length).toBeGreaterThanOrEqual(3);
  const written = await Promise.all(files.map((entry) => readFile(join(entry.parentPath, entry.name), "latin1")));
  const shown = [outcome.stdout, outcome.stderr, ...written, ...files.map(({ name }) => name)].join("\n");
  for (const secret of Object.values(secrets)) expect(shown).not.toContain(secret);
  await server.kill();
});
