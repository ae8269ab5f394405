import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/models/http/address.ts";
import { retryAfter } from "../../../src/models/http/backoff.ts";
import { HttpClient } from "../../../src/models/http/client.ts";
import { parseJson } from "../../../src/models/http/json.ts";
import { valuesAt } from "../../../src/models/http/mapped.ts";
import { Throttle } from "../../../src/models/http/throttle.ts";
import { errorTextOf } from "../../../src/models/http/refused.ts";
import { redactor } from "../../../src/models/http/secrets.ts";
import { context } from "../support.ts";
import { serve } from "./servers/serve.ts";

const never = new AbortController().signal;
const now = Date.UTC(2026, 0, 1);

it.each([
  [{ "retry-after": "3" }, 3],
  [{ "retry-after": "Thu, 01 Jan 2026 00:00:07 GMT" }, 7],
  [{ "retry-after": "Wed, 31 Dec 2025 00:00:00 GMT" }, 0],
  [{ "retry-after-ms": "250", "retry-after": "9" }, 0.25],
  [{ "retry-after": "soon" }, null],
  [{}, null],
])("%j asks for %s seconds", (headers: Record<string, string>, seconds) => {
  expect(retryAfter(headers, now)).toBe(seconds);
});

it("reads the numbers that JSON has not, and leaves text alone", () => {
  expect(parseJson('{"a":[NaN,-Infinity,1],"b":"NaN, Infinity"}')).toEqual({
    a: [Number.NaN, Number.NEGATIVE_INFINITY, 1],
    b: "NaN, Infinity",
  });
  expect(() => parseJson("<html>NaN</html>")).toThrow(SyntaxError);
});

it.each([
  ["data[*].score", { data: [{ score: 1 }, { score: 2 }] }, [1, 2]],
  ["$.rewards", { rewards: [3, 4] }, [3, 4]],
  ["[0].out[1]", [{ out: [5, 6] }], [6]],
  ["missing", {}, [undefined]],
])("finds %s", (path, body, values) => {
  expect(valuesAt(body, path)).toEqual(values);
});

it("takes an address apart, and quotes none that it cannot read", () => {
  const address = parseAddress("vllm", "https://me:p%40ss@host:8000/a/?key=k1#org/name");
  expect(address).toMatchObject({ base: "https://host:8000/a", query: "?key=k1", model: "org/name" });
  expect(Buffer.from(address.authorization!.slice(6), "base64").toString()).toBe("me:p@ss");
  expect(() => parseAddress("vllm", "me:secret@host")).toThrow(/^(?!.*secret)/);
  for (const odd of ["http://host#50%", "http://me:secret%zz@host#m"]) {
    expect(() => parseAddress("vllm", odd)).toThrow(
      expect.objectContaining({ code: "usage", hint: expect.stringContaining("%25") }),
    );
    expect(() => parseAddress("vllm", odd)).toThrow(/^(?!.*secret)/);
  }
});

it("shows no secret of an error, and no beginning of one where the error is cut", () => {
  const key = "sk-0123456789abcdefghijklmnopqrstuvwxyz";
  for (let padding = 240; padding < 300; padding += 7) {
    const said = errorTextOf(JSON.stringify({ error: { message: `${"x".repeat(padding)} ${key}` } }), redactor([key]));
    expect(said).not.toContain("sk-0");
  }
});

describe("Throttle", () => {
  /** A server that answers `capacity` requests a second at most, however many are in flight. */
  const grown = (capacity: number, rounds: number) => {
    let clock = 0;
    const throttle = new Throttle(64, () => clock);
    for (let i = 0; i < rounds; i++) {
      const { limit } = throttle;
      for (let k = 0; k < limit; k++) {
        clock += 1000 / Math.min(capacity, limit);
        throttle.answered();
      }
    }
    return throttle;
  };

  it("grows while that brings more answers per second", () => {
    expect(grown(1000, 12).limit).toBe(64);
    expect(grown(8, 12).limit).toBeLessThanOrEqual(16);
    expect(grown(8, 12).limit).toBeGreaterThanOrEqual(8);
  });

  it("is not held back for good by one slow moment", () => {
    let clock = 0;
    const throttle = new Throttle(64, () => clock);
    for (let round = 0; round < 200; round++) {
      const { limit } = throttle;
      if (round === 1) clock += 5000;
      for (let k = 0; k < limit; k++) {
        clock += 1000 / limit;
        throttle.answered();
      }
    }
    expect(throttle.limit).toBe(64);
  });

  it("is halved by an overloaded server, and lets no more through", async () => {
    const throttle = grown(1000, 12);
    for (const limit of [32, 16, 8, 4, 2, 1, 1]) {
      throttle.overloaded();
      expect(throttle.limit).toBe(limit);
    }
    let [running, most] = [0, 0];
    const work = async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    };
    await Promise.all(Array.from({ length: 9 }, () => throttle.run(work)));
    expect(most).toBe(1);
  });
});

