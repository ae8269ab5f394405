import { setTimeout as sleep } from "node:timers/promises";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeModel } from "../../../src/models/describe.ts";
import { ipc } from "../../../src/models/host/ipc-channel.ts";
import { Host } from "../../../src/models/host/parent.ts";
import { OutOfMemory, SessionLost } from "../../../src/models/reward-model.ts";
import { context, conversation, expected, folderOf, options, pointwise, temporaryFolder } from "../support.ts";

const never = new AbortController().signal;
const question = { kind: "pointwise", of: { prompt: [], documents: null, tools: null, response: "four" } };

/** A model whose score is the length of the response; `body` runs before. */
function moduleFile(body: string): string {
  const file = join(temporaryFolder(), "rm.mjs");
  writeFileSync(
    file,
    `export default { name: "m", asks: ["pointwise"], score: async (conversations) => {
       ${body}
       return conversations.map((c) => c.response.length);
     } };`,
  );
  return file;
}

const open = (body: string) =>
  Host.open(ipc({ backend: "module", path: moduleFile(body), stamps: {} }, process.env), { name: "m" }, never);

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("batches in flight together are answered each with its own scores", async () => {
  await using host = await open("");
  const more = { ...question, of: { ...question.of, response: "seventy" } };
  const both = await Promise.all([host.run([question], never), host.run([more, question], never)]);
  expect(both).toEqual([
    [{ status: "ok", value: 4 }],
    [
      { status: "ok", value: 7 },
      { status: "ok", value: 4 },
    ],
  ]);
});

test("aborting kills the process though its code never returns, and the next batch works", async () => {
  await using host = await open(`if (conversations[0].response === "loop") for (;;);`);
  const endless = { ...question, of: { ...question.of, response: "loop" } };
  const { pid } = host;
  const abort = new AbortController();
  const running = host.run([endless], abort.signal);
  await sleep(200);
  abort.abort(new Error("stop"));
  await expect(running).rejects.toThrow("stop");
  await expect.poll(() => alive(pid ?? 0)).toBe(false);
  expect(await host.run([question], never)).toEqual([{ status: "ok", value: 4 }]);
  expect(host.pid).not.toBe(pid);
});

test("a killed process loses the batches in flight, and the next one gets a new process", async () => {
  await using host = await open(`await new Promise((done) => setTimeout(done, conversations.length > 1 ? 60000 : 0));`);
  const lost = Promise.allSettled([host.run([question, question], never), host.run([question], never)]);
  await sleep(200);
  process.kill(host.pid ?? 0, "SIGKILL");
  for (const outcome of await lost) {
    expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(SessionLost) });
  }
  expect(await host.run([question], never)).toEqual([{ status: "ok", value: 4 }]);
});

test("a crash is reported with its exit code and the last lines that were printed", async () => {
  await using host = await open(`console.error("tensor of doom"); process.exit(3);`);
  const error = await host.run([question], never).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(SessionLost);
  expect(String(error)).toMatch(/died \(exit code 3\); it last printed:\ntensor of doom/);
});

test("a process that left another one with its pipes behind is lost all the same", async () => {
  const file = join(temporaryFolder(), "pid");
  await using host = await open(`
    const { spawn } = await import("node:child_process");
    const { writeFileSync } = await import("node:fs");
    const heir = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit", detached: true });
    writeFileSync(${JSON.stringify(file)}, String(heir.pid));
    process.exit(3);`);
  await expect(host.run([question], never)).rejects.toThrow("died (exit code 3)");
  const heir = Number(readFileSync(file, "utf8"));
  expect(alive(heir)).toBe(true);
  process.kill(heir, "SIGKILL");
});

test("a process is started again however often it died: when to stop is for the caller to say", async () => {
  await using host = await open(`if (conversations[0].response === "die") process.exit(3);`);
  const deadly = { ...question, of: { ...question.of, response: "die" } };
  for (let death = 0; death < 4; death += 1)
    await expect(host.run([deadly], never)).rejects.toBeInstanceOf(SessionLost);
  expect(await host.run([question], never)).toEqual([{ status: "ok", value: 4 }]);
});

test("a batch that is sent to a process which just died waits for its end, and is lost once", async () => {
  await using host = await open("");
  process.kill(host.pid ?? 0, "SIGKILL");
  const outcomes = await Promise.allSettled([1, 2, 3].map(() => host.run([question], never)));
  expect(outcomes.map((outcome) => outcome.status === "rejected" && outcome.reason)).toEqual(
    [1, 2, 3].map(() => expect.objectContaining({ message: expect.stringContaining("died (SIGKILL") })),
  );
  expect(await host.run([question], never)).toEqual([{ status: "ok", value: 4 }]);
});

test("disposing ends the process, and twice is harmless", async () => {
  const host = await open("");
  const { pid } = host;
  await host[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  expect(alive(pid ?? 0)).toBe(false);
  await expect(host.run([question], never)).rejects.toThrow("closed");
});

test("Ctrl-C of the terminal does not reach the process", async () => {
  await using host = await open("");
  process.kill(host.pid ?? 0, "SIGINT");
  await sleep(100);
  expect(await host.run([question], never)).toEqual([{ status: "ok", value: 4 }]);
});

test("an allocation that the machine cannot give is OutOfMemory, and the session goes on", async () => {
  const model = await describeModel(`onnx:${folderOf("hungry")}`, options(), context());
  const long = expected.bag.find(({ tokens }) => tokens > 40);
  const short = expected.bag.find(({ tokens }) => tokens < 7);
  if (long === undefined || short === undefined) throw new Error("the fixtures have changed");
  const prepared = await model.prepare([long, short].map(({ messages }) => pointwise(conversation(messages))));
  await using session = await model.open(never);
  await expect(session.score(prepared, never)).rejects.toBeInstanceOf(OutOfMemory);
  expect(await session.score(prepared.slice(1), never)).toMatchObject([{ status: "ok" }]);
});
