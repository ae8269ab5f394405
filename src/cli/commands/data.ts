import { Command } from "commander";
import type { Measure } from "../../pairs/validate.ts";
import type { CliContext } from "../context.ts";
import { importCommand } from "./data-import.ts";
import { showDataCommand, statsCommand } from "./data-show.ts";
import { validateCommand } from "./data-validate.ts";

export interface DataSeams {
  /** Makes what `validate --model` measures pairs with; absent: the flag is refused. */
  measure?: (model: string, context: CliContext) => Promise<Measure>;
}

/** `rmbench data import|validate|show|stats`. */
export function dataCommand(context: CliContext, seams: DataSeams = {}): Command {
  return new Command("data")
    .description("Imports, validates and shows preference pairs.")
    .addCommand(importCommand(context))
    .addCommand(validateCommand(context, seams))
    .addCommand(showDataCommand(context))
    .addCommand(statsCommand(context));
}
