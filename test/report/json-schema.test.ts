import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { schemaFiles } from "../../recipes/schemas.ts";

describe("schema/", () => {
  test.each([...schemaFiles()])("%s is as the zod schema says (else run recipes/schemas.ts)", (name, text) => {
    expect(readFileSync(new URL(`../../schema/${name}`, import.meta.url), "utf8")).toBe(text);
  });

  test("describes strict objects of draft 2020-12, with every key of the report", () => {
    const schema: unknown = JSON.parse(schemaFiles().get("report.schema.json") ?? "");
    expect(schema).toMatchObject({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "rmbench/report@1",
      additionalProperties: false,
      required: expect.arrayContaining(["schema", "model", "suites", "overall", "provenance", "execution"]),
    });
  });

  test("lets a person leave out what has a default", () => {
    const schema: unknown = JSON.parse(schemaFiles().get("suite.schema.json") ?? "");
    const required = typeof schema === "object" && schema !== null && "required" in schema ? schema.required : [];
    expect(required).toContain("protocol");
    expect(required).not.toContain("chance");
  });
});
