/** Writes schema/*.schema.json from the zod schemas: `node --import jiti/register recipes/schemas.ts`. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configSchema } from "../src/config/schema.ts";
import { jsonSchemaText } from "../src/report/json-schema.ts";
import { reportSchema, reportSchemaId } from "../src/report/schema.ts";
import { suiteSchema } from "../src/suites/schema.ts";

/** File name in schema/ → text. */
export function schemaFiles(): Map<string, string> {
  return new Map([
    ["report.schema.json", jsonSchemaText(reportSchema, reportSchemaId, "output")],
    ["config.schema.json", jsonSchemaText(configSchema, "rmbench.config.yaml", "input")],
    ["suite.schema.json", jsonSchemaText(suiteSchema, "rmbench suite definition", "input")],
  ]);
}

const here = fileURLToPath(import.meta.url);
if (process.argv[1] === here) {
  for (const [name, text] of schemaFiles()) writeFileSync(new URL(`../schema/${name}`, import.meta.url), text);
}
