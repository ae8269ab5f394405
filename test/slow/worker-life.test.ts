import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { SessionLost } from "../../src/models/reward-model.ts";
import { rmbench } from "../cli/rmbench.ts";
import { alive, failureOf, four, never, ok, open, seven, start, workerFile } from "../models/host/worker.ts";

/** Once a file of the worker's is there, what it says. */
const written = async (file: string) => {
  await vi.waitFor(() => expect(existsSync(file) && readFileSync(file, "utf8")).toBeTruthy(), { timeout: 20_000 });
  return readFileSync(file, "utf8");
};

describe.concurrent("the life of a worker", () => {
  test.each([
    ["process.exit(3)", /died \(exit code 3\); it last printed:\ntensor of doom/],
    [`process.kill(process.pid, "SIGSEGV")`, /died \(SIGSEGV\); it last printed:\ntensor of doom/],
    [
      `process.kill(process.pid, "SIGKILL")`,
      /died \(SIGKILL; the system may have run out of memory\); it last printed:/,
    ],
  ])(
    "a crash by %s loses the batch with the last lines of stderr, and the next one gets a new worker",
    async (fate, said) => {
      await using host = await open({
        score: `if (m.items[0].response === "seventy") { console.error("tensor of doom"); ${fate}; await later(60000); }`,
      });
      const error = await failureOf(host.run([seven], never));
      expect(error).toBeInstanceOf(SessionLost);
      expect(String(error)).toMatch(said);
      expect(await host.run([four], never)).toEqual([ok(4)]);
    },
  );

  describe("a worker that says nothing", () => {
    const hang = `if (m.items[0].response === "seventy") { console.error("in a lock"); await later(60000); }`;

    test("is killed and started again once; a second time in a row it is given up", async () => {
      await using host = await open({ score: hang }, 3);
      const pid = host.pid!;
      const lost = await failureOf(host.run([seven], never));
      expect(lost).toBeInstanceOf(SessionLost);
      expect(String(lost)).toMatch(/process of w said nothing for 3 s; it last printed:\nin a lock/);
      await vi.waitFor(() => expect(alive(pid)).toBe(false));
      expect(await failureOf(host.run([seven], never))).toMatchObject({
        code: "machine",
        message: expect.stringMatching(/said nothing for 3 s, nor did it after it was started again; .*\nin a lock/),
        hint: expect.stringContaining("--timeout"),
      });
    });

    test("is forgiven where a batch was answered in between", async () => {
      await using host = await open({ score: hang }, 3);
      for (const _ of [1, 2]) {
        expect(await failureOf(host.run([seven], never))).toBeInstanceOf(SessionLost);
        expect(await host.run([four], never)).toEqual([ok(4)]);
      }
    });

    test("while loading is an error at once", async () => {
      expect(await failureOf(open({ hello: "" }, 3))).toMatchObject({
        code: "machine",
        message: "while loading, the process of w said nothing for 3 s",
      });
    });

    test("but sends heartbeats is waited for", async () => {
      const beating = `for (let k = 0; k < 40; k++) { say({ type: "heartbeat" }); await later(100); }`;
      await using host = await open({ score: beating }, 3);
      expect(await host.run([four], never)).toEqual([ok(4)]);
    });

    test("and has nothing to do is left alone", async () => {
      await using host = await open({}, 1);
      const { pid } = host;
      await new Promise((done) => setTimeout(done, 1500));
      expect(await host.run([four], never)).toEqual([ok(4)]);
      expect(host.pid).toBe(pid);
    });
  });

  describe("closing", () => {
    test("asks an idle worker to end and lets it", async () => {
      const file = workerFile({ shutdown: `writeFileSync("ended", "in peace"); process.exit(0);` });
      const host = await start(file);
      await host[Symbol.asyncDispose]();
      await host[Symbol.asyncDispose]();
      expect(readFileSync(join(dirname(file), "ended"), "utf8")).toBe("in peace");
      await expect(host.run([four], never)).rejects.toThrow("closed");
    });

    test("kills one that will not end", async () => {
      const host = await open({ start: `setInterval(() => {}, 1000);`, shutdown: "" });
      const pid = host.pid!;
      await host[Symbol.asyncDispose]();
      expect(alive(pid)).toBe(false);
    });
  });

  test("aborting kills the worker though its code never returns, and what it started", async () => {
    const file = workerFile({
      score: `if (m.items[0].response === "seventy") {
      const { pid } = spawn("sleep", ["600"], { stdio: "inherit" });
      writeFileSync("pids", process.pid + " " + pid);
      for (;;);
    }`,
    });
    await using host = await start(file);
    const abort = new AbortController();
    const running = failureOf(host.run([seven], abort.signal));
    const pids = (await written(join(dirname(file), "pids"))).split(" ").map(Number);
    expect(pids.map(alive)).toEqual([true, true]);
    abort.abort(new Error("stop"));
    expect(String(await running)).toBe("Error: stop");
    await vi.waitFor(() => expect(pids.map(alive)).toEqual([false, false]), { timeout: 20_000 });
    expect(await host.run([four], never)).toEqual([ok(4)]);
  });

  test(
    "a run whose worker has no memory for any text ends, and waits for no timeout",
    { timeout: 120_000 },
    async () => {
      const file = workerFile({
        score: `return say({ type: "error", id: m.id, code: "out-of-memory", message: "too long" });`,
      });
      const model = `process:"${process.execPath}" "${file}"`;
      const args = ["run", "--model", model, "--suite", "consistency", "--limit", "4", "--store", "none"];
      const { code, stderr } = await rmbench(args, dirname(file));
      expect(code).toBe(3);
      expect(stderr).toContain("too long");
    },
  );

  test("lines on stderr reach the person", async () => {
    const lines: string[] = [];
    const file = workerFile({ score: `console.error("scoring"); await later(50);` });
    await using host = await start(file, null, {}, (line) => lines.push(line));
    await host.run([four], never);
    await vi.waitFor(() => expect(lines).toEqual(["scoring"]));
  });
});
