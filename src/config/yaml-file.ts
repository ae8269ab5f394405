import { readFile } from "node:fs/promises";
import { isMap, isScalar, LineCounter, parseDocument, type Document } from "yaml";
import type { z } from "zod";
import { messageOf, RmbenchError } from "../errors.ts";
import { problemOf } from "../problem.ts";

/**
 * Reads and validates a YAML file; all problems are told at once, each as `file:line:column: path: message`.
 * @throws RmbenchError `config`.
 */
export async function readYaml<T extends z.ZodType>(file: string, schema: T): Promise<z.output<T>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    throw new RmbenchError("config", `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseYaml(text, file, schema);
}

/** As `readYaml`, on a text that was already read. */
function parseYaml<T extends z.ZodType>(text: string, file: string, schema: T): z.output<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, prettyErrors: false });
  if (document.errors.length > 0) {
    throw invalid(document.errors.map((error) => `${position(file, lines, error.pos[0])}: ${error.message}`));
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    throw invalid([`${file}: ${messageOf(error)}`]);
  }
  const parsed = schema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.flatMap((issue) => {
      const where = (path: readonly PropertyKey[]) => {
        const at = position(file, lines, offsetOf(document, path));
        return path.length === 0 ? `${at}: the file` : `${at}: ${path.join(".")}:`;
      };
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => {
          const at = position(file, lines, keyOffset(document, issue.path, key));
          return `${at}: ${[...issue.path, key].join(".")}: there is no such key`;
        });
      }
      return [`${where(issue.path)} ${problemOf(issue)}`];
    }),
  );
}

function invalid(problems: readonly string[]): RmbenchError {
  return new RmbenchError("config", problems.join("\n"));
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as { range?: [number, number, number] } | undefined;
    if (node?.range !== undefined) return node.range[0];
  }
  return 0;
}

function keyOffset(document: Document.Parsed, path: readonly PropertyKey[], key: string): number {
  const map: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => isScalar(item.key) && String(item.key.value) === key) : undefined;
  return isScalar(pair?.key) ? (pair.key.range?.[0] ?? 0) : 0;
}

function position(file: string, lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `${file}:${line}:${col}`;
}
