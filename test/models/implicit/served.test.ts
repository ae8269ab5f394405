import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { stringify } from "yaml";
import { checkContract } from "../../../src/contract.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { Span } from "../../../src/models/implicit/span.ts";
import type { ModelOptions, Prepared, Score } from "../../../src/models/reward-model.ts";
import type { Question } from "../../../src/questions/question.ts";
import { runHere } from "../../cli/in-process.ts";
import { send, serve, type Running } from "../http/servers/serve.ts";
import { ask, context, fixture, options, pointwise, temporaryFolder } from "../support.ts";
import { logprob, sglangServer, tokenizerFolder, vllmServer } from "./language-model.ts";

const phases = { policy: 0.4, sft: 1.9 };
const signal = new AbortController().signal;
const tokenizer = tokenizerFolder();
let both: Running;
let own: Running;
let its: Running;
beforeAll(async () => {
  both = await serve(vllmServer(phases));
  [own, its] = [await serve(sglangServer(phases.policy)), await serve(sglangServer(phases.sft))];
});
afterAll(() => Promise.all([both, own, its].map((server) => server.kill())));

const questions: Question[] = [
  ["How far is it?", "Two miles."],
  ["How far is it?", "I will not say."],
  ["What is amber?", "Resin of old trees."],
  ["What is amber?", ""],
].map(([prompt, response]) => pointwise(ask(prompt!, response!)));

const wires = {
  vllm: () => ({ policy: `implicit:vllm:${both.url}#policy`, reference: `vllm:${both.url}#sft` }),
  sglang: () => ({ policy: `implicit:sglang:${own.url}`, reference: `sglang:${its.url}` }),
};
const describeAt = (
  policy: string,
  implicit: ModelOptions["implicit"],
  server: ModelOptions["server"] = { tokenizer, patience: 0 },
) => describeModel(policy, options({ implicit: implicit!, server: server! }), context());

async function scored(policy: string, implicit: ModelOptions["implicit"], asked = questions) {
  const model = await describeAt(policy, implicit);
  const prepared = await model.prepare(asked);
  await using session = await model.open(signal);
  return { model, prepared, scores: await session.score(prepared, signal), device: session.device() };
}

/** By the test's own sum over the ids that were prepared. */
function logprobs({ payload }: Prepared, phase: number): number[] {
  const { ids, start } = payload as Span;
  const all = [...ids];
  return all.slice(start).map((id, i) => logprob(phase, all.slice(0, start + i), id));
}

const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
const valueOf = (score: Score | undefined) => (score?.status === "ok" ? score.value : Number.NaN);

describe.each(Object.keys(wires) as (keyof typeof wires)[])("over %s", (name) => {
  it("gives the log-ratio of the two models, with what it is made of", async () => {
    const { policy, reference } = wires[name]();
    const { model, prepared, scores, device } = await scored(policy, { reference });
    expect(model).toMatchObject({ output: "log-ratio", asks: ["pointwise"], limits: { batching: "served" } });
    expect(device.used).toBe(name);
    for (const [i, item] of prepared.entries()) {
      const [mine, other] = [logprobs(item, phases.policy), logprobs(item, phases.sft)];
      expect(valueOf(scores[i])).toBeCloseTo(sum(mine) - sum(other), 9);
      expect(scores[i]).toMatchObject({
        attributes: {
          policy_logprob: expect.closeTo(sum(mine), 9),
          reference_logprob: expect.closeTo(sum(other), 9),
          log_ratio: expect.closeTo(sum(mine) - sum(other), 9),
          response_tokens: mine.length,
        },
      });
    }
    expect(new Set(scores.map((score) => valueOf(score).toFixed(6))).size).toBe(questions.length);
  });

  it("gives the average without a reference", async () => {
    const { prepared, scores } = await scored(wires[name]().policy, { reference: "none", reduction: "average" });
    for (const [i, item] of prepared.entries()) {
      const mine = logprobs(item, phases.policy);
      expect(valueOf(scores[i])).toBeCloseTo(sum(mine) / mine.length, 9);
      expect(scores[i]).toMatchObject({ attributes: { response_tokens: mine.length } });
      expect(scores[i]).not.toHaveProperty("attributes.log_ratio");
    }
  });

  it("the contract of implicit: holds", async () => {
    const { policy, reference } = wires[name]();
    const checks = await checkContract(await describeAt(policy, { reference }), signal);
    expect(checks.filter(({ status }) => status === "fail")).toEqual([]);
  });
});

