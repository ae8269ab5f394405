import { nearest } from "../nearest.ts";
import { envName } from "./resolve.ts";
import { configKeys } from "./schema.ts";

/** Read besides the settings: flags of commands, and what errors show and tests use. */
const others = ["RMBENCH_CONFIG", "RMBENCH_JSON", "RMBENCH_DRY_RUN", "RMBENCH_DEBUG", "RMBENCH_API_KEY"];

/** A sentence for each `RMBENCH_…` variable that nothing reads, with the nearest one that something does. */
export function unknownVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = [...configKeys.map(envName), ...others];
  return Object.keys(env)
    .filter((name) => name.startsWith("RMBENCH_") && !known.includes(name))
    .map((name) => {
      const near = nearest(name, known);
      return `the environment variable ${name} is not known${near === null ? "" : `; did you mean ${near}?`}`;
    });
}
