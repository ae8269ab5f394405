import { RmbenchError } from "../errors.ts";
import { bestOfN } from "./best-of-n.ts";
import { contrast } from "./contrast.ts";
import { pairwise } from "./pairwise.ts";
import type { Protocol } from "./protocol.ts";
import { tournament } from "./tournament.ts";
import { twoSided } from "./two-sided.ts";

/** All protocols. Register a new one here. */
export const protocols: readonly Protocol[] = [pairwise, contrast, twoSided, bestOfN, tournament];

/** @throws RmbenchError `config` when no protocol has this name. */
export function protocolNamed(name: string): Protocol {
  const protocol = protocols.find((candidate) => candidate.name === name);
  if (protocol === undefined) {
    throw new RmbenchError("config", `no protocol is called "${name}"`, {
      hint: `the protocols are ${protocols.map((candidate) => candidate.name).join(", ")}`,
    });
  }
  return protocol;
}
