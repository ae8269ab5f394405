import { Command, CommanderError } from "commander";
import { messageOf, RmbenchError } from "../errors.ts";
import { version } from "../package.ts";
import { Interrupted, type CliContext } from "./context.ts";
import { escapeForTerminal } from "./escape.ts";
import { exitCodeOf, exitCodes } from "./exit-code.ts";

const exitCodeHelp = `
Exit codes:
  0  done
  1  gate or a check of doctor failed
  2  nothing was scored: usage, configuration, data, model or machine
  3  scoring began and is incomplete (the report counts what has no score), or rmbench has a bug
  4  inconclusive, where asked for
  130, 143  interrupted (the store keeps what was scored; the same command goes on)`;

/** Commands with their modules, which are loaded only when asked for: \`rmbench --help\` loads none. */
const commands: readonly { name: string; summary: string; load: () => Promise<(context: CliContext) => Command> }[] = [
  {
    name: "run",
    summary: "score suites with a reward model and report accuracy and calibration",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  {
    name: "list",
    summary: "list suites, adapters or runs",
    load: async () => (await import("./commands/list.ts")).listCommand,
  },
  {
    name: "show",
    summary: "show a suite: its card, size and some pairs",
    load: async () => (await import("./commands/show.ts")).showCommand,
  },
  {
    name: "data",
    summary: "import, validate and look at preference pairs",
    load: async () => (await import("./commands/data.ts")).dataCommand,
  },
  {
    name: "report",
    summary: "render a run again: Markdown, JSON, or its scores",
    load: async () => (await import("./commands/report.ts")).reportCommand,
  },
  {
    name: "merge",
    summary: "join the runs of several shards into one",
    load: async () => (await import("./commands/merge.ts")).mergeCommand,
  },
  {
    name: "doctor",
    summary: "test a model: determinism, batching, limits, speed, providers",
    load: async () => (await import("./commands/doctor.ts")).doctorCommand,
  },
  {
    name: "audit",
    summary: "look for wrong labels by the vote of several models; ratings against rankings; accuracy against outcomes",
    load: async () => (await import("./commands/audit.ts")).auditCommand,
  },
  {
    name: "store",
    summary: "inspect or prune the score store",
    load: async () => (await import("./commands/store.ts")).storeCommand,
  },
  {
    name: "init",
    summary: "write a commented rmbench.config.yaml",
    load: async () => (await import("./commands/init.ts")).initCommand,
  },
];

/** Parses the command line and runs it. Never throws: the exit code is left in `context.exitCode`. */
export async function runCli(context: CliContext): Promise<void> {
  try {
    const argv = context.argv.map(kebabCase);
    const program = await buildProgram(context, argv);
    if (argv.length === 0) program.outputHelp();
    else await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) {
      context.exitCode.value = error.exitCode === 0 ? exitCodes.ok : exitCodes.nothingScored;
      return;
    }
    report(context.signal.aborted && !(error instanceof Interrupted) ? context.signal.reason : error, context);
  }
}

async function buildProgram(context: CliContext, argv: readonly string[]): Promise<Command> {
  const program = configured(new Command("rmbench"), context)
    .description("Reward-model benchmark harness: accuracy with intervals, calibration, resumable batched scoring.")
    .version(version, "-V, --version")
    .helpCommand("help [command]", "help for a command")
    .addHelpText("after", exitCodeHelp)
    .hook("preAction", (_program, action) => readSwitches(action, context.env));
  const asked = argv.find((word) => !word.startsWith("-"));
  const named = asked === "help" ? argv[argv.indexOf("help") + 1] : asked;
  for (const { name, summary, load } of commands) {
    const command = name === named ? (await load())(context) : new Command(name);
    configured(command, context).summary(summary);
    for (const child of command.commands) configured(child, context);
    program.addCommand(command);
  }
  return program;
}

function configured(command: Command, context: CliContext): Command {
  return command
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError("(add --help for usage)")
    .configureOutput({
      writeOut: (text) => void context.stdout.write(text),
      writeErr: (text) => void context.stderr.write(text),
      outputError: (text, write) => write(`rmbench: ${text}`),
    });
}

/** Switches that are no settings have variables, too: 1 or true, 0 or false. The flag wins. */
function readSwitches(command: Command, env: CliContext["env"]): void {
  for (const [name, variable] of [
    ["json", "RMBENCH_JSON"],
    ["dryRun", "RMBENCH_DRY_RUN"],
  ] as const) {
    const text = env[variable];
    const exists = command.options.some((option) => option.attributeName() === name);
    if (!exists || text === undefined || text === "" || command.getOptionValue(name) !== undefined) continue;
    if (!/^(1|true|0|false)$/i.test(text))
      throw new RmbenchError("usage", `${variable} is ${JSON.stringify(text)}`, { hint: "give it as 1 or 0" });
    if (/^(1|true)$/i.test(text)) command.setOptionValueWithSource(name, true, "env");
  }
}

/** Long flags may be spelled with underscores, as other evaluation tools spell them. */
function kebabCase(word: string): string {
  if (!word.startsWith("--")) return word;
  const [flag = "", ...rest] = word.split("=");
  return [flag.replaceAll("_", "-"), ...rest].join("=");
}

function report(error: unknown, { stderr, env, exitCode, argv }: CliContext): void {
  exitCode.value = exitCodeOf(error);
  if (error instanceof Interrupted) {
    stderr.write(`\nrmbench: ${escapeForTerminal(error.message)}\n`);
    return;
  }
  if (error instanceof RmbenchError) {
    const lines = error.message.split("\n").map((line) => escapeForTerminal(line));
    stderr.write(`rmbench: ${lines.join("\n  ")}\n`);
    if (error.hint !== undefined) stderr.write(`  ${escapeForTerminal(error.hint)}\n`);
    if (env["RMBENCH_DEBUG"] !== undefined && error.cause !== undefined)
      writeLines(String((error.cause as Error).stack ?? error.cause), stderr);
    return;
  }
  writeLines(`rmbench: this is a bug: ${messageOf(error)}`, stderr);
  if (error instanceof Error) writeLines(error.stack ?? "", stderr);
  writeLines(`rmbench ${version}, node ${process.version}, command: ${argv[0] ?? ""}`, stderr);
}

function writeLines(text: string, stderr: NodeJS.WritableStream): void {
  for (const line of text.split("\n")) stderr.write(`${escapeForTerminal(line)}\n`);
}
