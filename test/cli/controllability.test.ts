import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { judgeServer, part, words } from "../models/judge/server.ts";
import { temporaryFolder } from "../models/support.ts";
import { runHere } from "./in-process.ts";
import { somePairs, writeSomePairs } from "./pairs.ts";

it("tells how often a judge follows a principle that is negated", async () => {
  const cwd = temporaryFolder();
  await writeSomePairs(join(cwd, "some.arrow"), somePairs(12));
  // Likes reasons where it is told to, and has a taste of its own for third pairs.
  await using server = await judgeServer((asked) => {
    const told = asked.body.messages![0]!.content.includes("Reasons are bad.") ? -3 : 3;
    const answer = part(asked, "answer");
    const stubborn = /Answer (0|3|6|9):/.test(answer);
    return words(`[[${5 + (answer.includes("because") ? 1 : -1) * (stubborn ? 3 : told)}]]`);
  });
  const principles = "[{ name: reasons, definition: Reasons are good., negativeDefinition: Reasons are bad. }]";
  const run = (name: string, ...settings: readonly string[]) => {
    const lines = ["protocol: principle", "logprobs: false", `principles: ${principles}`, ...settings];
    writeFileSync(join(cwd, "rmbench.config.yaml"), `judge:\n${lines.map((line) => `  ${line}\n`).join("")}`);
    return runHere(["run", "-m", `judge:${server.base}#m`, "-s", "some.arrow", "--out", name], cwd);
  };
  for (const [name, ...settings] of [["plain"], ["negated", "negate: [reasons]"], ["warm", "temperature: 1"]]) {
    const { code, stderr } = await run(name!, ...settings);
    expect(code, stderr).toBe(0);
  }
  const audit = (...args: readonly string[]) => runHere(["audit", "controllability", ...args], cwd);
  const { code, stdout, stderr } = await audit("plain", "negated", "--json");
  expect(code, stderr).toBe(0);
  const { suites } = JSON.parse(stdout) as { suites: object[] };
  expect(suites).toMatchObject([{ suite: "some", n: 12, flipped: 8, undecided: 0, leftOut: 0, share: 8 / 12 }]);
  expect((await audit("plain", "negated")).stdout).toMatch(
    /^some: 66\.7% \[.*\] flip \(8 of 12, 0 become ties; 0 left out\)/,
  );
  const same = await audit("plain", "plain");
  expect(same.code).toBe(2);
  expect(same.stderr).toContain("plain and plain are of one model with the same principles");
  await runHere(["run", "-m", "shortcut:longest", "-s", "some.arrow", "--out", "longest", "--store", "none"], cwd);
  const stranger = await audit("plain", "longest");
  expect(stranger.code).toBe(2);
  expect(stranger.stderr).toContain("longest is no run of a judge, so no principle was negated");
  const warm = await audit("plain", "warm");
  expect(warm.code).toBe(2);
  expect(warm.stderr).toContain("differ not only in the judge's principles, but in its sampling");
});
