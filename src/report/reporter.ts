import type { Report } from "./schema.ts";

/** How a terminal's rendering may look; nothing here changes a number. */
export interface RenderOptions {
  /** Columns that a line may take. */
  width: number;
  color: boolean;
  unicode: boolean;
}

/**
 * Turns reports into bytes. Pure: the same reports in, the same bytes out; `write.ts` alone touches the disk. Read
 * `markdown.ts` as the example, and `registry.ts` for the list. Every reporter passes `test/contract/reporter.test.ts`.
 */
export interface Reporter {
  name: string;
  /** File extension without the dot, by which `rmbench report -o` finds the reporter. */
  extension: string;
  render(report: Report): string | Promise<string>;
}
