import { afterAll, beforeAll, expect, it } from "vitest";
import { checkContract } from "../../../src/contract.ts";
import { describeModel } from "../../../src/models/describe.ts";
import { context, options } from "../support.ts";
import { embedded, tinyFolder, type Embedded } from "./servers/embedded.ts";
import { servers, settingsFor, type ServerName } from "./servers/handlers.ts";
import { serve } from "./servers/serve.ts";

let tiny: Embedded;
beforeAll(async () => {
  tiny = await embedded();
});
afterAll(() => tiny.close());

it.each([
  ["the contract of vllm: holds", "vllm"],
  ["the contract of sglang: holds", "sglang"],
  ["the contract of tei: holds", "tei"],
  ["the contract of kserve: holds", "kserve"],
  ["the contract of openrlhf: holds", "openrlhf"],
  ["the contract of nim: holds", "nim"],
  ["the contract of http: holds", "http"],
] as const satisfies [string, ServerName][])("%s", async (_title, name) => {
  const server = await serve(servers[name].handler(tiny));
  const model = await describeModel(
    servers[name].spec(server.url),
    options({ server: settingsFor(name, tinyFolder) }),
    context(),
  );
  const checks = await checkContract(model, new AbortController().signal);
  expect(checks.length).toBeGreaterThan(6);
  expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
  await server.kill();
});