type Json = Record<string, unknown>;
const places = {
  vllm: (body: unknown) => ((body as Json)["choices"] as Json[])[0]!["prompt_logprobs"] as (Json | null)[],
  sglang: (body: unknown) => ((body as Json)["meta_info"] as Json)["input_token_logprobs"] as unknown[][],
};

/** Spoils the answer about the third question alone. */
function spoil(server: Running, name: keyof typeof wires, change: (body: unknown) => void) {
  let answers = 0;
  server.fault = async (asked, response, answer) => {
    if (!["/v1/completions", "/generate"].includes(asked.path)) return false;
    const reply = await answer();
    if (++answers === 3) change(reply.body);
    send(response, reply);
    return true;
  };
  return name;
}

describe("faults", () => {
  const oneByOne = async (name: keyof typeof wires) => {
    const server = name === "vllm" ? both : own;
    const model = await describeAt(wires[name]().policy, { reference: "none" });
    const prepared = await model.prepare(questions);
    try {
      await using session = await model.open(signal);
      const scores: Score[] = [];
      for (const item of prepared) scores.push(...(await session.score([item], signal)));
      return scores;
    } finally {
      server.fault = null;
    }
  };
  const onlyThirdFails = (scores: readonly Score[], message: RegExp) => {
    expect(scores.map(({ status }) => status)).toEqual(["ok", "ok", "failed", "ok"]);
    expect(scores[2]).toMatchObject({ code: "bad-answer", message: expect.stringMatching(message) });
  };

  test.each(["vllm", "sglang"] as const)("%s: fewer log-probabilities than tokens", async (name) => {
    spoil(name === "vllm" ? both : own, name, (body) => void places[name](body).pop());
    onlyThirdFails(await oneByOne(name), /\d+ (places|log-probabilities) for \d+ tokens/);
  });

  test.each(["vllm", "sglang"] as const)("%s: null in the middle of the response", async (name) => {
    spoil(name === "vllm" ? both : own, name, (body) => {
      if (name === "vllm") places.vllm(body)[places.vllm(body).length - 2] = null;
      else places.sglang(body).at(-2)![0] = null;
    });
    onlyThirdFails(await oneByOne(name), /token \d+ \(id \d+\) has no log-probability/);
  });

  test.each(["vllm", "sglang"] as const)("%s: another token's log-probability", async (name) => {
    spoil(name === "vllm" ? both : own, name, (body) => {
      if (name === "vllm") places.vllm(body)[places.vllm(body).length - 1] = { "319": { logprob: -1, rank: 1 } };
      else places.sglang(body).at(-1)![1] = 319;
    });
    onlyThirdFails(await oneByOne(name), /of another token/);
  });

  it("a number above 0 is no log-probability, and vLLM's -9999 is minus infinity", async () => {
    spoil(own, "sglang", (body) => void (places.sglang(body).at(-1)![0] = 2.5));
    onlyThirdFails(await oneByOne("sglang"), /has 2\.5, which is no log-probability/);
    spoil(both, "vllm", (body) => {
      for (const known of Object.values(places.vllm(body).at(-1)!)) (known as Json)["logprob"] = -9999;
    });
    const scores = await oneByOne("vllm");
    expect(scores.map(valueOf).map((value) => value === Number.NEGATIVE_INFINITY)).toEqual([false, false, true, false]);
    expect(scores[2]).toMatchObject({ attributes: { response_tokens: expect.any(Number) } });
  });

  it("a server that knows no prompt_logprobs ends the run at its first answer", async () => {
    both.fault = async (asked, response, answer) => {
      if (asked.path !== "/v1/completions") return false;
      const reply = await answer();
      delete ((reply.body as Json)["choices"] as Json[])[0]!["prompt_logprobs"];
      send(response, reply);
      return true;
    };
    await expect(oneByOne("vllm")).rejects.toMatchObject({
      code: "model",
      message: expect.stringContaining("no prompt_logprobs, which older versions do not know"),
    });
  });

  it("a server without the path ends the run", async () => {
    own.fault = async (_asked, response) => {
      send(response, { status: 404, body: { detail: "Not Found" } });
      return true;
    };
    await expect(oneByOne("sglang")).rejects.toMatchObject({ code: "model", message: expect.stringContaining("404") });
  });

  it("a model that the server lacks is named, with those that it has", async () => {
    const model = await describeAt(`implicit:vllm:${both.url}#dpo`, { reference: "none" });
    await expect(model.open(signal)).rejects.toThrow(/no model `dpo`; it has policy, sft/);
  });

  it("a text that is too long for the server alone is counted as that", async () => {
    const narrow = await serve(vllmServer(phases, 100));
    const long = pointwise(ask("How far is it?", "Two miles. ".repeat(9)));
    const policy = `implicit:vllm:${narrow.url}#policy`;
    const { prepared, scores } = await scored(policy, { reference: "none" }, [long, questions[0]!]);
    expect(prepared[0]).toMatchObject({ refused: null, tokens: 113 });
    expect(scores[0]).toMatchObject({ status: "failed", code: "too-long" });
    expect(scores[1]!.status).toBe("ok");
    await narrow.kill();
  });
});