it("goes through the proxy of the environment", async () => {
  const target = await serve(async () => ({ body: { ok: true } }));
  const options = { base: target.url, timeout: 5, patience: 0, concurrency: 2, ca: null };
  const { signal } = new AbortController();
  const closed = { HTTP_PROXY: "http://127.0.0.1:9" };
  {
    await using client = await HttpClient.create(options, context(closed));
    await expect(client.json({ path: "/" }, signal)).rejects.toMatchObject({ code: "machine" });
    expect(target.asked).toEqual([]);
  }
  await using client = await HttpClient.create(options, context({ ...closed, NO_PROXY: "127.0.0.1" }));
  expect(await client.json({ path: "/" }, signal)).toMatchObject({ body: { ok: true } });
  await target.kill();
});

it("takes the address of a proxy without its scheme, and refuses one that is none without showing it", async () => {
  const proxy = await serve(async () => ({ body: { ok: true } }));
  const options = { base: "http://nowhere.invalid", timeout: 5, patience: 0, concurrency: 2, ca: null };
  await using client = await HttpClient.create(options, context({ HTTP_PROXY: `127.0.0.1:${proxy.port}` }));
  expect(await client.json({ path: "/v1" }, never)).toMatchObject({ body: { ok: true } });
  expect(proxy.asked.map(({ path }) => path)).toEqual(["http://nowhere.invalid/v1"]);
  await proxy.kill();
  await expect(HttpClient.create(options, context({ HTTP_PROXY: "ftp://me:secret@proxy" }))).rejects.toMatchObject({
    code: "config",
    message: expect.stringMatching(/^(?!.*secret).*HTTP_PROXY/),
  });
});

it("keeps its deadline, and can be aborted, where a proxy opens no tunnel", async () => {
  const proxy = await serve(async () => ({ body: {} }));
  const options = { base: "https://nowhere.invalid", timeout: 1, patience: 0, concurrency: 2, ca: null };
  const environment = context({ HTTPS_PROXY: proxy.url });
  {
    await using client = await HttpClient.create(options, environment);
    await expect(client.json({ path: "/" }, never)).rejects.toThrow("gave no answer within 1 s");
  }
  await using client = await HttpClient.create({ ...options, timeout: 1000 }, environment);
  const abort = new AbortController();
  const aborted = expect(client.json({ path: "/" }, abort.signal)).rejects.toThrow("enough");
  setTimeout(() => abort.abort(new Error("enough")), 50);
  await aborted;
  await proxy.kill();
});

it("closes though a request waits for its next try", async () => {
  const server = await serve(async () => ({ status: 503, body: {} }));
  const options = { base: server.url, timeout: 5, patience: 1000, concurrency: 2, ca: null };
  const client = await HttpClient.create(options, context());
  const waiting = expect(client.json({ path: "/" }, never)).rejects.toThrow("was closed");
  await expect.poll(() => server.asked.length).toBeGreaterThan(0);
  await client[Symbol.asyncDispose]();
  await waiting;
  await server.kill();
});

it("does not ask without a pause where a server says to come back at once", async () => {
  const server = await serve(async () => ({ status: 429, body: {}, headers: { "retry-after": "0" } }));
  const options = { base: server.url, timeout: 5, patience: 1, concurrency: 2, ca: null };
  await using client = await HttpClient.create(options, context());
  await expect(client.json({ path: "/" }, never)).rejects.toMatchObject({ code: "machine" });
  // Pauses of 0.125, 0.25 and 0.5 s are the shortest.
  expect(server.asked.length).toBeLessThanOrEqual(5);
  await server.kill();
});
