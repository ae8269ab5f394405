import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";
import { expect, it } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import type { ServerSettings } from "../../../src/models/http/settings.ts";
import { runHere } from "../../cli/in-process.ts";
import { context, options, temporaryFolder } from "../support.ts";
import { serve, type Handler } from "./servers/serve.ts";

const never = new AbortController().signal;
const body = { text: "{{text}}" };

async function refusalOf(handler: Handler, prefix: string, server: ServerSettings): Promise<string> {
  const running = await serve(handler);
  const address = `${prefix}:${running.url.replace("://", "://user:hunter2@")}`;
  const model = await describeModel(address, options({ server }), context());
  const error: unknown = await model.open(never).then(
    () => expect.unreachable(),
    (reason: unknown) => reason,
  );
  await running.kill();
  return error instanceof Error ? error.message : "";
}

it("names the path at which there is no score, and shows the answer without secrets", async () => {
  const answer: Handler = async () => ({ body: { by: "hunter2", results: [{ reward: 1 }] } });
  const said = await refusalOf(answer, "http", { body, scores: "results[*].rewrd" });
  expect(said).toContain("a score is missing, not a number at `results[*].rewrd`; the answer begins with");
  expect(said).toContain(String.raw`\"results\":[{\"reward\":1}]`);
  expect(said).not.toContain("hunter2");
});

it("says that an answer was empty", async () => {
  const running = await serve(async () => ({ body: {} }));
  running.fault = async (_asked, response) => {
    response.writeHead(200).end();
    return true;
  };
  const model = await describeModel(`openrlhf:${running.url}`, options({ server: { input: "plain" } }), context());
  await expect(model.open(never)).rejects.toMatchObject({
    code: "model",
    message: expect.stringMatching(/0 scores for 1 texts; the answer was empty$/),
  });
  await running.kill();
});

it("says in a dry run that a batch may be several requests", async () => {
  const folder = temporaryFolder();
  const server = { body: { inputs: "{{texts}}" }, scores: "scores", batch: 4 };
  await writeFile(join(folder, "rmbench.config.yaml"), stringify({ server }));
  const dry = ["run", "--dry-run", "--suite", "safety", "--limit", "40", "--model"];
  const said = await runHere([...dry, "http:http://127.0.0.1:9/score"], folder);
  expect(said.stdout).toMatch(/to score in \d+ batches/);
  expect(said.stdout).toContain("A batch is one request to the server or more");
  expect((await runHere([...dry, "tiny"], folder)).stdout).not.toContain("request");
});
