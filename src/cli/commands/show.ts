import { Command } from "commander";
import type { PreferencePair, Response } from "../../pairs/pair.ts";
import type { Suite } from "../../suites/load.ts";
import { counted } from "../../report/numbers.ts";
import { count } from "../arguments.ts";
import type { CliContext } from "../context.ts";
import { labelled } from "../labelled.ts";
import { renderOptions } from "../terminal.ts";

export function showCommand(context: CliContext): Command {
  return new Command("show")
    .description("Shows a suite: its card, its size and some of its pairs.")
    .argument("<suite>", "bundled id, definition (.yaml) or file of pairs (.arrow)")
    .option("--pairs <count>", "how many pairs to show", count, 2)
    .option("--json", "print the definition as JSON")
    .action(async (name: string, options: { pairs: number; json?: boolean }) => {
      const { loadSuite } = await import("../../suites/load.ts");
      const suite = await loadSuite(name, context.cwd);
      if (options.json === true) {
        const { pairsPath: _path, bare: _bare, ...definition } = suite;
        context.stdout.write(`${JSON.stringify(definition, null, 2)}\n`);
        return;
      }
      const { openPairs } = await import("../../pairs/arrow-reader.ts");
      const sizes = {
        pairs: 0,
        subsets: new Map<string, number>(),
        directions: new Map<string, number>(),
        clusters: new Set<string>(),
      };
      const examples: PreferencePair[] = [];
      for await (const window of await openPairs(suite.pairsPath)) {
        for (const pair of window) {
          sizes.pairs++;
          tally(sizes.subsets, pair.subset);
          if (pair.direction !== null) tally(sizes.directions, pair.direction);
          if (pair.cluster !== null) sizes.clusters.add(pair.cluster);
          if (examples.length < options.pairs) examples.push(pair);
        }
      }
      const { width } = renderOptions(context.stdout, context.env);
      context.stdout.write(labelled(describe(suite, sizes), width));
      for (const pair of examples) context.stdout.write(`\n${labelled(describePair(pair), width)}`);
    });
}

function tally(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

interface Sizes {
  pairs: number;
  subsets: ReadonlyMap<string, number>;
  directions: ReadonlyMap<string, number>;
  clusters: ReadonlySet<string>;
}

function describe(suite: Suite, { pairs, subsets, directions, clusters }: Sizes): [string, string][] {
  const counts = (of: ReadonlyMap<string, number>) => [...of].map(([name, n]) => `${name} ${n}`).join(", ");
  const lines: [string, string][] = [
    [suite.id, suite.title],
    ["version", suite.version],
    ["protocol", suite.protocol],
    ["pairs", `${pairs}${clusters.size > 0 ? ` in ${counted(clusters.size, "cluster")}` : ""}`],
    ["subsets", counts(subsets)],
    ["directions", counts(directions)],
    ["chance", suite.protocol === "best-of-n" ? "the share of chosen responses" : String(suite.chance)],
    ["licence", suite.licence ?? "not stated"],
  ];
  if (suite.card !== undefined) {
    const { measures, made, after, doesNotMean, knownHoles, versionPolicy } = suite.card;
    lines.push(
      ["measures", measures],
      ["made", made],
      ["after", after.join("; ")],
      ["a score does not mean", doesNotMean],
    );
    for (const hole of knownHoles) lines.push(["known hole", hole]);
    lines.push(["versions", versionPolicy]);
  }
  return lines.flatMap(([name, text]) => (text === "" ? [] : [[name, text.trim()]]));
}

function describePair(pair: PreferencePair): [string, string][] {
  const parts: [string, string][] = [[`${pair.subset}/${pair.id}`, pair.direction ?? ""]];
  for (const [i, document] of (pair.documents ?? []).entries()) parts.push([`document [${i + 1}]`, document.text]);
  for (const message of pair.prompt) parts.push([message.role, message.content]);
  for (const message of pair.rejectedPrompt ?? []) parts.push([`rejected prompt: ${message.role}`, message.content]);
  for (const response of pair.chosen) parts.push(["chosen", responseText(response)]);
  for (const response of pair.rejected) parts.push(["rejected", responseText(response)]);
  return parts;
}

function responseText(response: Response): string {
  return typeof response === "string" ? response : response.map((m) => `${m.role}: ${m.content}`).join(" | ");
}
