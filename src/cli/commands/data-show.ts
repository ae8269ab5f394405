import { Command } from "commander";
import { RmbenchError } from "../../errors.ts";
import type { Message, PreferencePair, Response } from "../../pairs/pair.ts";
import type { PairStats, Spread } from "../../pairs/stats.ts";
import { collect, count } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { escapeForTerminal } from "../escape.ts";
import { addReadFlags, importOptions, type ReadFlags, refuseEmpty } from "./data-options.ts";

interface ShowFlags extends ReadFlags {
  n: number;
  id?: string[];
  json?: boolean;
}

export function showDataCommand(context: CliContext): Command {
  const command = new Command("show")
    .description("Shows pairs of a file as they would be imported.")
    .argument("<file>", "file of pairs (- for stdin)");
  return addReadFlags(command)
    .option("-n, --n <count>", "how many pairs", count, 3)
    .option("--id <id>", "show the pair with this id, or subset/id (repeatable)", collect)
    .option("--json", "print a JSON object per line")
    .action(async (input: string, flags: ShowFlags) => {
      const wanted = new Set(flags.id);
      let left = wanted.size > 0 ? Number.POSITIVE_INFINITY : flags.n;
      let [shown, read] = [0, 0];
      for await (const window of await pairsOf(input, flags, context)) {
        read += window.length;
        for (const pair of window) {
          if (wanted.size > 0 && !wanted.has(pair.id) && !wanted.has(`${pair.subset}/${pair.id}`)) continue;
          if (left-- <= 0) break;
          shown++;
          context.stdout.write(flags.json === true ? `${JSON.stringify(plain(pair))}\n` : textOf(pair));
        }
        if (left <= 0) break;
      }
      if (wanted.size === 0) refuseEmpty(input, Math.max(read, flags.n === 0 ? 1 : 0));
      else if (shown === 0) {
        throw new RmbenchError("usage", `${input} has no pair with the id ${[...wanted].join(", ")}`, {
          hint: "ids are listed by `rmbench data show <file> --n 20`",
        });
      }
    });
}

export function statsCommand(context: CliContext): Command {
  const command = new Command("stats")
    .description("Counts what a file of pairs is made of: subsets, directions, clusters, shapes, lengths.")
    .argument("<file>", "file of pairs (- for stdin)");
  return addReadFlags(command)
    .option("--json", "print JSON")
    .action(async (input: string, flags: ReadFlags & { json?: boolean }) => {
      const { pairStats } = await import("../../pairs/stats.ts");
      const stats = await pairStats(await pairsOf(input, flags, context));
      refuseEmpty(input, stats.pairs);
      context.stdout.write(flags.json === true ? `${JSON.stringify(stats, null, 2)}\n` : statsText(stats));
    });
}

async function pairsOf(
  input: string,
  flags: ReadFlags,
  context: CliContext,
): Promise<AsyncIterable<readonly PreferencePair[]>> {
  const { openImport } = await import("../../pairs/import/import.ts");
  const { pairs } = await openImport(input, await importOptions(flags, context));
  return (async function* () {
    for await (const window of pairs) {
      context.signal.throwIfAborted();
      yield window.map(({ pair }) => pair);
    }
  })();
}

const plain = (pair: PreferencePair): object => ({
  ...pair,
  images: pair.images?.map((image) => ({ bytes: image.byteLength })) ?? null,
});

function* turnLines(turns: readonly Message[]): Generator<[string, string]> {
  for (const { role, content } of turns) yield [role, content];
}

function* responseLines(name: string, responses: readonly Response[]): Generator<[string, string]> {
  for (const [i, response] of responses.entries()) {
    const numbered = responses.length > 1 ? `${name} ${i + 1}` : name;
    if (typeof response === "string") yield [numbered, response];
    else for (const [role, content] of turnLines(response)) yield [`${numbered}: ${role}`, content];
  }
}

function* linesOf(pair: PreferencePair): Generator<[string, string]> {
  yield* turnLines(pair.prompt);
  for (const document of pair.documents ?? []) yield [`document ${document.id}`, `${document.title} ${document.text}`];
  if (pair.tools !== null) yield ["tools", pair.tools];
  yield* responseLines("chosen", pair.chosen);
  for (const [role, content] of turnLines(pair.rejectedPrompt ?? [])) yield [`rejected prompt: ${role}`, content];
  yield* responseLines("rejected", pair.rejected);
  if (pair.grades !== null) yield ["grades", pair.grades.join(" ")];
  for (const step of pair.steps ?? []) yield [`step ${step.label}`, step.text];
  for (const key of ["strength", "user", "language", "weight"] as const) {
    if (pair[key] !== null) yield [key, String(pair[key])];
  }
  for (const [key, value] of Object.entries(pair.tags)) yield [`tag ${key}`, value];
}

function textOf(pair: PreferencePair): string {
  const about = [pair.direction, pair.cluster === null ? null : `cluster ${pair.cluster}`].filter(
    (one) => one !== null,
  );
  const head = [`${pair.subset}/${pair.id}`, ...about].join("  ");
  const lines = [...linesOf(pair)].map(([name, text]) => `  ${escapeForTerminal(name)}: ${escapeForTerminal(text)}\n`);
  return `${escapeForTerminal(head)}\n${lines.join("")}\n`;
}

function statsText(stats: PairStats): string {
  const list = (counts: Record<string, number>, most = 40): string => {
    const entries = Object.entries(counts);
    const more = entries.length > most ? `, … ${entries.length - most} more` : "";
    return `${entries
      .slice(0, most)
      .map(([name, n]) => `${name} ${n}`)
      .join(", ")}${more}`;
  };
  const spread = (value: Spread | null): string =>
    value === null
      ? ""
      : `min ${value.min}, median ${value.median}, mean ${value.mean.toFixed(1)}, p95 ${value.p95}, max ${value.max}`;
  const lines: [string, string][] = [
    ["pairs", String(stats.pairs)],
    ["clusters", `${stats.clusters} (largest ${stats.largestCluster})`],
    ["subsets", list(stats.subsets)],
    ["directions", list(stats.directions)],
    ["shapes", list(stats.shapes)],
    ["prompt turns", list(stats.turns)],
    ["with documents", stats.withDocuments === 0 ? "" : String(stats.withDocuments)],
    ["with tools", stats.withTools === 0 ? "" : String(stats.withTools)],
    ["prompt length", spread(stats.lengths.prompt)],
    ["chosen length", spread(stats.lengths.chosen)],
    ["rejected length", spread(stats.lengths.rejected)],
    ["chosen is longer", stats.chosenLonger === null ? "" : `${(100 * stats.chosenLonger).toFixed(1)} %`],
    ["tags", list(stats.tags)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines
    .filter(([, text]) => text !== "")
    .map(([name, text]) => `${name.padEnd(width)}  ${escapeForTerminal(text)}\n`)
    .join("");
}
