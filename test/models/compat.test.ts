import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeModel } from "../../src/models/describe.ts";
import type { ModelOptions } from "../../src/models/reward-model.ts";
import { reportSchema, type Report } from "../../src/report/schema.ts";
import { runHere } from "../cli/in-process.ts";
import { somePairs, writeSomePairs } from "../cli/pairs.ts";
import type { Message } from "../../src/pairs/pair.ts";
import {
  ask,
  context,
  conversation,
  expected,
  fixture,
  idsOf,
  options,
  pointwise,
  temporaryFolder,
  values,
} from "./support.ts";

const under = (given: Partial<ModelOptions>) => describeModel(`onnx:${fixture("llama")}`, options(given), context());
const first = expected.llama[0]!;
const prepareFirst = async (given: Partial<ModelOptions>) => {
  const [prepared] = await (await under(given)).prepare([pointwise(conversation(first.messages))]);
  return prepared!;
};

/**
 * What transformers 5.18.0 gives for `tokenizer(apply_chat_template(messages, tokenize=False), truncation=True,
 * max_length=20)` with either truncation side. The text brings a BOS, and the tokenizer another.
 */
const byTransformers = {
  "response-right": [0, 0, 4, 204, 318, 295, 273, 293, 284, 315, 89, 282, 314, 36, 1, 204, 5, 204, 60, 297],
  "response-left": [0, 88, 226, 40, 275, 88, 78, 90, 88, 312, 226, 279, 70, 290, 74, 91, 275, 19, 1, 204],
} as const;

describe("--compat rewardbench", () => {
  it.each(["response-right", "response-left"] as const)(
    "cuts the ids of the whole text as its tokenizer does: %s",
    async (truncate) => {
      const cut = byTransformers[truncate];
      const twoBos = await prepareFirst({ compat: "rewardbench-two-bos", truncate, maxLength: 20 });
      expect(idsOf(twoBos)).toEqual(cut);
      expect(twoBos).toMatchObject({ truncated: true, refused: null });
      // Its pipeline masks the first of two BOS: the ids behind it are what the model reads.
      const masked = await prepareFirst({ compat: "rewardbench", truncate, maxLength: 20 });
      expect(idsOf(masked)).toEqual(cut[1] === 0 ? cut.slice(1) : cut);
    },
  );

  it("reads one BOS of two, and both where its older version did: scores of PyTorch", async () => {
    for (const [compat, score] of [
      ["rewardbench", first.score],
      ["rewardbench-two-bos", first.withTwoBos!],
    ] as const) {
      const model = await under({ compat });
      await using session = await model.open(new AbortController().signal);
      const prepared = await model.prepare([pointwise(conversation(first.messages))]);
      expect(values(await session.score(prepared, new AbortController().signal))[0]).toBeCloseTo(score, 5);
      expect(model.identity["compat"]).toBe(compat);
    }
  });

  it("labels prompt turns by their place, whatever their roles", async () => {
    const model = await under({ compat: "rewardbench" });
    const turns = (roles: string[]): Message[] => roles.map((role, i) => ({ role, content: `turn ${i}` }));
    const asked = (roles: string[]) => pointwise({ ...ask("", "An answer."), prompt: turns(roles) });
    const [odd, plain, even] = await model.prepare([
      asked(["system", "user", "user"]),
      asked(["user", "assistant", "user"]),
      asked(["system", "user"]),
    ]);
    expect(idsOf(odd!)).toEqual(idsOf(plain!));
    expect(even!.refused).toMatchObject({
      code: "unsupported",
      message: expect.stringMatching(/2 turns \(system, user\)/),
    });
    // rmbench itself keeps the roles.
    const [own] = await (await under({})).prepare([asked(["system", "user", "user"])]);
    expect(idsOf(own!)).not.toEqual(idsOf(plain!));
  });

  it("never cuts unless asked, as its command line does not, and refuses what the model cannot take", async () => {
    expect(await prepareFirst({ compat: "rewardbench", maxLength: 20 })).toMatchObject({
      refused: { code: "too-long", message: "49 tokens; the limit is 20" },
    });
    expect(idsOf(await prepareFirst({ compat: "rewardbench" }))).toEqual(first.ids);
  });

  it("has a name in the identity, and leaves that of other runs as it is", async () => {
    expect((await under({ compat: "rewardbench", truncate: "response-right" })).identity).toMatchObject({
      compat: "rewardbench",
      maxLength: "128",
    });
    expect(Object.keys((await under({})).identity)).not.toContain("compat");
  });

  it.each([
    [`onnx:${fixture("bert")}`, /has no chat template, which --compat rewardbench needs/],
    ["shortcut:longest", /cannot be run with --compat rewardbench/],
  ])("refuses %s", async (spec, message) => {
    await expect(describeModel(spec, options({ compat: "rewardbench" }), context())).rejects.toThrow(message);
  });
});

describe("ties under --compat", () => {
  it("are losses in accuracy, also of replayed scores, and are named in the report's settings", async () => {
    const folder = temporaryFolder();
    await writeSomePairs(join(folder, "some.arrow"), somePairs(4));
    const lines = somePairs(4).map(({ id }, i) =>
      JSON.stringify({ id, chosen_score: [1, 0, 0, -1][i], rejected_score: 0 }),
    );
    writeFileSync(join(folder, "own.jsonl"), lines.join("\n"));
    const run = async (...more: string[]) => {
      const args = ["run", "-m", "scores:own.jsonl", "-s", "some.arrow", "--progress", "none", "--json", ...more];
      const { stdout, stderr } = await runHere(args, folder);
      expect(stderr).toBe("");
      return reportSchema.parse(JSON.parse(stdout));
    };
    const [own, theirs] = [await run(), await run("--compat", "rewardbench")];
    const numbers = ({ suites, overall }: Report) => [
      suites[0]!.metrics["accuracy"]!.value,
      suites[0]!.metrics["tie_rate"]!.value,
      overall.accuracy.value,
    ];
    expect(numbers(own)).toEqual([0.5, 0.5, 0.5]); // one win, two halves, one loss
    expect(numbers(theirs)).toEqual([0.25, 0.5, 0.25]);
    expect(own.settings).not.toHaveProperty("compat");
    expect(theirs.settings.compat).toBe("rewardbench");
  });
});
