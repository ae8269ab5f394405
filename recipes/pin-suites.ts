/** Writes the fingerprint of each bundled suite's pairs into its definition: `npm run pin-suites` after a regeneration. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openPairs } from "../src/pairs/arrow-reader.ts";
import { SuiteFingerprint } from "../src/pairs/fingerprint.ts";
import { root } from "./architecture.ts";

for (const file of readdirSync(join(root, "suites")).filter((name) => name.endsWith(".yaml"))) {
  const path = join(root, "suites", file);
  const text = readFileSync(path, "utf8");
  const pairs = /^pairs: (.+)$/m.exec(text)?.[1];
  if (pairs === undefined) throw new Error(`${path} names no pairs`);
  const fingerprint = new SuiteFingerprint();
  for await (const window of await openPairs(join(root, "suites", pairs))) {
    for (const pair of window) fingerprint.add(pair);
  }
  const unpinned = text.replace(/^fingerprint: .*\n/m, "");
  writeFileSync(
    path,
    unpinned.replace(/^pairs: .+\n/m, (line) => `${line}fingerprint: ${fingerprint.digest()}\n`),
  );
}
