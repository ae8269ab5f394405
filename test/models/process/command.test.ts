import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { commandIdentity, splitCommand } from "../../../src/models/process/command.ts";

/** What a POSIX shell hands to a program. */
const byShell = (command: string) =>
  execFileSync("sh", ["-c", `printf '%s\\n' ${command}`], { encoding: "utf8" })
    .slice(0, -1)
    .split("\n");

test
  .skipIf(process.platform === "win32")
  .each([
    "python3 my_rm.py --x",
    "  python3\tmy_rm.py  ",
    `python3 'my rm.py' "--name=a b"`,
    `python3 --name="a b"'c d'e`,
    String.raw`python3 "say \"hi\" \\ there"`,
    `python3 '' ""`,
    `python3 "it's" 'a "word"'`,
  ])("%s is split as by a shell", (command) => {
  expect(splitCommand(command)).toEqual(byShell(command));
});

test.each([
  [String.raw`C:\tools\python.exe my_rm.py`, [String.raw`C:\tools\python.exe`, "my_rm.py"]],
  [`"python3 my_rm.py"`, ["python3", "my_rm.py"]],
  [`'python3 "my rm.py"'`, ["python3", "my rm.py"]],
  ["rm --glob *.txt $HOME", ["rm", "--glob", "*.txt", "$HOME"]],
])("%s has no shell to read it", (command, words) => {
  expect(splitCommand(command)).toEqual(words);
});

test.each([
  ["", /has no command/],
  ["''", /has no command/],
  [`python3 "my_rm.py`, /a quote .* has no end/],
  ["python3 my_rm.py | tee log", /has `\|`, and no shell reads it/],
  ["python3 my_rm.py 2> log", /has `2>`/],
  ["cd x && python3 my_rm.py", /has `&&`/],
])("%s is refused", (command, message) => {
  expect(() => splitCommand(command)).toThrow(
    expect.objectContaining({ code: "usage", message: expect.stringMatching(message) }),
  );
});

test("another word anywhere is another model, another key is not", () => {
  const identityOf = (command: string) => JSON.stringify(commandIdentity(splitCommand(command)));
  const commands = ["rm a b", "rm 'a b'", "rm --yes-token a", "rm --yes-token b", "rm http://h?m=a", "rm http://h?m=b"];
  expect(new Set(commands.map(identityOf)).size).toBe(commands.length);
  const [one, two] = ["one", "two"].map((key) => identityOf(`rm http://h?m=a --api-key ${key}`));
  expect(one).toBe(two);
  expect(one).not.toContain("one");
});
