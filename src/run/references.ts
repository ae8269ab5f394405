import { RmbenchError } from "../errors.ts";
import type { PreferencePair } from "../pairs/pair.ts";
import { mapConversations } from "../questions/conversations.ts";
import type { Question, Unit } from "../questions/question.ts";

/**
 * The questions of a window, with the reference answer of their pair where the model reads one. Units that share a question
 * go on sharing it.
 * @param pairs those of the window, in the order of the units' rows
 * @param tag the tag that holds the reference answer; undefined: the model reads none
 * @throws RmbenchError `data` for a pair without it.
 */
export function withReferences(
  tag: string | undefined,
  suite: string,
  pairs: readonly PreferencePair[],
  units: readonly Unit[],
): Question[] {
  if (tag === undefined) return units.map(({ question }) => question);
  const first = units[0]?.row ?? 0;
  const asked = new Map<Question, Question>();
  return units.map(({ question, row }) => {
    const known = asked.get(question);
    if (known !== undefined) return known;
    const reference = referenceOf(pairs[row - first]!, tag, suite);
    const referenced = mapConversations(question, (of) => ({ ...of, reference }));
    asked.set(question, referenced);
    return referenced;
  });
}

function referenceOf({ subset, id, tags }: PreferencePair, tag: string, suite: string): string {
  const reference = Object.hasOwn(tags, tag) ? tags[tag]! : "";
  if (reference.trim() !== "") return reference;
  const names = Object.keys(tags);
  throw new RmbenchError(
    "data",
    `${suite}: ${subset}/${id} has no reference answer: its tag ${tag} is missing or empty`,
    {
      hint: `judge.referenceTag names the tag (a column of the imported file) with the reference answer; this pair has ${names.length === 0 ? "no tags" : `the tags ${names.join(", ")}`}. Leave pairs without one out with --where.`,
    },
  );
}
