import { Command, InvalidArgumentError } from "commander";
import { resolve } from "node:path";
import { defaultRules, type Audit, type AuditRules } from "../../audit/labels.ts";
import type { Voter } from "../../audit/strengths.ts";
import { RmbenchError } from "../../errors.ts";
import { count } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { checkOutput } from "../outputs.ts";
import { renderOptions } from "../terminal.ts";
import { agreementCommand } from "./audit-agreement.ts";
import { controllabilityCommand } from "./audit-controllability.ts";
import { downstreamCommand } from "./audit-downstream.ts";

interface AuditFlags extends AuditRules {
  raw?: boolean;
  limit: number;
  output?: string;
  flags?: string;
  json?: boolean;
}

/** `rmbench audit <runs…>`, `audit agreement`, `audit controllability` and `audit downstream`. */
export function auditCommand(context: CliContext): Command {
  return new Command("audit")
    .description(
      "Looks for wrong labels by the vote of several models, from their runs on the same pairs. Never edits a label.",
    )
    .argument("<runs...>", "folders of runs, or their scores.arrow: at least two models, better four and more")
    .option("--raw", "keep each model's own unit: by default margins are divided by their standard deviation")
    .option("--incorrect-below <mu>", "mean preference strength below which a label is called incorrect", number, 0)
    .option(
      "--ambiguous-share <share>",
      "share of all pairs, next above those, that is called ambiguous",
      share,
      defaultRules.ambiguousShare,
    )
    .option(
      "--strong-share <share>",
      "share of all pairs at the top that is called strong",
      share,
      defaultRules.strongShare,
    )
    .option("-n, --limit <pairs>", "pairs shown of each suite, the most suspicious first", count, 20)
    .option("-o, --output <file>", "write every pair as a sheet to review (.csv)")
    .option("--flags <file>", "write every pair's suggestion as Arrow (.arrow)")
    .option("--json", "print JSON")
    .action(async (names: string[], flags: AuditFlags) => audit(names, flags, context))
    .addCommand(agreementCommand(context))
    .addCommand(controllabilityCommand(context))
    .addCommand(downstreamCommand(context));
}

async function audit(names: readonly string[], flags: AuditFlags, context: CliContext): Promise<void> {
  const { cwd, stdout, stderr } = context;
  const { raw = false, incorrectBelow, ambiguousShare, strongShare } = flags;
  const rules = { incorrectBelow, ambiguousShare, strongShare };
  if (ambiguousShare + strongShare > 1) {
    throw new RmbenchError(
      "usage",
      `--ambiguous-share ${ambiguousShare} and --strong-share ${strongShare} are more than all`,
      { hint: "together they can be 1 at most" },
    );
  }
  const sheet = await outputPath(flags.output, "csv", "audit.csv", cwd);
  const arrow = await outputPath(flags.flags, "arrow", "flags.arrow", cwd);
  const { openScores } = await import("../../run/open-scores.ts");
  const { votersOf } = await import("../../audit/vote.ts");
  const { strengthsOf } = await import("../../audit/strengths.ts");
  const { auditPairs } = await import("../../audit/labels.ts");
  const ballots = [];
  for (const name of names) ballots.push(await openScores(name, cwd));
  const { voters, warnings } = votersOf(ballots);
  for (const warning of warnings) stderr.write(`rmbench: ${escapeForTerminal(warning)}\n`);
  const audits = new Map<string, Audit>();
  for (const [suite, own] of voters) audits.set(suite, auditPairs(strengthsOf(suite, own, !raw), rules));
  const models = Object.fromEntries([...voters].map(([suite, own]) => [suite, own.map(({ name }) => name)]));
  const about = { models, normalised: !raw, rules };
  if (sheet !== null || arrow !== null) {
    const { writeFileAside } = await import("../../report/write.ts");
    const { encodeFlags, renderReview } = await import("../../audit/files.ts");
    if (sheet !== null) await writeFileAside(sheet, renderReview(audits));
    if (arrow !== null) await writeFileAside(arrow, encodeFlags(audits, JSON.stringify(about)));
  }
  if (flags.json === true) {
    const suites = [...audits].map(([suite, found]) => ({ suite, ...found }));
    stdout.write(`${JSON.stringify({ ...about, suites }, null, 2)}\n`);
    return;
  }
  await print(audits, voters, rules, flags, context);
  for (const path of [sheet, arrow]) if (path !== null) stdout.write(`${path}\n`);
}

async function print(
  audits: ReadonlyMap<string, Audit>,
  voters: ReadonlyMap<string, readonly Voter[]>,
  rules: AuditRules,
  flags: AuditFlags,
  { stdout, env }: CliContext,
): Promise<void> {
  const { auditTable } = await import("./audit-table.ts");
  const look = renderOptions(stdout, env);
  const tables = [...audits].map(([suite, found]) =>
    auditTable(suite, voters.get(suite)!, found, rules, flags.raw !== true, flags.limit, look),
  );
  stdout.write(tables.join("\n"));
}

/** @throws RmbenchError `usage` for another extension, or a file that is not of this kind. */
async function outputPath(name: string | undefined, extension: string, kind: string, cwd: string) {
  if (name === undefined) return null;
  if (!name.toLowerCase().endsWith(`.${extension}`))
    throw new RmbenchError("usage", `${name} is no .${extension} file`, { hint: `name it <file>.${extension}` });
  const path = resolve(cwd, name);
  await checkOutput(path, kind);
  return path;
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("must be a number");
  return value;
}

function share(text: string): number {
  const value = number(text);
  if (value < 0 || value > 1) throw new InvalidArgumentError("must be a share in [0, 1]");
  return value;
}
