import { hash } from "node:crypto";
import { RmbenchError } from "../errors.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import type { Conversation, Unit } from "../questions/question.ts";
import { entriesByRow } from "../scores/entries-by-row.ts";
import { entryStatus, type EntryColumns, type ScoreTable } from "../scores/table.ts";
import { worstCode } from "../scores/worst.ts";
import { outcomeState, type OutcomeTable, type Protocol } from "./protocol.ts";
import { questionsOfPair } from "./questions-of-pair.ts";

/**
 * The best of all responses of a row should be a chosen one: one outcome for each row. Of k responses that tie for the
 * highest score the chosen ones share the credit, c/k, which with one chosen response is the 1/k of RewardBench 2.
 * The margin is the highest score of a chosen response less the highest of a rejected one, and the
 * difference in length that of the two sides' means. A row with a response that has no score has no verdict.
 */
export const bestOfN: Protocol = {
  name: "best-of-n",
  summary: "the best of all responses should be a chosen one; of k that tie for the best each has 1/k of the credit",
  asks: ["pointwise", "listwise"],
  units(pair, row, ask, documentTemplate) {
    if (ask === "pairwise") {
      throw new RmbenchError("usage", "the protocol best-of-n asks pointwise or listwise questions, not pairwise ones");
    }
    const units = questionsOfPair(pair, row, "pointwise", documentTemplate);
    return ask === "pointwise" ? units : asOneQuestion(units);
  },
  judge(scores) {
    if (scores.kind === "pairwise") {
      throw new RmbenchError("data", "the protocol best-of-n needs a score for each response, not comparisons of two", {
        hint: "choose a model that scores responses, or another protocol for this suite",
      });
    }
    return judgeRows(scores);
  },
  chance(scores) {
    const { rows, entries } = scores;
    const { start, entry } = entriesByRow(scores);
    let [guessed, weights] = [0, 0];
    for (let row = 0; row < rows.n; row++) {
      const own = entry.subarray(start[row], start[row + 1]);
      if (own.length === 0) continue;
      guessed += (rows.weight[row]! * own.filter((e) => entries.side[e] === 0).length) / own.length;
      weights += rows.weight[row]!;
    }
    return weights > 0 ? guessed / weights : 0;
  },
};

/**
 * The same listwise question for all responses of a row. Its candidates are ordered by sha256 of prompt and response, so
 * that a place tells nothing of a label and the order of the row changes nothing; equal responses are one candidate.
 */
function asOneQuestion(units: readonly Unit[]): Unit[] {
  const candidates = new Map<string, Conversation>();
  const keys = units.map(({ question }) => {
    const of = (question as Extract<Unit["question"], { kind: "pointwise" }>).of;
    const key = hash("sha256", JSON.stringify([turns(of.prompt), responseOf(of)]), "hex");
    candidates.set(key, of);
    return key;
  });
  const order = [...candidates.keys()].sort();
  const question = { kind: "listwise", of: order.map((key) => candidates.get(key)!) } as const;
  return units.map((unit, i) => ({ ...unit, question, candidate: order.indexOf(keys[i]!) }));
}

function turns(messages: PreferencePair["prompt"]): string[][] {
  return messages.map(({ role, content }) => [role, content]);
}

function responseOf({ response }: Conversation): unknown {
  return typeof response === "string" ? response : turns(response);
}

const codeOf = (state: (typeof outcomeState)[number]): number => outcomeState.indexOf(state);

function judgeRows(scores: ScoreTable): OutcomeTable {
  const { n } = scores.rows;
  const { start, entry } = entriesByRow(scores);
  const none = () => new Float64Array(n).fill(Number.NaN);
  const [credit, margin, lengthDifference] = [none(), none(), none()];
  const state = new Uint8Array(n);
  for (let row = 0; row < n; row++) {
    const choice = choose(scores.entries, entry.subarray(start[row], start[row + 1]));
    state[row] = codeOf(choice.state);
    lengthDifference[row] = choice.lengthDifference;
    if (choice.state !== "judged" && choice.state !== "tied") continue;
    credit[row] = choice.credit;
    margin[row] = choice.margin;
  }
  const row = new Uint32Array(n).map((_, r) => r);
  return { n, row, credit, margin, state, lengthDifference, cell: { codes: new Int32Array(n).fill(-1), values: [] } };
}

interface Choice {
  state: (typeof outcomeState)[number];
  credit: number;
  margin: number;
  lengthDifference: number;
}

/** What becomes of one row; credit and margin are numbers where the state is judged or tied. */
function choose({ side, status, value, length }: EntryColumns, own: Uint32Array): Choice {
  const count = [0, 0] as [number, number];
  const best = [-Infinity, -Infinity] as [number, number];
  const lengths = [0, 0] as [number, number];
  let gravest = entryStatus.indexOf("ok");
  let finite = true;
  for (const e of own) {
    const s = side[e] as 0 | 1;
    count[s]++;
    lengths[s] += length[e]!;
    best[s] = Math.max(best[s], value[e]!);
    finite &&= Number.isFinite(value[e]!);
    gravest = worstCode(gravest, status[e]!);
  }
  const unknown = { credit: Number.NaN, margin: Number.NaN };
  if (count[0] === 0 || count[1] === 0) return { ...unknown, state: "failed", lengthDifference: Number.NaN };
  const lengthDifference = lengths[0] / count[0] - lengths[1] / count[1];
  const worst = entryStatus[gravest]!;
  if (worst !== "ok") return { ...unknown, state: worst, lengthDifference };
  const margin = best[0] - best[1];
  if (!finite || !Number.isFinite(margin)) return { ...unknown, state: "invalid", lengthDifference };
  const highest = Math.max(...best);
  const top = own.filter((e) => value[e] === highest);
  const credit = top.filter((e) => side[e] === 0).length / top.length;
  return { state: margin === 0 ? "tied" : "judged", credit, margin, lengthDifference };
}
