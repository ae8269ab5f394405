import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Lanes } from "../../../src/models/host/lanes.ts";
import { temporaryFolder } from "../support.ts";

const never = new AbortController().signal;
const question = { kind: "pointwise", of: { prompt: [], documents: null, tools: null, response: "x" } };

/** Scores with the id of the process that answers, after a while, so that batches meet. */
function open(most: number, body = "") {
  const file = join(temporaryFolder(), "pid.mjs");
  writeFileSync(
    file,
    `export default { name: "pid", asks: ["pointwise"], score: async (conversations) => {
       ${body}
       await new Promise((done) => setTimeout(done, 300));
       return conversations.map(() => process.pid);
     } };`,
  );
  return Lanes.open({ backend: "module", path: file }, { name: "pid", env: process.env }, most, never);
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
