import { RmbenchError } from "../../../errors.ts";
import type { Layout } from "../layout.ts";
import { type RecordSource, place, type SourceRecord } from "../record.ts";
import { judgeBench, responseJK, rewardBench2, rmb, rmBench } from "./benchmarks.ts";
import { contrast } from "./contrast.ts";
import { conversations, trajectories, transcripts } from "./conversations.ts";
import { native } from "./native.ts";
import { messagePrompts, plainPairs, responseLists, rewardBench1 } from "./pairs.ts";
import { ragRewardBench } from "./rag-rewardbench.ts";

/** Every layout, the more particular before the more general: the first that matches a file's first record is it. */
export const layouts: readonly Layout[] = [
  native,
  contrast,
  rmb,
  judgeBench,
  ragRewardBench,
  rewardBench2,
  rmBench,
  responseJK,
  trajectories,
  conversations,
  transcripts,
  rewardBench1,
  messagePrompts,
  responseLists,
  plainPairs,
];

export function layoutById(id: string): Layout {
  const layout = layouts.find((one) => one.id === id);
  if (layout !== undefined) return layout;
  throw new RmbenchError("usage", `there is no layout "${id}"`, {
    hint: `choose one of ${layouts.map((one) => one.id).join(", ")}`,
  });
}

const mapHint = "name the columns: --map prompt=<column> --map chosen=<column> --map rejected=<column>";

/** Why rows with these columns are not preference pairs, as far as the columns tell. */
function reason(record: SourceRecord): { what: string; hint: string } {
  const has = (...columns: string[]): boolean => columns.some((column) => column in record);
  if (has("chosen_score", "score_chosen", "reward", "scores") && !has("prompt", "messages", "question")) {
    return {
      what: "the rows hold scores, not texts",
      hint: "use them as a model: --model scores:<file>",
    };
  }
  if (has("chosen") !== has("rejected", "reject") || has("chosen_messages") !== has("rejected_messages")) {
    return { what: "only one side of a pair is there", hint: mapHint };
  }
  if (has("chosen")) return { what: "there is no prompt", hint: mapHint };
  if (has("answer", "response", "output", "completion")) {
    return {
      what: "each row holds a single response, and a pair needs two",
      hint: "join the responses to one prompt into pairs (or lists) first, best before worse",
    };
  }
  if (has("prompt", "question", "messages")) {
    return {
      what: "the rows hold prompts without responses",
      hint: "let models answer the prompts first, then say which answers are better",
    };
  }
  return { what: "no column looks like a prompt or a response", hint: mapHint };
}

/** The layout of a source by its first record. Throws `RmbenchError("data")` with the reason where none matches. */
export function detectLayout(source: RecordSource, row: number, record: SourceRecord, stem: string): Layout {
  const layout = layouts.find((one) => one.matches(record, stem));
  if (layout !== undefined) return layout;
  const { what, hint } = reason(record);
  const columns = Object.keys(record).slice(0, 12).join(", ");
  throw new RmbenchError("data", `${place(source, row)}: not preference pairs: ${what} (columns: ${columns})`, {
    hint,
  });
}
