import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exitCodeOf } from "../../../src/cli/exit-code.ts";
import { Scorer, type Answer } from "../../../src/inference/execute.ts";
import { memoryStore } from "../../../src/inference/memory-store.ts";
import { describeModel } from "../../../src/models/describe.ts";
import type { Text } from "../../../src/models/http/text.ts";
import type { Question } from "../../../src/questions/question.ts";
import { ask, context, options, pointwise } from "../support.ts";
import { embedded, tinyFolder, withNaN, type Embedded } from "./servers/embedded.ts";
import { faults, type Situation } from "./servers/faults.ts";
import { servers, settingsFor, type ServerName } from "./servers/handlers.ts";
import { serve, type Asked } from "./servers/serve.ts";

const docs = fileURLToPath(new URL("../../../docs/servers.md", import.meta.url));
const names = Object.keys(servers) as ServerName[];
const questions = Array.from({ length: 24 }, (_, i) =>
  pointwise(ask(`Question ${i >> 1}?`, `Answer ${i} ${"is long ".repeat(i % 5)}`)),
);
const poison = 13;
const probeCount = 4;
let tiny: Embedded;
let right: number[];
let poisonIds: number[];

beforeAll(async () => {
  tiny = await embedded();
  right = await Promise.all(
    questions.map((question) => {
      if (question.kind !== "pointwise") throw new Error("pointwise");
      const { prompt, response } = question.of;
      return tiny.ofMessages([...prompt, { role: "assistant", content: response as string }]);
    }),
  );
  const { of } = questions[poison] as Extract<Question, { kind: "pointwise" }>;
  poisonIds = await tiny.idsOfMessages([...of.prompt, { role: "assistant", content: of.response as string }]);
});
afterAll(() => tiny.close());

/** One run of 24 texts, two in a request, one request at a time. */
async function cell(name: ServerName, faultName: string): Promise<string> {
  const { handler, spec } = servers[name];
  const scored = faultName === "NaN for one text" ? withNaN(tiny, poisonIds) : tiny;
  const server = await serve(handler(scored));
  await using _killed = { [Symbol.asyncDispose]: () => server.kill() };
  const settings = { ...settingsFor(name, tinyFolder), patience: 0.6, concurrency: 1 };
  const model = await describeModel(
    spec(server.url),
    options({ server: settings, timeout: 1, batchSize: 2 }),
    context(),
  );
  const [prepared] = await model.prepare([questions[poison]!]);
  const text = prepared!.payload as Text;
  const marks = [text.ids?.join() ?? "", JSON.stringify(text.written).slice(1, -1), JSON.stringify(text.messages)];
  let stored = 0;
  const memory = memoryStore();
  const store = {
    ...memory,
    put: async (entries: Parameters<typeof memory.put>[0]) => {
      await memory.put(entries);
      stored += entries.length;
    },
  };
  const poisoned = (asked: Asked) => marks.some((mark) => mark.length > 4 && JSON.stringify(asked.body).includes(mark));
  const situation: Situation = {
    name,
    server,
    poisoned,
    scores: ({ path }) => !/models$|info$|version|tokenize|models\/tiny$/.test(path),
    stored: () => stored > probeCount + 1,
  };
  await using scorer = new Scorer(model, store, { signal: new AbortController().signal, emit: () => {} });
  let answers: Answer[] = [];
  let code = 0;
  // The model is opened by the first text; what a fault does to opening is another test's.
  const [first] = await scorer.answer(questions.slice(0, 1));
  const before = { asked: server.asked.length, stored };
  server.fault = faults[faultName]!(situation);
  try {
    answers = [first!, ...(await scorer.answer(questions.slice(1)))];
  } catch (error) {
    code = exitCodeOf(error);
  }
  const found = answers.flatMap(({ score }, i) =>
    score.status === "ok" && Number.isFinite(score.value) ? [[i, score.value] as const] : [],
  );
  for (const [i, value] of found) expect(value, `text ${i}`).toBeCloseTo(right[i]!, 6);
  // As `--max-errors 0`: a text without a finite score leaves the run incomplete.
  if (code === 0 && found.length < questions.length) code = 3;
  return `${code} · ${stored - probeCount} · ${server.asked.length - before.asked}`;
}

const expected = new Map<string, string>();
const cells = Object.keys(faults).flatMap((fault) => names.map((name) => [fault, name] as const));

it.concurrent.each(cells)("%s: %s", async (fault, name) => {
  const found = await cell(name, fault);
  expected.set(`${fault} ${name}`, found);
  if (process.env["RMBENCH_UPDATE_DOCS"] !== undefined) return;
  const row = (await readFile(docs, "utf8")).split("\n").find((line) => line.startsWith(`| ${fault} `));
  const columns = (row ?? "").split("|").slice(2, -1);
  expect(found).toBe(columns[names.indexOf(name)]?.trim());
});

afterAll(async () => {
  if (process.env["RMBENCH_UPDATE_DOCS"] === undefined) return;
  const rows = Object.keys(faults).map(
    (fault) => `| ${fault} | ${names.map((name) => expected.get(`${fault} ${name}`)).join(" | ")} |`,
  );
  const table = [`| fault | ${names.join(" | ")} |`, `| --- |${names.map(() => " --- |").join("")}`, ...rows].join(
    "\n",
  );
  const text = await readFile(docs, "utf8");
  await writeFile(docs, text.replace(/(<!-- matrix -->\n)[\s\S]*?(\n<!-- end of matrix -->)/, `$1\n${table}\n$2`));
});
