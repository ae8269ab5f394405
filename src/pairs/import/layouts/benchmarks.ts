import { conversation, isNil, isObject, label, messages, optionalParts, tagsOf, text, wrongType } from "../fields.ts";
import type { Layout } from "../layout.ts";
import { RowProblem, type SourceRecord } from "../record.ts";
import { directionOf } from "./direction.ts";
import { convertPair } from "./pairs.ts";

const textList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === "string");

/** RewardBench 2: lists, with the numbers of right and wrong completions beside them. */
export const rewardBench2: Layout = {
  id: "rewardbench-2",
  name: "RewardBench 2 (lists with num_correct)",
  matches: (record) => textList(record["chosen"]) && textList(record["rejected"]) && "num_correct" in record,
  convert: (record, context) => {
    for (const [side, column] of [
      ["chosen", "num_correct"],
      ["rejected", "num_incorrect"],
    ] as const) {
      const expected = record[column];
      const found = (record[side] as readonly unknown[] | null)?.length;
      if (!isNil(expected) && expected !== found) {
        throw new RowProblem(
          "malformed",
          `${column} is ${JSON.stringify(expected)}, but ${side} holds ${found ?? 0} responses`,
          "the row is damaged: fetch the file again",
        );
      }
    }
    // `ref:7` and `tied:7` are the two halves of one question of the Ties subset.
    return convertPair(record, context).map((pair) => {
      const question = /^(?:ref|tied):(.+)$/.exec(pair.id)?.[1];
      return question === undefined ? pair : { ...pair, cluster: pair.cluster ?? `ties:${question}` };
    });
  },
};

const styleCount = 3;

/** RM-Bench: three styles of the right and of the wrong response (concise, detailed, detailed Markdown). */
export const rmBench: Layout = {
  id: "rm-bench",
  name: "RM-Bench (3 × 3 styles)",
  matches: (record) =>
    [record["chosen"], record["rejected"]].every((side) => textList(side) && side.length === styleCount) &&
    "prompt" in record,
  convert: (record, context) => {
    for (const side of ["chosen", "rejected"]) {
      const found = record[side];
      if (!Array.isArray(found) || found.length !== styleCount) {
        throw new RowProblem("malformed", `${side} does not hold 3 styles`, "RM-Bench rows have 3 × 3 responses");
      }
    }
    // Ids repeat between the files of the repository, and the files are what the benchmark calls its domains.
    const file = /^(chat|code|math|safety-refuse|safety-response)(?=_filtered|$)/.exec(context.stem)?.[1];
    const domain = label(record, "domain") ?? file ?? null;
    return convertPair(record, context).map((pair) => {
      const subset = domain ?? pair.subset;
      const source: Record<string, string> = subset === pair.subset ? {} : { source_subset: pair.subset };
      return { ...pair, subset, direction: pair.direction ?? directionOf(subset), tags: { ...pair.tags, ...source } };
    });
  },
};

/** RMB: `{llm_name, answer}` objects, as pairs or as a best answer with losers. */
export const rmb: Layout = {
  id: "rmb",
  name: "RMB (conversation_input, llm_name, answer)",
  matches: (record) =>
    Array.isArray(record["conversation_input"]) && (isObject(record["chosen"]) || isObject(record["bon_best"])),
  convert: (record, context) => {
    const best = record["bon_best"] ?? record["chosen"];
    const losers = record["loser_list"] ?? [record["reject"]];
    const answer = (value: unknown, column: string): string => {
      if (!isObject(value)) throw wrongType(column, value, "{llm_name, answer}");
      return text(value, "answer");
    };
    if (!Array.isArray(losers)) throw wrongType("loser_list", losers, "a list of {llm_name, answer}");
    const columns = ["conversation_input", "chosen", "reject", "bon_best", "loser_list", "category_path"];
    const names = losers
      .map((loser) => (isObject(loser) ? label(loser, "llm_name") : null))
      .filter((one) => one !== null);
    return [
      {
        ...optionalParts(record),
        id: label(record, "pair_uid") ?? label(record, "bon_uid") ?? label(record, "id") ?? String(context.row),
        subset: label(record, "category_path") ?? label(record, "subset") ?? "default",
        prompt: messages(record["conversation_input"], "conversation_input"),
        chosen: [answer(best, "chosen")],
        rejected: losers.map((loser) => answer(loser, "rejected")),
        tags: {
          ...tagsOf(record, [...columns, "pair_uid", "bon_uid"]),
          chosen_model: (isObject(best) ? label(best, "llm_name") : null) ?? "",
          rejected_model: names.join(", "),
        },
      },
    ];
  },
};

/** JudgeBench: two responses and the label that says which is right. */
export const judgeBench: Layout = {
  id: "judgebench",
  name: "JudgeBench (response_A, response_B, label)",
  matches: (record) => "response_A" in record && "response_B" in record && "label" in record,
  convert: (record, context) => {
    const verdict = text(record, "label");
    if (verdict !== "A>B" && verdict !== "B>A") {
      throw new RowProblem("type", `label is ${JSON.stringify(verdict)}`, 'label must be "A>B" or "B>A"');
    }
    const [chosen, rejected] = verdict === "A>B" ? ["response_A", "response_B"] : ["response_B", "response_A"];
    const column = "question" in record ? "question" : "prompt";
    return [
      {
        ...optionalParts(record),
        id: label(record, "pair_id") ?? label(record, "id") ?? String(context.row),
        subset: label(record, "subset") ?? label(record, "source") ?? "default",
        prompt: conversation(record[column], column),
        chosen: [text(record, chosen as string)],
        rejected: [text(record, rejected as string)],
        tags: tagsOf(record, ["pair_id", column, "response_A", "response_B"]),
      },
    ];
  },
};

/** Rated comparisons in the orientation of TRL's StackExchange data: `response_j` is the preferred one. */
export const responseJK: Layout = {
  id: "response-j-k",
  name: "response_j over response_k",
  matches: (record) => "response_j" in record && "response_k" in record && promptOfJK(record) !== undefined,
  convert: (record, context) => {
    const column = promptOfJK(record) ?? "prompt";
    context.note("response_j is taken as the preferred response");
    return [
      {
        ...optionalParts(record),
        id: label(record, "id") ?? String(context.row),
        subset: label(record, "subset") ?? "default",
        prompt: conversation(record[column], column),
        chosen: [text(record, "response_j")],
        rejected: [text(record, "response_k")],
        tags: tagsOf(record, [column, "response_j", "response_k"]),
      },
    ];
  },
};

const promptOfJK = (record: SourceRecord): string | undefined =>
  ["prompt", "question"].find((column) => column in record);
