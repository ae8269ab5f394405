/** JSON Schemas (draft 2020-12) of the files that rmbench reads and writes, generated from their zod schemas. */
import { z } from "zod";

/**
 * The text of a schema file.
 * @param title the id that files of this kind carry, or what the file is.
 * @param io `output` describes what rmbench writes; `input` what a person may write, where defaults may be left out.
 */
export function jsonSchemaText(schema: z.ZodType, title: string, io: "input" | "output"): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: "draft-2020-12", io });
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
}
