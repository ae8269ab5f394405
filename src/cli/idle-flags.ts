import { flagName } from "../config/resolve.ts";
import type { ConfigKey } from "../config/schema.ts";
import { RmbenchError } from "../errors.ts";

const servers = ["vllm", "sglang", "tei", "kserve", "openrlhf", "nim", "http"];

/** Settings that some adapters alone read, with those. */
const readers: Partial<Record<ConfigKey, readonly string[]>> = {
  judge: ["judge"],
  maxCost: ["judge"],
  record: ["judge"],
  replay: ["judge"],
  server: [...servers, "implicit"],
  implicit: ["implicit"],
  python: ["torch", "implicit"],
  maxUnmatched: ["scores"],
};

/**
 * Who asks for a limit or a file by a flag must not believe that it was heeded. A configuration file may serve many
 * commands, so what it says is not looked at.
 * @param given the settings that were given as flags
 * @param models specs, of which members of combinations count
 * @throws RmbenchError `usage` where none of the models reads one of them.
 */
export function refuseIdleFlags(given: readonly string[], models: readonly string[]): void {
  for (const [key, adapters] of Object.entries(readers)) {
    const reader = new RegExp(`(?:^|[(,\\s'"])(?:${adapters.join("|")}):`);
    if (!given.includes(key) || models.some((model) => reader.test(model))) continue;
    const flag = flagName(key as ConfigKey);
    throw new RmbenchError("usage", `no model of this run reads ${flag}`, {
      hint: `it is for ${adapters.map((name) => `${name}:`).join(", ")}; leave it out`,
    });
  }
}
