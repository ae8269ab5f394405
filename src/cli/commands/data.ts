import { Command } from "commander";
import type { CliContext } from "../context.ts";
import { importCommand } from "./data-import.ts";
import { showDataCommand, statsCommand } from "./data-show.ts";
import { validateCommand } from "./data-validate.ts";

/** `rmbench data import|validate|show|stats`. */
export function dataCommand(context: CliContext): Command {
  return new Command("data")
    .description("Imports, validates and shows preference pairs.")
    .addCommand(importCommand(context))
    .addCommand(validateCommand(context))
    .addCommand(showDataCommand(context))
    .addCommand(statsCommand(context));
}
