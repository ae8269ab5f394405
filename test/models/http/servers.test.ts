import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../support.ts";
import { runHere } from "../../cli/in-process.ts";
import { embedded, tinyFolder, type Embedded } from "./servers/embedded.ts";
import { servers, settingsFor, type ServerName } from "./servers/handlers.ts";
import { serve } from "./servers/serve.ts";

let tiny: Embedded;
const selection = ["--suite", "safety", "--limit", "12", "--progress", "none", "--out", "out"];
interface Parts {
  suites: unknown;
  overall: unknown;
  complete: boolean;
  execution: { store: { hits: number; scored: number } };
}
const reportIn = async (folder: string): Promise<Parts> =>
  JSON.parse(await readFile(join(folder, "out/report.json"), "utf8"));
let direct: Parts;

beforeAll(async () => {
  tiny = await embedded();
  const folder = temporaryFolder();
  await runHere(["run", "--model", "tiny", ...selection], folder);
  direct = await reportIn(folder);
});
afterAll(() => tiny.close());

async function folderFor(name: ServerName, more: object = {}): Promise<string> {
  const folder = temporaryFolder();
  await writeFile(
    join(folder, "rmbench.config.yaml"),
    stringify({ server: { ...settingsFor(name, tinyFolder), ...more } }),
  );
  return folder;
}

it.each(Object.keys(servers) as ServerName[])("%s: gives the report of the model that it serves", async (name) => {
  const { handler, spec } = servers[name];
  const server = await serve(handler(tiny));
  const folder = await folderFor(name);
  const outcome = await runHere(["run", "--model", spec(server.url), ...selection], folder);
  expect(outcome.stderr).not.toContain("rror");
  expect(outcome.code).toBe(0);
  const report = await reportIn(folder);
  expect(report.suites).toEqual(direct.suites);
  await server.kill();
  const again = await runHere(["run", "--model", spec(server.url), ...selection.slice(0, -1), "out2"], folder);
  expect(again.code, again.stderr).toBe(0);
});
