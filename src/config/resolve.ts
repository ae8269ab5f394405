import { access } from "node:fs/promises";
import { resolve as resolvePath } from "node:path";
import { z } from "zod";
import { RmbenchError } from "../errors.ts";
import { configKeys, configSchema, type Config, type ConfigKey } from "./schema.ts";
import { problemOf } from "../problem.ts";
import { readYaml } from "./yaml-file.ts";

export const configFileName = "rmbench.config.yaml";

/** The configuration file's keys without their defaults: a default must not hide that the file is silent. */
const fileSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(configSchema.shape).map(([key, schema]) => [
      key,
      (schema instanceof z.ZodDefault ? schema.unwrap() : schema).optional(),
    ]),
  ),
);

type Given = string | readonly string[] | true;

/** Where a setting's value comes from, in the words of an error message. */
type Origin = string;

export interface ResolvedConfig {
  values: Config;
  /** By setting: `flag --limit`, `environment RMBENCH_LIMIT`, the configuration file's name, or `default`. */
  origins: Readonly<Record<ConfigKey, Origin>>;
}

export interface ConfigSources {
  /** Values of the command line: text, a list of texts where a flag may be repeated, true where it takes no value. */
  flags: Partial<Record<ConfigKey, Given>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Configuration file named by the user, or null: `rmbench.config.yaml` in `cwd` where there is one. */
  file: string | null;
  cwd: string;
}

/** `maxLength` as a flag: `--max-length`. */
export function flagName(key: ConfigKey): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `maxLength` as an environment variable: `RMBENCH_MAX_LENGTH`. */
export function envName(key: ConfigKey): string {
  return `RMBENCH_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * Every setting by precedence: flag, environment, configuration file, default.
 * @throws RmbenchError `usage` for a bad flag or variable, `config` for a bad file.
 */
export async function resolveConfig(sources: ConfigSources): Promise<ResolvedConfig> {
  const fromFile = await fileValues(sources);
  const values: Record<string, unknown> = {};
  const origins = {} as Record<ConfigKey, Origin>;
  for (const key of configKeys) {
    const flag = sources.flags[key];
    const variable = sources.env[envName(key)];
    if (flag !== undefined) {
      origins[key] = `flag ${flagName(key)}`;
      values[key] = textValue(key, flag, flagName(key));
    } else if (variable !== undefined && variable !== "") {
      origins[key] = `environment ${envName(key)}`;
      values[key] = textValue(key, variable, envName(key));
    } else if (fromFile !== null && key in fromFile.values) {
      origins[key] = fromFile.file;
      values[key] = fromFile.values[key];
    } else {
      origins[key] = "default";
      values[key] = configSchema.shape[key].parse(undefined);
    }
  }
  // The flag names the protocol; prices, principles and the like are in the file, and stay.
  values["judge"] &&= { ...fromFile?.values.judge, ...(values as Config).judge };
  values["implicit"] &&= { ...fromFile?.values.implicit, ...(values as Config).implicit };
  values["server"] &&= { ...fromFile?.values.server, ...(values as Config).server };
  return { values: values as Config, origins };
}

async function fileValues({ file, cwd }: ConfigSources): Promise<{ file: string; values: Partial<Config> } | null> {
  const path = resolvePath(cwd, file ?? configFileName);
  if (file === null && !(await exists(path))) return null;
  const values = await readYaml(path, fileSchema);
  return { file: file ?? configFileName, values: values as Partial<Config> };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const lists: readonly ConfigKey[] = ["model", "suite", "where", "ids"];

/** Whether a setting has several values: a flag that may be repeated, a variable with a value a line. */
export function isList(key: ConfigKey): boolean {
  return lists.includes(key);
}

const numbers: readonly ConfigKey[] = [
  "limit",
  "maxLength",
  "batchTokens",
  "batchSize",
  "threads",
  "level",
  "timeout",
  "maxErrors",
  "maxUnmatched",
  "maxCost",
];

/** Flags without a value; as a variable `1` or `true`, `0` or `false`. */
const switches: readonly ConfigKey[] = ["trustRemoteCode"];

function textValue(key: ConfigKey, text: Given, name: string): unknown {
  const value = typed(key, text);
  const parsed = configSchema.shape[key].safeParse(value);
  if (parsed.success) return parsed.data;
  const said = Array.isArray(text) ? text.join(" ") : String(text);
  throw new RmbenchError("usage", `${name} ${said}: ${parsed.error.issues.map(problemOf).join("; ")}`, {
    hint: configSchema.shape[key].meta()?.description,
  });
}

function typed(key: ConfigKey, text: Given): unknown {
  if (text === true) return true;
  if (isList(key)) {
    const values = typeof text === "string" ? text.split("\n") : text;
    // Paths and tags may hold commas; ids are short, and there are many of them.
    const parts = key === "ids" ? values.flatMap((value) => value.split(",")) : values;
    return parts.map((part) => part.trim()).filter((part) => part !== "");
  }
  const last = typeof text === "string" ? text : text.at(-1)!;
  if (key === "contextPairs") return last.split(",").map((part) => numeric(part.trim()));
  if (switches.includes(key)) return { "1": true, true: true, "0": false, false: false }[last] ?? last;
  return numbers.includes(key) ? numeric(last) : last;
}

/** The number that a text is, else the text, for the schema to refuse. */
function numeric(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}