describe("what is asked wrongly", () => {
  const policy = "implicit:vllm:http://127.0.0.1:1#m";
  test.each<[string, ModelOptions["implicit"], ModelOptions["server"], RegExp, RegExp]>([
    ["no reference", {}, { tokenizer }, /needs the model that it was trained from/, /reference=none/],
    ["no tokenizer", { reference: "none" }, {}, /there is no tokenizer/, /--server tokenizer=/],
    [
      "a setting of other servers",
      { reference: "none" },
      { tokenizer, endpoint: "score" },
      /no use for .*endpoint/,
      /tokenizer/,
    ],
    [
      "a reference of another kind",
      { reference: "tei:http://h" },
      { tokenizer },
      /`tei:` gives no log-prob/,
      /vllm:http/,
    ],
  ])("%s", async (_, implicit, server, message, hint) => {
    await expect(describeAt(policy, implicit, server)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it("options of a process that does not run here", async () => {
    const asked = options({ implicit: { reference: "none" }, server: { tokenizer }, dtype: "bf16" });
    await expect(describeModel(policy, asked, context())).rejects.toThrow(/--dtype bf16/);
  });

  it("an encoder's tokenizer", async () => {
    const encoder = describeAt(policy, { reference: "none" }, { tokenizer: fixture("bert") });
    await expect(encoder).rejects.toThrow(/reads prompt and response as two segments/);
  });
});

it("runs from flags and file together, and shows no secret", async () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, "rmbench.config.yaml"),
    stringify({ server: { tokenizer }, implicit: { reference: `vllm:${both.url}#sft`, beta: 1 } }),
  );
  const pairs = [0, 1, 2, 3, 4, 5].map((i) => ({
    id: String(i),
    prompt: `What is ${i}?`,
    chosen: "A number.",
    rejected: `It is ${i}, I think.`,
  }));
  writeFileSync(join(folder, "p.jsonl"), pairs.map((pair) => JSON.stringify(pair)).join("\n"));
  expect((await runHere(["data", "import", "p.jsonl", "-o", "p.arrow"], folder)).code).toBe(0);
  const secret = "hunter2secret";
  const policy = `implicit:vllm:${both.url.replace("//", `//me:${secret}@`)}?key=${secret}#policy`;
  const run = ["run", "-m", policy, "-s", "p.arrow", "--implicit", "beta=0.5", "--progress", "none"];
  const outcome = await runHere([...run, "-o", "out"], folder);
  expect(outcome.code, outcome.stderr).toBe(0);
  const text = readFileSync(join(folder, "out", "report.json"), "utf8");
  expect(text + outcome.stdout + outcome.stderr).not.toContain(secret);
  expect(text).toContain('\\"beta\\":0.5');
  const parsed = JSON.parse(text) as { suites: { metrics: Record<string, { value: number; n: number }> }[] };
  const { log_ratio_chosen_falling, log_ratio_moves_together, attribute_log_ratio_accuracy, accuracy } =
    parsed.suites[0]!.metrics;
  expect([log_ratio_chosen_falling!.n, log_ratio_moves_together!.n]).toEqual([6, 6]);
  expect(attribute_log_ratio_accuracy!.value).toBe(accuracy!.value);
});
