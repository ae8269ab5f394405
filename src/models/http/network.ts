import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { RmbenchError, messageOf } from "../../errors.ts";
import type { ModelContext } from "../reward-model.ts";

/**
 * The address of the environment's proxy, with or without its scheme as curl takes it; empty where there is none.
 * @throws RmbenchError `config` where it is no address.
 */
export function proxyOf(name: "HTTP_PROXY" | "HTTPS_PROXY", env: ModelContext["env"]): string {
  const given = env[name.toLowerCase()] ?? env[name] ?? "";
  if (given === "") return "";
  const address = given.includes("://") ? given : `http://${given}`;
  if (/^https?:/i.test(address) && URL.canParse(address)) return address;
  // It is not quoted, since it may hold a password.
  throw new RmbenchError("config", `the environment variable ${name} is not the address of an http proxy`, {
    hint: `as ${name}=http://proxy.example:3128; NO_PROXY names the hosts that need none`,
  });
}

/**
 * The certificate authorities of a PEM file. Those that are given to TLS replace its own, so they go with those of Node and of
 * NODE_EXTRA_CA_CERTS.
 * @throws RmbenchError `config` where a file cannot be read.
 */
export async function authorities(file: string, { cwd, env }: ModelContext): Promise<string[]> {
  const files = [file, env.NODE_EXTRA_CA_CERTS].filter((name) => name !== undefined && name !== "");
  const read = files.map((name) =>
    readFile(resolve(cwd, name!), "utf8").catch((error: unknown) => {
      throw new RmbenchError("config", `cannot read the certificate authorities in ${name}: ${messageOf(error)}`);
    }),
  );
  return [...rootCertificates, ...(await Promise.all(read))];
}
