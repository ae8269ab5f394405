import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lanes } from "../../../src/models/host/lanes.ts";
import { SessionLost } from "../../../src/models/reward-model.ts";
import { temporaryFolder } from "../support.ts";

const never = new AbortController().signal;
const question = { kind: "pointwise", of: { prompt: [], documents: null, tools: null, response: "x" } };

/** Scores with the id of the process that answers, after a while, so that batches meet. */
function open(most: number, body = "", atLoading = "", warnings: string[] = []) {
  const file = join(temporaryFolder(), "pid.mjs");
  writeFileSync(
    file,
    `${atLoading}
     export default { name: "pid", asks: ["pointwise"], score: async (conversations) => {
       ${body}
       await new Promise((done) => setTimeout(done, 300));
       return conversations.map(() => process.pid);
     } };`,
  );
  const options = { name: "pid", env: process.env, most, warn: (line: string) => void warnings.push(line) };
  return Lanes.open({ backend: "module", path: file, stamps: {} }, options, never);
}

test("batches one after another use one process; together they use as many as are allowed", async () => {
  await using lanes = await open(2);
  const first = await lanes.run([question], never);
  expect(await lanes.run([question], never)).toEqual(first);
  const together = await Promise.all(Array.from({ length: 4 }, () => lanes.run([question], never)));
  expect(new Set(together.map((scores) => JSON.stringify(scores))).size).toBe(2);
});

test("the loss of one process leaves the batches of the other alone", async () => {
  await using lanes = await open(2, `if (conversations.length > 1) process.exit(1);`);
  const outcomes = await Promise.allSettled([lanes.run([question], never), lanes.run([question, question], never)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(await lanes.run([question], never)).toMatchObject([{ status: "ok" }]);
});

test("closing while a process starts ends it too", async () => {
  const lanes = await open(2);
  const outcomes = Promise.allSettled([lanes.run([question], never), lanes.run([question], never)]);
  await lanes[Symbol.asyncDispose]();
  await lanes[Symbol.asyncDispose]();
  expect((await outcomes).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test.each([
  ["throws", `throw new Error("no room")`],
  ["dies", `console.error("no room"), process.exit(7)`],
])("a process that %s while loading leaves its batches to the one that is open", async (_, fate) => {
  const marker = join(temporaryFolder(), "loaded");
  const atLoading = `import { existsSync, writeFileSync } from "node:fs";
    if (existsSync(${JSON.stringify(marker)})) ${fate};
    writeFileSync(${JSON.stringify(marker)}, "");`;
  const warnings: string[] = [];
  await using lanes = await open(3, "", atLoading, warnings);
  const together = await Promise.all(Array.from({ length: 4 }, () => lanes.run([question], never)));
  expect(new Set(together.map((scores) => JSON.stringify(scores))).size).toBe(1);
  expect(together[0]).toMatchObject([{ status: "ok" }]);
  expect(warnings.at(-1)).toMatch(/^pid goes on in 1 process, since another could not be opened: [^]*no room/);
});

test("the last process that cannot be started again is an error", async () => {
  const marker = join(temporaryFolder(), "loaded");
  await using lanes = await open(
    2,
    "process.exit(1);",
    `import { existsSync, writeFileSync } from "node:fs";
     if (existsSync(${JSON.stringify(marker)})) throw new Error("no room");
     writeFileSync(${JSON.stringify(marker)}, "");`,
  );
  await expect(lanes.run([question], never)).rejects.toBeInstanceOf(SessionLost);
  await expect(lanes.run([question], never)).rejects.toMatchObject({
    code: "model",
    message: expect.stringContaining("no room"),
  });
});
