import { Command, InvalidArgumentError } from "commander";
import { resolve } from "node:path";
import { RmbenchError } from "../../errors.ts";
import type { StoreInfo } from "../../inference/lmdb-store.ts";
import { counted } from "../../report/numbers.ts";
import { configOf } from "../config.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";

export function storeCommand(context: CliContext): Command {
  const folderOf = async (flag: string | undefined) => {
    const flags = flag === undefined ? {} : { store: flag };
    const { values } = await configOf(flags, context);
    return existing(values.store, context.cwd);
  };
  const command = new Command("store").description(
    "Looks after the score store, where every score is kept between runs.",
  );
  command
    .command("info")
    .description("prints the store's place and size, and how many scores each model has in it")
    .option("--store <folder>", "the store's folder")
    .option("--json", "print JSON")
    .action(async (flags: { store?: string; json?: boolean }) => {
      const { storeInfo } = await import("../../inference/lmdb-store.ts");
      const { models, ...place } = await storeInfo(await folderOf(flags.store));
      const info = { ...place, models: models.filter(({ scores }) => scores > 0) };
      context.stdout.write(flags.json === true ? `${JSON.stringify(info, null, 2)}\n` : render(info));
    });
  command
    .command("prune")
    .description("deletes the scores of models that were not used for some days")
    .requiredOption("--older-than <days>", "days since the model's last run (0: every model)", days)
    .option("--store <folder>", "the store's folder")
    .option("--yes", "do it; without this, only say what would be deleted")
    .action(async (flags: { store?: string; olderThan: number; yes?: boolean }) => {
      const { lmdbStore } = await import("../../inference/lmdb-store.ts");
      await using store = await lmdbStore(await folderOf(flags.store));
      const before = Date.now() - flags.olderThan * 86_400_000;
      const old = (await store.info()).models.filter(({ lastUsed }) => Date.parse(lastUsed) <= before);
      for (const { identity, model, scores } of old) {
        if (flags.yes === true) await store.forget(identity);
        const verb = flags.yes === true ? "deleted" : "would delete";
        context.stdout.write(`${verb} ${counted(scores, "score")} of ${escapeForTerminal(model)}\n`);
      }
      if (old.length === 0) context.stdout.write("nothing to delete\n");
      else if (flags.yes !== true) context.stdout.write("Repeat with --yes to do it.\n");
    });
  return command;
}

function render({ path, bytes, models }: StoreInfo): string {
  const lines = models.map(
    ({ identity, model, scores, lastUsed }) =>
      `  ${identity.slice(0, 12)}  ${lastUsed.slice(0, 10)}  ${String(scores).padStart(9)}  ${escapeForTerminal(model)}\n`,
  );
  return `${path}: ${(bytes / 2 ** 20).toFixed(1)} MiB, ${counted(models.length, "model")}\n${lines.join("")}`;
}

function days(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InvalidArgumentError("must be a number of days");
  return Number(text);
}

async function existing(name: string, cwd: string): Promise<string> {
  const { storeExists } = await import("../../inference/lmdb-store.ts");
  const folder = resolve(cwd, name);
  if (name !== "none" && (await storeExists(folder))) return folder;
  throw new RmbenchError(
    "usage",
    name === "none" ? "no scores are kept (store: none)" : `there is no score store in ${folder}`,
    {
      hint: "`rmbench run` makes one; name another folder with --store.",
    },
  );
}
