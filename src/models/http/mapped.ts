import { createHash } from "node:crypto";
import { RmbenchError } from "../../errors.ts";
import { counted, numberOf, readAnswer, type Dialect } from "./dialect.ts";
import { listOf, objectOf } from "./json.ts";
import type { ServerSettings } from "./settings.ts";
import type { Text } from "./text.ts";

/** `http:`, a server with a schema of its own: the section `server:` says what to send and where the scores are. */
export const mapped: Dialect = {
  name: "http",
  keys: [],
  input: "messages",
  switchable: false,
  indexed: false,
  reads: ["method", "body", "scores", "batch"],
  async connect({ client, settings }) {
    const { body: template, scores: path } = mappingOf(settings);
    const many = JSON.stringify(template).includes("{{texts}}");
    return {
      batch: many ? (settings.batch ?? 32) : 1,
      dtype: null,
      runtime: null,
      count: null,
      async score(texts, _raw, signal) {
        const sent = { method: settings.method ?? "POST", path: "", body: filled(template, texts) };
        const read = (said: unknown) =>
          counted(valuesAt(said, path), texts.length).map((value) => ({ value: numberOf(value) }));
        return readAnswer(await client.json(sent, signal), read, ` at \`${path}\``);
      },
    };
  },
};

/** For the identity. @throws RmbenchError `usage` where the mapping is not there. */
export function mappingHash(settings: ServerSettings): string {
  return createHash("sha256")
    .update(JSON.stringify(mappingOf(settings)))
    .digest("hex");
}

function mappingOf({ body, scores }: ServerSettings): { body: unknown; scores: string } {
  if (body !== undefined && scores !== undefined) return { body, scores };
  throw new RmbenchError("usage", "http: needs to know what to send, and where the scores are in the answer", {
    hint: 'in rmbench.config.yaml: `server: { body: { inputs: "{{texts}}" }, scores: "data[*].score" }`; docs/servers.md',
  });
}

/** A value that is only a placeholder becomes what it stands for; inside other text it is put in as text. */
function filled(template: unknown, texts: readonly Text[]): unknown {
  const one = texts[0]!;
  const text = ({ text: added, written, pair }: Text) => added ?? written ?? `${pair.question}\n\n${pair.answer}`;
  const places: Readonly<Record<string, unknown>> = {
    text: text(one),
    texts: texts.map(text),
    messages: one.messages,
    prompt: one.pair.question,
    response: one.pair.answer,
  };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
    if (typeof value !== "string") return value;
    const whole = /^\{\{\s*(\w+)\s*\}\}$/.exec(value)?.[1];
    if (whole !== undefined && Object.hasOwn(places, whole)) return places[whole];
    return value.replace(/\{\{\s*(\w+)\s*\}\}/g, (said, name: string) => {
      const found = Object.hasOwn(places, name) ? places[name] : undefined;
      return found === undefined ? said : typeof found === "string" ? found : JSON.stringify(found);
    });
  };
  return fill(template);
}

/** Values at `data[*].score`, `rewards` or `[0]`: names with dots between, `[n]` and `[*]`; a list at its end is spread. */
export function valuesAt(value: unknown, path: string): readonly unknown[] {
  const steps = path.replace(/^\$\.?/, "").match(/[^.[\]]+|\*/g) ?? [];
  const found = steps.reduce<readonly unknown[]>(
    (values, step) =>
      values.flatMap((inner) => {
        if (step === "*") return [...listOf(inner)];
        return [/^\d+$/.test(step) && Array.isArray(inner) ? inner[Number(step)] : objectOf(inner)[step]];
      }),
    [value],
  );
  return found.length === 1 && Array.isArray(found[0]) ? found[0] : found;
}
