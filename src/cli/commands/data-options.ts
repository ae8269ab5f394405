import { type Command, Option } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { ImportOptions } from "../../pairs/import/import.ts";
import { formats, type Format } from "../../pairs/import/record.ts";
import { collect } from "../arguments.ts";
import type { CliContext } from "../context.ts";

/** Flags that say how a file of pairs is read; shared by all commands that take one. */
export interface ReadFlags {
  format?: Format;
  layout?: string;
  map?: string[];
  contrastResponse: "j" | "k";
  mirror?: boolean;
  ragTemplate: "auto" | "prompt-only" | "paper";
}

export function addReadFlags(command: Command): Command {
  return command
    .addOption(new Option("--format <format>", "format, where the first bytes do not tell").choices(formats))
    .option("--layout <layout>", "layout, where recognition is not wanted (the error for a wrong one lists them)")
    .option("--map <pair=column>", "read a column of a pair from a column of the file (repeatable)", collect)
    .addOption(
      new Option(
        "--contrast-response <side>",
        "contrast rows: j is what people preferred, k what the paper's code used",
      )
        .choices(["j", "k"])
        .default("j"),
    )
    .option("--mirror", "contrast rows: read each from its other side too")
    .addOption(
      new Option("--rag-template <how>", "RAG-RewardBench: whether to append the question to the references")
        .choices(["auto", "prompt-only", "paper"])
        .default("auto"),
    );
}

/** The options of an import from the flags; rows that cannot be read end the command. */
export async function importOptions(flags: ReadFlags, context: CliContext): Promise<ImportOptions> {
  const [{ parseColumnMap }, { errorAt }] = await Promise.all([
    import("../../pairs/import/map.ts"),
    import("../../pairs/import/record.ts"),
  ]);
  return {
    cwd: context.cwd,
    stdin: context.stdin as AsyncIterable<Uint8Array>,
    format: flags.format,
    layout: flags.layout,
    map: flags.map === undefined ? undefined : parseColumnMap(flags.map),
    layoutOptions: {
      contrastResponse: flags.contrastResponse,
      mirror: flags.mirror === true,
      ragTemplate: flags.ragTemplate,
    },
    onProblem: (source, row, problem) => {
      throw errorAt(source, row, problem);
    },
  };
}

/** Refuses a file without a single row of pairs: nothing that was asked for may pass as done. */
export function refuseEmpty(name: string, pairs: number): void {
  if (pairs > 0) return;
  throw new RmbenchError("data", `${name} holds no pairs`, { hint: "check how the file was written" });
}
