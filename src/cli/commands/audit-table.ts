import type { Audit, AuditRules } from "../../audit/labels.ts";
import type { Voter } from "../../audit/strengths.ts";
import { layTable } from "../../report/layout.ts";
import { count, counted, decimal } from "../../report/numbers.ts";
import type { RenderOptions } from "../../report/reporter.ts";
import { wrap } from "../../report/text-width.ts";
import { escapeForTerminal } from "../escape.ts";

/** The most suspicious pairs of one suite, as a person reviews them. Ends with a line feed. */
export function auditTable(
  suite: string,
  voters: readonly Voter[],
  { pairs, counts, thresholds, unscored }: Audit,
  rules: AuditRules,
  normalised: boolean,
  most: number,
  { width, unicode }: RenderOptions,
): string {
  const shown = pairs.slice(0, most);
  const column = (head: string, align: "left" | "right", dropOrder: number, cells: string[]) => ({
    head,
    align,
    dropOrder,
    shrinksTo: align === "left" && dropOrder !== 1 ? 8 : null,
    cells,
  });
  const [mu, sigma] = unicode ? ["μ", "σ"] : ["mu", "sigma"];
  const table = layTable(
    [
      column(
        "id",
        "left",
        0,
        shown.map(({ id }) => escapeForTerminal(id)),
      ),
      column(
        "subset",
        "left",
        3,
        shown.map(({ subset }) => escapeForTerminal(subset)),
      ),
      column(
        mu,
        "right",
        0,
        shown.map((pair) => decimal(pair.mu)),
      ),
      column(
        sigma,
        "right",
        0,
        shown.map((pair) => decimal(pair.sigma)),
      ),
      column(
        "against",
        "right",
        2,
        shown.map(({ against, models }) => `${against} of ${models}`),
      ),
      column(
        "label",
        "left",
        1,
        shown.map(({ label }) => label),
      ),
      column(
        "suggestion",
        "left",
        1,
        shown.map(({ suggestion }) => suggestion),
      ),
    ],
    width,
    unicode ? "…" : "~",
  );
  const unit = normalised ? "standard deviations of a model's margins" : "the models' own units";
  const threshold = (value: number | null) => (value === null ? "none" : decimal(value));
  const rest = [
    `${counted(voters.length, "model")} (${voters.map(({ name }) => name).join(", ")}), ${mu} in ${unit}.`,
    `${count(counts.incorrect)} incorrect (${mu} < ${decimal(thresholds.incorrect)}), ` +
      `${count(counts.ambiguous)} ambiguous (${mu} < ${threshold(thresholds.ambiguous)}, the next ${rules.ambiguousShare}), ` +
      `${count(counts.normal)} normal, ${count(counts.strong)} strong (the top ${rules.strongShare}).`,
    ...(unscored > 0 ? [`${counted(unscored, "pair")} without two margins, and so without a label.`] : []),
    ...(pairs.length > shown.length ? [`${count(pairs.length - shown.length)} pairs are not shown.`] : []),
  ];
  const lines = [
    escapeForTerminal(suite),
    table.head,
    ...table.rows,
    "",
    ...rest.flatMap((line) => wrap(escapeForTerminal(line), width, 2)),
  ];
  return `${lines.join("\n")}\n`;
}
