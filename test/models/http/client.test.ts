import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/models/http/address.ts";
import { retryAfter } from "../../../src/models/http/backoff.ts";
import { HttpClient } from "../../../src/models/http/client.ts";
import { parseJson } from "../../../src/models/http/json.ts";
import { valuesAt } from "../../../src/models/http/mapped.ts";
import { Throttle } from "../../../src/models/http/throttle.ts";
import { context } from "../support.ts";
import { serve } from "./servers/serve.ts";

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
