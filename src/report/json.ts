/** `report.json`: the report itself, canonical. */
import { RmbenchError, messageOf } from "../errors.ts";
import { reportSchema, reportSchemaId, type Report } from "./schema.ts";
import { visible } from "./untrusted.ts";

/** Number of problems that an error about a malformed report names. */
const mostIssues = 5;

/**
 * Canonical JSON: keys in the order of the schema, numbers rounded to 12 significant digits (`Math.exp` may differ in
 * the last bit between engines), two spaces, one line feed at the end.
 * @throws RmbenchError `internal` where the report breaks its own schema.
 */
export function renderJson(report: Report): string {
  const checked = reportSchema.safeParse(report);
  if (!checked.success) {
    throw new RmbenchError("internal", `the report breaks its own schema: ${explain(checked.error.issues)}`);
  }
  return `${JSON.stringify(checked.data, (_, value: unknown) => (typeof value === "number" ? rounded(value) : value), 2)}\n`;
}

function rounded(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

/**
 * Reads a `report.json`.
 * @param file name for messages only.
 * @throws RmbenchError `data` where the text is no JSON, of another version, or malformed.
 */
export function parseReport(text: string, file: string): Report {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (error) {
    throw new RmbenchError("data", `${file} is not JSON: ${visible(messageOf(error))}`, {
      hint: "give the report.json of a run, whole and as rmbench wrote it",
      cause: error,
    });
  }
  const id = typeof json === "object" && json !== null && "schema" in json ? json.schema : undefined;
  if (id !== reportSchemaId) {
    const what = typeof id === "string" ? `declares schema "${visible(id)}"` : "declares no schema";
    throw new RmbenchError("data", `${file} ${what}, expected "${reportSchemaId}"`, {
      hint:
        typeof id === "string" && id.startsWith("rmbench/report@")
          ? "read it with the rmbench version that wrote it, or run again"
          : "give the report.json of a run",
    });
  }
  const parsed = reportSchema.safeParse(json);
  if (!parsed.success) {
    throw new RmbenchError("data", `${file} is not a whole report: ${explain(parsed.error.issues)}`, {
      hint: "the file was changed or cut after rmbench wrote it: run again, or restore it",
    });
  }
  return parsed.data;
}

function explain(issues: readonly { path: readonly PropertyKey[]; message: string }[]): string {
  const named = issues.slice(0, mostIssues).map(({ path, message }) => `${pathText(path)}: ${visible(message)}`);
  const rest = issues.length - named.length;
  return named.join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}

function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${visible(String(step))}`));
  return steps.join("").replace(/^\./, "") || "the report";
}
