/** Which models vote on which suites. Pure. */
import { RmbenchError } from "../errors.ts";
import type { ScoreTable } from "../scores/table.ts";
import type { Voter } from "./strengths.ts";

/** The scores of one model, as a run left them. */
export interface Ballot {
  /** As the user named it. */
  name: string;
  model: string;
  /** sha256 of the model's identity: two runs of one model are one vote. */
  identity: string;
  tables: ReadonlyMap<string, ScoreTable>;
}

export interface Election {
  voters: ReadonlyMap<string, readonly Voter[]>;
  /** What a person should know, as sentences. */
  warnings: string[];
}

/** Below this many models their mean is hardly better than one of them. */
const enough = 4;

/**
 * The voters of each suite that at least two distinct models scored, in the order of the ballots. A model that comes
 * twice votes once; a suite with one model is left out; both are said.
 * @throws RmbenchError `usage` where no suite has two distinct models.
 */
export function votersOf(ballots: readonly Ballot[]): Election {
  const warnings: string[] = [];
  const bySuite = new Map<string, { identity: string; voter: Voter }[]>();
  for (const { name, model, identity, tables } of ballots) {
    for (const [suite, scores] of tables) {
      const there = bySuite.get(suite) ?? [];
      const twin = there.find((one) => one.identity === identity);
      if (twin === undefined)
        bySuite.set(suite, [...there, { identity, voter: { name: labelOf(model, there), scores } }]);
      else warnings.push(`${name} is left out for ${suite}: ${twin.voter.name} is the same model`);
    }
  }
  const voters = new Map<string, readonly Voter[]>();
  for (const [suite, there] of bySuite) {
    if (there.length < 2) {
      warnings.push(`${suite} is left out: only ${there[0]!.voter.name} scored it`);
      continue;
    }
    if (there.length < enough) warnings.push(`${suite}: ${there.length} models vote; at least ${enough} are advisable`);
    voters.set(
      suite,
      there.map(({ voter }) => voter),
    );
  }
  if (voters.size === 0) {
    const models = new Set(ballots.map(({ identity }) => identity)).size;
    const what =
      models < 2 ? `all ${ballots.length} runs are of one model` : "no suite was scored by two of the models";
    throw new RmbenchError("usage", `an audit is a vote of at least two distinct models: ${what}`, {
      hint: "run other models on the same pairs first: rmbench run -m <model> -m <model> -s <suite>",
    });
  }
  return { voters, warnings };
}

/** Models of one spec and several identities (another revision, another dtype) are numbered. */
function labelOf(model: string, there: readonly { voter: Voter }[]): string {
  const same = there.filter(({ voter }) => voter.name === model || voter.name.startsWith(`${model} #`)).length;
  return same === 0 ? model : `${model} #${same + 1}`;
}
