import { Command } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import type { NamedScores } from "../../run/open-scores.ts";
import { escapeForTerminal } from "../escape.ts";

const level = 0.95;

/** @throws RmbenchError `usage` where the runs are not of one judge, or differ not at all or in more than its principles. */
function refuseOthers(plain: NamedScores, negated: NamedScores): void {
  const hint = "run one judge twice, the second time with the principle's name under judge.negate";
  if (plain.identity === negated.identity) {
    throw new RmbenchError("usage", `${plain.name} and ${negated.name} are of one model with the same principles`, {
      hint,
    });
  }
  const [a, b] = [plain.identityParts, negated.identityParts];
  const stranger = [plain, negated].find(
    ({ identityParts }) => !(identityParts?.["adapter"] ?? "").startsWith("judge "),
  );
  if (a === null || b === null || stranger !== undefined) {
    throw new RmbenchError(
      "usage",
      `${stranger?.name ?? plain.name} is no run of a judge, so no principle was negated`,
      { hint },
    );
  }
  const others = [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (key) => key !== "given" && a[key] !== b[key],
  );
  if (others.length === 0) return;
  throw new RmbenchError(
    "usage",
    `${plain.name} and ${negated.name} differ not only in the judge's principles, but in its ${others.join(", ")}`,
    { hint },
  );
}

/** `rmbench audit controllability <run> <negated-run>`. */
export function controllabilityCommand(context: CliContext): Command {
  return new Command("controllability")
    .description("How often a preference flips when a principle that the judge is told is negated (SALMON).")
    .argument("<run>", "run of a judge with its principles (--judge principle)")
    .argument("<negated-run>", "run of the same judge on the same pairs, with a principle negated")
    .option("--json", "print JSON")
    .action(async (run: string, negatedRun: string, _flags: object, command: Command) => {
      // `audit` has a --json, too, and takes the one that stands behind a command of its own.
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const { openScores } = await import("../../run/open-scores.ts");
      const { controllability } = await import("../../audit/controllability.ts");
      const [plain, negated] = [await openScores(run, context.cwd), await openScores(negatedRun, context.cwd)];
      refuseOthers(plain, negated);
      const shared = [...plain.tables.keys()].filter((suite) => negated.tables.has(suite));
      if (shared.length === 0) {
        throw new RmbenchError("usage", `${run} and ${negatedRun} have no suite in common`, {
          hint: "run the model on one suite, once with a principle and once with its negation",
        });
      }
      const suites = shared.map((suite) => ({
        suite,
        ...controllability(suite, plain.tables.get(suite)!, negated.tables.get(suite)!, level),
      }));
      if (json === true) {
        const told = { model: plain.model, negated: negated.model, level, suites };
        context.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
        return;
      }
      const { percent } = await import("../../report/numbers.ts");
      for (const { suite, n, flipped, undecided, leftOut, share, interval } of suites) {
        const bounds = interval === null ? "" : ` [${interval.map((bound) => (bound * 100).toFixed(1)).join(", ")}]`;
        const said = share === null ? "no preference to flip" : `${percent(share)}${bounds} flip`;
        const line = `${suite}: ${said} (${flipped} of ${n}, ${undecided} become ties; ${leftOut} left out)`;
        context.stdout.write(`${escapeForTerminal(line)}\n`);
      }
    });
}
