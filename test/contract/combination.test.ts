import { describe, expect, test } from "vitest";
import { combinationNames, type CombinationName } from "../../src/models/combination-spec.ts";
import { combinations } from "../../src/scores/combine/registry.ts";
import { ensembleRules } from "../../src/scores/combine/ensemble-rules.ts";
import { entryStatus } from "../../src/scores/table.ts";
import { protocols } from "../../src/protocols/registry.ts";
import { richMember, withParts } from "../scores/combine-tables.ts";
import type { CombinationMember } from "../../src/scores/combine/combination.ts";

/** A parameter for each; every rule of the ensembles. */
const cases: readonly [CombinationName, string][] = [
  ...ensembleRules.map(({ name }): [CombinationName, string] => ["ensemble", name]),
  ["ensemble", "mean,raw"],
  ["attribute", "helpfulness"],
  ["weighted", "helpfulness=1,verbosity=-0.5"],
  ["decorrelated", "verbosity"],
  ["steps", "min"],
  ["length-penalty", "0.01"],
  ["lowess", "folds=3"],
  ["mean-variance", ""],
];

const membersOf = (name: CombinationName): CombinationMember[] =>
  combinations[name].members === "one"
    ? [richMember("a", 1)]
    : [richMember("a", 1), richMember("b", 2), richMember("c", 4)];

/** The member with the scores of one pair lost. */
function withFailure({ id, tables }: CombinationMember, status: (typeof entryStatus)[number]): CombinationMember {
  const [[suite, table], ...rest] = [...tables] as [
    [string, CombinationMember["tables"] extends ReadonlyMap<string, infer T> ? T : never],
  ];
  const { entries } = table;
  const broken = {
    ...entries,
    status: entries.status.map((s, e) => (e === 4 ? entryStatus.indexOf(status) : s)),
    value: entries.value.map((v, e) => (e === 4 ? Number.NaN : v)),
  };
  return { id, tables: new Map([[suite, { ...table, entries: broken }], ...rest]) };
}

test("every combination has a case", () => {
  expect(new Set(cases.map(([name]) => name))).toEqual(new Set(combinationNames));
  for (const [name, combination] of Object.entries(combinations)) {
    expect(combination.name).toBe(name);
    expect(combination.summary.startsWith(name)).toBe(true);
  }
});

describe.each(cases)("%s:%s", (name, parameter) => {
  const plan = combinations[name].plan(parameter);
  const members = membersOf(name);

  test("gives finite rewards for the same pairs, in columns of one length", () => {
    const combined = plan.combine(members, "0");
    expect([...combined.keys()]).toEqual([...members[0]!.tables.keys()]);
    for (const [suite, { rows, entries }] of combined) {
      expect(rows).toBe(members[0]!.tables.get(suite)!.rows);
      expect(entries.value.every(Number.isFinite)).toBe(true);
      const columns = [
        entries.row,
        entries.side,
        entries.index,
        entries.order,
        entries.status,
        entries.value,
        entries.tokens,
      ];
      const more = [entries.length, entries.truncated, entries.droppedDocuments, ...Object.values(entries.attributes)];
      for (const column of [...columns, ...more]) expect(column.length).toBe(entries.n);
    }
  });

  test("is a function of its members alone, and changes none of them", () => {
    const before = structuredClone(members.map(({ tables }) => [...tables.values()].map(({ entries }) => entries)));
    const first = plan.combine(members, "0");
    expect(plan.combine(members, "0")).toEqual(first);
    expect(members.map(({ tables }) => [...tables.values()].map(({ entries }) => entries))).toEqual(before);
  });

  test("depends on the rest of the run only where it says so", () => {
    const alone = members.map(({ id, tables }) => ({ id, tables: new Map([...tables].slice(0, 1)) }));
    const [whole, part] = [members, alone].map((some) => [...plan.combine(some, "0").values()][0]!.entries.value);
    if (plan.wholeRun) expect(part).not.toEqual(whole);
    else expect(part).toEqual(whole);
  });

  test("depends on the seed only where it says so", () => {
    const [one, other] = ["0", "1"].map((seed) => [...plan.combine(members, seed).values()][0]!.entries.value);
    if (plan.seeded) expect(other).not.toEqual(one);
    else expect(other).toEqual(one);
  });

  test.each(entryStatus.filter((status) => status !== "ok"))("a %s score of the last member is no reward", (status) => {
    const broken = [...members.slice(0, -1), withFailure(members.at(-1)!, status)];
    const scores = [...plan.combine(broken, "0").values()][0]!;
    const outcomes = protocols[0]!.judge(scores);
    const lost = [...outcomes.state].flatMap((state, i) => (Number.isNaN(outcomes.credit[i]!) ? [[i, state]] : []));
    expect(lost.length).toBe(1);
    expect(lost[0]![0]).toBe(2);
  });

  test("names all that can change a number in its parameters", () => {
    expect(Object.values(plan.parameters).every((value) => typeof value === "string" && value !== "")).toBe(true);
    expect(plan.asks.length).toBeGreaterThan(0);
  });
});

test.each([
  ["ensemble", "", /names no rule/],
  ["ensemble", "meen", /no rule "meen"/],
  ["ensemble", "mean,row", /no parameter "row"/],
  ["ensemble", "mean-std,q=1", /no parameter "q"/],
  ["ensemble", "mean-std,k=much", /k is "much", not a number/],
  ["attribute", "", /names no attribute/],
  ["weighted", "helpfulness", /no parameter "helpfulness"/],
  ["weighted", "", /names no attribute/],
  ["weighted", "a=1,a=2", /given twice/],
  ["decorrelated", "", /names one attribute/],
  ["steps", "average", /no reduction "average"/],
  ["length-penalty", "", /names no λ/],
  ["length-penalty", "0,1", /not a number/],
  ["lowess", "folds=1", /two or more folds/],
  ["mean-variance", "x", /no parameter "x"/],
] as const)("%s:%s is a usage error", (name, parameter, message) => {
  expect(() => combinations[name].plan(parameter)).toThrow(message);
  expect(() => combinations[name].plan(parameter)).toThrow(expect.objectContaining({ code: "usage" }));
});

test.each([
  ["attribute", "helpfulnes", /no attribute "helpfulnes"/],
  ["weighted", "help=1", /no attribute "help"/],
  ["decorrelated", "length", /no attribute "length"/],
  ["steps", "min", /none for its steps/],
  ["mean-variance", "", /without a standard deviation/],
  ["ensemble", "robust", /without a standard deviation/],
] as const)(
  "%s:%s of a model that does not give it is a data error that says what there is",
  (name, parameter, message) => {
    const [suite, table] = [...richMember("plain", 1).tables][0]!;
    const bare = withParts(table, () =>
      name === "attribute" || name === "weighted" || name === "decorrelated" ? { attributes: { helpfulness: 1 } } : {},
    );
    const plain = { id: "plain", tables: new Map([[suite, bare]]) };
    expect(() => combinations[name].plan(parameter).combine([plain, plain], "0")).toThrow(message);
  },
);
