import { RmbenchError } from "../errors.ts";
import { identityHash } from "../inference/key.ts";
import type { CombinationSpec } from "../models/combination-spec.ts";
import type { DeviceReport } from "../models/reward-model.ts";
import type { QuestionKind } from "../questions/question.ts";
import type { Report } from "../report/schema.ts";
import { refuseMisaligned } from "../scores/combine/aligned.ts";
import type { Combination, CombinationPlan } from "../scores/combine/combination.ts";
import { combinations } from "../scores/combine/registry.ts";
import type { RunContext } from "./context.ts";
import type { RunRequest } from "./request.ts";
import type { CollectedScores, DescribedSource } from "./source.ts";

/** Raised when a combination's formula changes, so that its numbers are not taken for the old ones. */
const formulas = "1";

/**
 * An ensemble or a wrapper as the source of a run. The members are scored one after the other, each with its own stored
 * scores; their tables are then combined.
 * @param describe describes a member, which may be a combination.
 * @throws RmbenchError `usage` where members or parameters do not fit the combination, or their questions each other.
 */
export async function describeCombined(
  spec: CombinationSpec,
  request: RunRequest,
  describe: (member: string) => Promise<DescribedSource>,
): Promise<DescribedSource> {
  const combination = combinations[spec.name];
  refuseNumber(spec, combination);
  const plan = combination.plan(spec.parameter);
  if (plan.wholeRun && request.selection.shard !== null) {
    throw new RmbenchError("usage", `${spec.id} cannot be run in shards: its scores depend on each other`, {
      hint: "score its members in shards, merge those, and combine the merged runs: ensemble:mean(scores:<run>/scores.arrow, …)",
    });
  }
  const members: DescribedSource[] = [];
  for (const member of spec.members) members.push(await describe(member));
  return {
    model: modelOf(spec, plan, members, request.seed),
    asks: asksOf(spec, plan, members),
    takesContext: members.every(({ takesContext }) => takesContext),
    paid: members.some(({ paid }) => paid),
    collect: async (parts, context) => {
      const collected: CollectedScores[] = [];
      for (const member of members) collected.push(await member.collect(parts, naming(member, context)));
      const scored = members.map(({ model }, m) => ({ id: model.id, tables: collected[m]!.tables }));
      refuseMisaligned(scored);
      return {
        tables: plan.combine(scored, request.seed),
        replay: replayOf(collected),
        device: deviceOf(collected),
      };
    },
  };
}

function refuseNumber({ id, members }: CombinationSpec, { name, members: takes, summary }: Combination): void {
  if (takes === "one" ? members.length === 1 : members.length > 1) return;
  const wanted = takes === "one" ? "one model" : "two or more models";
  throw new RmbenchError("usage", `${name} takes ${wanted}, not the ${members.length} of \`${id}\``, { hint: summary });
}

/** What the members' identities, the parameters and the seed of the folds can change. */
function modelOf(
  { id, name }: CombinationSpec,
  plan: CombinationPlan,
  members: readonly DescribedSource[],
  seed: string,
): Report["model"] {
  const models = members.map(({ model }) => model);
  const hashes = models.map(({ identity }, m) => [`member ${m + 1}`, identityHash(identity)] as const);
  const notices = [...new Set(models.flatMap(({ notice }) => notice ?? []))];
  return {
    id,
    identity: {
      combination: name,
      formulas,
      ...plan.parameters,
      ...(plan.seeded && { seed }),
      ...Object.fromEntries(hashes),
    },
    output: plan.output(models.map(({ output }) => output)),
    notice: notices.length === 0 ? null : notices.join(" "),
    replayed: models.every(({ replayed }) => replayed),
    members: models.map((model) => ({ id: model.id, identity: model.identity })),
  };
}

function asksOf({ id }: CombinationSpec, plan: CombinationPlan, members: readonly DescribedSource[]): QuestionKind[] {
  const common = plan.asks.filter((kind) => members.every(({ asks }) => asks.includes(kind)));
  if (common.length > 0) return common;
  const said = members.map(({ model, asks }) => `${model.id} answers ${asks.join(" and ")} questions`).join(", ");
  throw new RmbenchError(
    "usage",
    `\`${id}\` cannot be combined: it takes ${plan.asks.join(" or ")} scores, and ${said}`,
  );
}

/** A warning of one member says whose it is. */
function naming({ model }: DescribedSource, context: RunContext): RunContext {
  return { ...context, warn: (message) => context.warn(`${model.id}: ${message}`) };
}

function replayOf(collected: readonly CollectedScores[]): Report["replay"] {
  const replays = collected.flatMap(({ replay }) => replay ?? []);
  if (replays.length === 0) return null;
  const sum = (of: "scores" | "matched" | "unmatched"): number => replays.reduce((total, one) => total + one[of], 0);
  return { scores: sum("scores"), matched: sum("matched"), unmatched: sum("unmatched") };
}

/** What all members ran on, each thing once. */
function deviceOf(collected: readonly CollectedScores[]): DeviceReport | null {
  const devices = collected.flatMap(({ device }) => device ?? []);
  if (devices.length < 2) return devices[0] ?? null;
  const joined = (texts: readonly (string | null)[]): string | null =>
    [...new Set(texts.filter((text) => text !== null))].join(" + ") || null;
  const nodes = new Map<string, number>();
  for (const device of devices) {
    for (const [name, count] of Object.entries(device.nodes ?? {})) nodes.set(name, (nodes.get(name) ?? 0) + count);
  }
  return {
    requested: joined(devices.map(({ requested }) => requested))!,
    used: joined(devices.map(({ used }) => used))!,
    nodes: nodes.size === 0 ? null : Object.fromEntries(nodes),
    driver: joined(devices.map(({ driver }) => driver)),
    dtype: joined(devices.map(({ dtype }) => dtype)),
    runtime: joined(devices.map(({ runtime }) => runtime)),
  };
}
