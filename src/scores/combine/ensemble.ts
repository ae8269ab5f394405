import { RmbenchError } from "../../errors.ts";
import { nearest } from "../../nearest.ts";
import { isConstant, mean, sumOf } from "../../stats/sums.ts";
import { worstCode } from "../worst.ts";
import type { Combination, CombinationMember } from "./combination.ts";
import { ensembleRules, meanOf, perEntry, spreadOf, type EnsembleRule, type MemberColumn } from "./ensemble-rules.ts";
import { parseParameters, refuseUnknown } from "./parameters.ts";
import { runColumn, withEntries } from "./run-columns.ts";

const example = "write ensemble:mean(tiny, onnx:./b)";

/**
 * Several models as one. Each member's rewards are first brought to mean 0 and standard deviation 1 over the whole run, since
 * rewards of different models have no common scale; `raw` leaves them as they are. What the members say is kept: as attributes
 * `member 1`, `member 2`, …, and their spread as the standard deviation of the reward.
 */
export const ensemble: Combination = {
  name: "ensemble",
  summary: `ensemble:<rule>[,raw](model, model, …), several models as one; rules: ${ensembleRules.map(({ summary }) => summary).join(", ")}`,
  members: "several",
  plan(parameter) {
    const { words, numbers: given } = parseParameters("ensemble", parameter);
    const [name = "", ...options] = words;
    const rule = ruleNamed(name);
    refuseUnknown(`ensemble:${name}`, options, ["raw"]);
    refuseUnknown(`ensemble:${name}`, Object.keys(given), Object.keys(rule.numbers));
    const numbers = { ...rule.numbers, ...given };
    const normalise = rule.normalises && !options.includes("raw");
    return {
      parameters: {
        rule: name,
        rewards: normalise ? "z-scores over the run" : "raw",
        ...Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, String(value)])),
      },
      asks: name === "lsc" ? ["pointwise"] : ["pointwise", "pairwise"],
      wholeRun: normalise || name === "lsc",
      seeded: false,
      output: () => "other",
      combine: (members) => combineMembers(members, rule, numbers, normalise),
    };
  },
};

function ruleNamed(name: string): EnsembleRule {
  const rule = ensembleRules.find((one) => one.name === name);
  if (rule !== undefined) return rule;
  const names = ensembleRules.map((one) => one.name);
  const near = nearest(name, names);
  throw new RmbenchError(
    "usage",
    name === "" ? "ensemble names no rule" : `ensemble has no rule ${JSON.stringify(name)}`,
    {
      hint: `${near === null || name === "" ? "" : `did you mean ensemble:${near}? `}One of ${names.join(", ")}; ${example}`,
    },
  );
}

function combineMembers(
  members: readonly CombinationMember[],
  rule: EnsembleRule,
  numbers: Readonly<Record<string, number>>,
  normalise: boolean,
): CombinationMember["tables"] {
  const columns = members.map((member) => {
    const column = columnOf(member);
    return normalise ? zScores(column) : column;
  });
  const value = rule.reward(columns, numbers);
  const std = deviationOf(columns);
  const statuses = members.map(({ tables }) => [...tables.values()].flatMap(({ entries }) => [...entries.status]));
  return withEntries(members[0]!.tables, (entries, start) => {
    const part = (column: Float64Array): Float64Array => column.slice(start, start + entries.n);
    return {
      status: entries.status.map((_, i) => statuses.map((of) => of[start + i]!).reduce(worstCode)),
      value: part(value),
      std: part(std),
      attributes: Object.fromEntries(columns.map((column, m) => [`member ${m + 1}`, part(column.value)])),
      vector: null,
    };
  });
}

function columnOf({ id, tables }: CombinationMember): MemberColumn {
  const given = [...tables.values()].some(({ entries }) => entries.std !== null);
  return { id, value: runColumn(tables), std: given ? runColumn(tables, ({ std }) => std) : null };
}

/** (r − mean) / standard deviation over the finite rewards of the run, population deviation as in RewardBench. */
function zScores({ id, value, std }: MemberColumn): MemberColumn {
  const finite = value.filter(Number.isFinite);
  const centre = mean(finite);
  const scale = Math.sqrt(sumOf(finite.length, (i) => (finite[i]! - centre) ** 2) / finite.length);
  if (isConstant(finite)) {
    throw new RmbenchError(
      "data",
      `ensemble: ${id} gave ${finite.length === 0 ? "no reward" : "every text the same reward"}`,
      {
        hint: "such rewards have no z-scores: leave the member out, or add raw to the rule, as ensemble:mean,raw(…)",
      },
    );
  }
  return { id, value: value.map((r) => (r - centre) / scale), std: std?.map((s) => s / scale) ?? null };
}

/** √ of the variance between the members plus the mean of their own variances: that of a member drawn at random. */
function deviationOf(members: readonly MemberColumn[]): Float64Array {
  return perEntry(members, (values, i) => {
    const own = meanOf(members.map(({ std }) => (std === null ? 0 : std[i]! ** 2)));
    return Math.sqrt(spreadOf(values) ** 2 + own);
  });
}
