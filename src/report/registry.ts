/** Every reporter. Register a new one here. */
import { RmbenchError } from "../errors.ts";
import { renderJson } from "./json.ts";
import { renderMarkdown } from "./markdown.ts";
import type { Reporter } from "./reporter.ts";

export const reporters: readonly Reporter[] = [
  { name: "markdown", extension: "md", render: (report) => renderMarkdown(report) },
  { name: "json", extension: "json", render: renderJson },
];

/** The reporter for an output file, by its extension. @throws RmbenchError `usage` where there is none. */
export function reporterFor(file: string): Reporter {
  const found = reporters.find(({ extension }) => file.toLowerCase().endsWith(`.${extension}`));
  if (found !== undefined) return found;
  const known = reporters.map(({ extension }) => `.${extension}`).join(", ");
  throw new RmbenchError("usage", `no reporter writes "${file}"`, {
    hint: `end the file name in ${known}, .scores.jsonl or .scores.csv`,
  });
}
