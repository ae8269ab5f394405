import { describe, expect, it } from "vitest";
import { Scorer } from "../../../src/inference/execute.ts";
import { memoryStore } from "../../../src/inference/memory-store.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { JudgeOptions } from "../../../src/models/judge/settings.ts";
import type { Question } from "../../../src/questions/question.ts";
import { ask, context, options } from "../support.ts";
import { judgeServer, part, words } from "./server.ts";

const of = (response: string, reference?: string) => ({
  ...ask("2 + 2?", response),
  ...(reference !== undefined && { reference }),
});
const settings = (judge: JudgeOptions): JudgeOptions => ({ ...judge, logprobs: false, referenceTag: "gold" });

async function judged(base: string, judge: JudgeOptions, questions: readonly Question[]) {
  const outside = context({});
  const model = await describeModel(`judge:${base}#m`, options({ judge }), outside);
  await using scorer = new Scorer(model, memoryStore(), { signal: outside.signal, emit: () => {} });
  return (await scorer.answer(questions)).map(({ score }) => score);
}

describe("a judge with a reference answer", () => {
  const all: [string, JudgeOptions, Question, number][] = [
    ["compares", { protocol: "pairwise" }, { kind: "pairwise", a: of("4", "four"), b: of("5", "four") }, 1],
    ["names the best", { protocol: "ranking" }, { kind: "listwise", of: [of("4", "four"), of("5", "four")] }, 1],
    ["rates", { protocol: "rating" }, { kind: "pointwise", of: of("4", "four") }, 1],
    ["criticises", { protocol: "critique" }, { kind: "pointwise", of: of("4", "four") }, 2],
    ["checks", { protocol: "checklist", checklist: ["Right?"] }, { kind: "pointwise", of: of("4", "four") }, 1],
  ];
  it.each(all)("%s by it, in every request", async (_, judge, question, requests) => {
    await using server = await judgeServer(() => words("[[A]] [[7]] [[yes]]"));
    const [score] = await judged(server.base, settings(judge), [question]);
    expect(score!.status).toBe("ok");
    expect(server.asked).toHaveLength(requests);
    for (const { body } of server.asked) {
      expect(body.messages![0]!.content).toContain("You are also shown a reference answer");
      expect(body.messages![1]!.content).toMatch(
        /^<reference>\nfour\n<\/reference>\n\n<conversation>\nHuman: 2 \+ 2\?/,
      );
    }
  });

  it("is asked again where the reference is another, and is asked without where there is none", async () => {
    await using server = await judgeServer((asked) => {
      const known = asked.body.messages!.at(-1)!.content.includes("<reference>");
      return words(known && part(asked, "reference") === part(asked, "answer") ? "[[9]]" : "[[3]]");
    });
    const questions = [of("4", "5"), of("4", "4"), of("4", "{answer}"), of("4")].map((one): Question => ({
      kind: "pointwise",
      of: one,
    }));
    const scores = await judged(server.base, settings({ protocol: "rating" }), questions);
    expect(scores.map((score) => (score.status === "ok" ? score.value : null))).toEqual([3, 9, 3, 3]);
    expect(server.asked).toHaveLength(4);
  });

  it("is another model than one without, or with another tag", async () => {
    const identityOf = async (judge: JudgeOptions) =>
      (await describeModel("judge:http://localhost:1#m", options({ judge }), context({}))).identity;
    const [without, gold, other] = [
      await identityOf({}),
      await identityOf({ referenceTag: "gold" }),
      await identityOf({ referenceTag: "other" }),
    ];
    expect(without["reference"]).toBeUndefined();
    expect([gold["reference"], other["reference"]]).toEqual(["tag gold", "tag other"]);
    expect(gold["prompts"]).toMatch(/^pairwise-letter\/1 [0-9a-f]{64}, reference\/1 [0-9a-f]{64}$/);
  });
});
