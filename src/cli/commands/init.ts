import { Command } from "commander";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { configFileName, envName, flagName } from "../../config/resolve.ts";
import { configKeys, configSchema } from "../../config/schema.ts";
import { messageOf, RmbenchError } from "../../errors.ts";
import type { CliContext } from "../context.ts";

export function initCommand(context: CliContext): Command {
  return new Command("init")
    .description(`Writes a commented ${configFileName} with every setting at its default.`)
    .option("--force", "replace a configuration that is there")
    .action(async ({ force }: { force?: boolean }) => {
      const file = resolve(context.cwd, configFileName);
      try {
        await writeFile(file, configTemplate(), { flag: force === true ? "w" : "wx" });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "EEXIST") {
          throw new RmbenchError("usage", `${file} exists already`, { hint: "Add --force to replace it." });
        }
        throw new RmbenchError("machine", `${file} cannot be written: ${messageOf(error)}`, { cause: error });
      }
      context.stdout.write(`${file}\n`);
    });
}

/** Every setting, commented out where it has no default. */
function configTemplate(): string {
  const lines = [
    "# yaml-language-server: $schema=./node_modules/rmbench/schema/config.schema.json",
    "# Settings of `rmbench run`. A flag wins over its environment variable, which wins over this file.",
  ];
  for (const key of configKeys) {
    const schema = configSchema.shape[key];
    const fallback: unknown = schema.parse(undefined);
    lines.push("", `# ${schema.meta()?.description ?? ""}`, `# Flag ${flagName(key)}, environment ${envName(key)}.`);
    lines.push(fallback === undefined ? `# ${key}:` : `${key}: ${JSON.stringify(fallback)}`);
  }
  return `${lines.join("\n")}\n`;
}
