import type { ModelOptions } from "../../models/reward-model.ts";
import { counted, decimal } from "../../report/numbers.ts";
import type { Comparison } from "../../run/against.ts";
import { modelContext, type CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { exitCodes } from "../exit-code.ts";

export interface AgainstFlags {
  against: string;
  suite: string;
  tolerance: number;
  json?: boolean;
}

/** Items shown; all of them are in the JSON. */
const most = 20;

/** `rmbench doctor <model> --against <outputs.jsonl> -s <suite>`: exit code 1 where a score moved. */
export async function doctorAgainst(
  spec: string,
  options: ModelOptions,
  { against, suite, tolerance, json }: AgainstFlags,
  context: CliContext,
): Promise<void> {
  const { compareAgainst } = await import("../../run/against.ts");
  const outside = {
    ...modelContext(context),
    emit: () => undefined,
    now: () => new Date(),
    argv: context.argv,
  };
  const found = await compareAgainst(spec, options, against, suite, tolerance, outside);
  if (found.moved.length > 0) context.exitCode.value = exitCodes.failed;
  context.stdout.write(
    json === true ? `${JSON.stringify({ tolerance, ...found }, null, 2)}\n` : render(found, tolerance),
  );
}

function render({ rows, joined, flipped, moved, settings }: Comparison, tolerance: number): string {
  const unexplained = moved.filter(({ setting }) => setting === null).length;
  const lines = [
    `${counted(rows, "row")}, ${joined} joined to pairs: ${joined - moved.length} agree within ${tolerance}, ${moved.length} moved, ${counted(flipped, "verdict")} flipped`,
    ...settings.map(
      ({ setting, flags, items }) =>
        `${items} of ${moved.length} moved by: ${setting}${flags === "" ? "" : ` (${flags})`}`,
    ),
    ...(unexplained > 0
      ? [
          `${unexplained} of ${moved.length} moved by none of the settings tried (BOS, turn labels, cut, template): compare the weights' revision, dtype and quantisation`,
        ]
      : []),
    ...moved.slice(0, most).map(({ subset, id, here, there, flipped: turned, setting }) => {
      const side = (name: "chosen" | "rejected") => `${name} ${shown(there[name])} there, ${shown(here[name])} here`;
      return `  ${subset}/${id}: ${side("chosen")}; ${side("rejected")}${turned ? "; FLIPPED" : ""}${setting === null ? "" : `; ${setting}`}`;
    }),
    ...(moved.length > most ? [`  and ${moved.length - most} more in --json`] : []),
  ];
  return `${lines.map((line) => escapeForTerminal(line)).join("\n")}\n`;
}

function shown(score: number): string {
  return Number.isNaN(score) ? "none" : decimal(score);
}
