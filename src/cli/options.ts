import { Option, type Command } from "commander";
import { configKeys, configSchema, type ConfigKey } from "../config/schema.ts";
import { envName, flagName, isList } from "../config/resolve.ts";
import { collect } from "./arguments.ts";

interface Flag {
  short?: string;
  value: string;
  group: string;
}

const flags: Record<ConfigKey, Flag> = {
  model: { short: "-m", value: "<spec...>", group: "What to score" },
  suite: { short: "-s", value: "<suite...>", group: "What to score" },
  limit: { short: "-n", value: "<pairs>", group: "What to score" },
  where: { value: "<key=value...>", group: "What to score" },
  ids: { value: "<id...>", group: "What to score" },
  shard: { value: "<i/n>", group: "What to score" },
  contextPairs: { value: "<numbers>", group: "What to score" },
  device: { value: "<provider>", group: "Model" },
  dtype: { value: "<dtype>", group: "Model" },
  revision: { value: "<revision>", group: "Model" },
  maxLength: { value: "<tokens>", group: "Model" },
  truncate: { value: "<policy>", group: "Model" },
  batchTokens: { value: "<tokens>", group: "Speed" },
  batchSize: { short: "-b", value: "<texts>", group: "Speed" },
  threads: { value: "<count>", group: "Speed" },
  timeout: { value: "<seconds>", group: "Speed" },
  compat: { value: "<harness>", group: "Model" },
  attention: { value: "<name>", group: "Model" },
  trustRemoteCode: { value: "", group: "Model" },
  python: { value: "<command>", group: "Model" },
  server: { value: "<key=value>", group: "Model" },
  implicit: { value: "<key=value>", group: "Model" },
  judge: { value: "<protocol>", group: "Judge" },
  maxCost: { value: "<dollars>", group: "Judge" },
  record: { value: "<file>", group: "Judge" },
  replay: { value: "<file>", group: "Judge" },
  store: { value: "<folder>", group: "Speed" },
  seed: { value: "<text>", group: "Numbers" },
  level: { value: "<level>", group: "Numbers" },
  maxErrors: { value: "<count>", group: "Numbers" },
  maxUnmatched: { value: "<share>", group: "Numbers" },
  out: { short: "-o", value: "<folder>", group: "Output" },
  progress: { value: "<mode>", group: "Output" },
};

/** Adds a flag per setting; descriptions, choices and defaults come from the schema. */
export function addConfigOptions(command: Command, keys: readonly ConfigKey[] = configKeys): Command {
  for (const key of Object.keys(flags) as ConfigKey[]) {
    if (!keys.includes(key)) continue;
    const { short, value, group } = flags[key];
    const schema = configSchema.shape[key];
    const parts = [schema.meta()?.description ?? ""];
    const choices = choicesOf(schema);
    if (choices !== null) parts.push(`One of ${choices.join(", ")}.`);
    const fallback: unknown = schema.parse(undefined);
    if (fallback !== undefined)
      parts.push(`Default: ${Array.isArray(fallback) ? fallback.join(" ") : String(fallback)}.`);
    parts.push(`[${envName(key)}${isList(key) ? ", one a line" : ""}]`);
    const option = new Option(
      `${short === undefined ? "" : `${short}, `}${flagName(key)} ${value.replace("...", "")}`.trimEnd(),
      parts.join(" "),
    );
    option.helpGroup(`${group}:`);
    if (value.includes("...")) option.argParser(collect);
    command.addOption(option);
  }
  return command;
}

function choicesOf(schema: unknown): readonly string[] | null {
  const inner = schema as { unwrap?: () => { options?: readonly string[] } };
  const options = typeof inner.unwrap === "function" ? inner.unwrap().options : undefined;
  return Array.isArray(options) && options.every((option) => typeof option === "string") ? options : null;
}
