import { Command } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";

const level = 0.95;

/** `rmbench audit agreement <pointwise-run> <pairwise-run>`. */
export function agreementCommand(context: CliContext): Command {
  return new Command("agreement")
    .description("How often the ratings and the rankings of one judge prefer the same response, equality included.")
    .argument("<pointwise-run>", "run in which the judge rated single responses")
    .argument("<pairwise-run>", "run in which it compared them, on the same pairs")
    .option("--json", "print JSON")
    .action(async (pointwise: string, pairwise: string, _flags: object, command: Command) => {
      // `audit` has a --json, too, and takes the one that stands behind a command of its own.
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const { openScores } = await import("../../run/open-scores.ts");
      const { ratingRankingAgreement } = await import("../../audit/agreement.ts");
      const [ratings, rankings] = [await openScores(pointwise, context.cwd), await openScores(pairwise, context.cwd)];
      const shared = [...ratings.tables.keys()].filter((suite) => rankings.tables.has(suite));
      if (shared.length === 0)
        throw new RmbenchError("usage", `${pointwise} and ${pairwise} have no suite in common`, {
          hint: "run the judge on one suite, once by ratings and once by comparisons",
        });
      const suites = shared.map((suite) => ({
        suite,
        ...ratingRankingAgreement(suite, ratings.tables.get(suite)!, rankings.tables.get(suite)!, level),
      }));
      if (json === true) {
        context.stdout.write(
          `${JSON.stringify({ ratings: ratings.model, rankings: rankings.model, level, suites }, null, 2)}\n`,
        );
        return;
      }
      const { preferenceSigns } = await import("../../stats/sign-agreement.ts");
      const { percent } = await import("../../report/numbers.ts");
      const lines = suites.flatMap(({ suite, n, agreeing, share, interval, leftOut, confusion }) => {
        const bounds = interval === null ? "" : ` [${interval.map((bound) => (bound * 100).toFixed(1)).join(", ")}]`;
        return [
          `${suite}: ${share === null ? "no agreement to count" : `${percent(share)}${bounds} agree`} (${agreeing} of ${n}; ${leftOut} left out)`,
          `  ${"rating \\ ranking".padEnd(18)}${preferenceSigns.map((sign) => sign.padStart(10)).join("")}`,
          ...confusion.map(
            (row, r) => `  ${preferenceSigns[r]!.padEnd(18)}${row.map((cell) => String(cell).padStart(10)).join("")}`,
          ),
        ];
      });
      context.stdout.write(`${lines.map((line) => escapeForTerminal(line)).join("\n")}\n`);
    });
}
