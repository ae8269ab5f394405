/** What stands out in a suite's numbers, in words. Pure; a sentence each, with its numbers. */
import { bestShortcut, headlineEce, valueOf, type SuiteNumbers } from "./headline.ts";
import { count, counted, decimal, percent, percentWithInterval } from "./numbers.ts";
import type { Finding } from "./schema.ts";
import { visible } from "./untrusted.ts";

/** Half width of the accuracy interval beyond which a suite cannot tell much. */
const wideHalfWidth = 0.1;
/** Share of tied comparisons from which on ties are worth a sentence. */
const manyTies = 0.05;
/** Difference between two kinds of pairs (directions, longer/shorter) that is worth a sentence. */
const largeGap = 0.1;

/** Findings of one suite, the gravest first. */
export function findingsOf(suite: SuiteNumbers): Finding[] {
  const found = [
    ...incomplete(suite),
    ...againstChanceAndShortcuts(suite),
    ...calibration(suite),
    ...precision(suite),
    ...behaviour(suite),
    ...contextCurve(suite),
    ...reading(suite),
    ...source(suite),
  ];
  const rank = { error: 0, warning: 1, info: 2 };
  return found.sort((a, b) => rank[a.severity] - rank[b.severity]);
}

function incomplete({ counts }: SuiteNumbers): Finding[] {
  const of = `of ${count(counts.comparisons)} comparisons`;
  const lost = (code: string, n: number, why: string): Finding[] =>
    n === 0 ? [] : [{ code, severity: "error", text: `${count(n)} ${of} have no verdict: ${why}.` }];
  return [
    ...lost("invalid", counts.invalid, "a reward is NaN or infinite"),
    ...lost("unparsable", counts.unparsable, "an answer could not be read as a score"),
    ...lost("failed", counts.failed, "scoring failed"),
    ...lost("too-long", counts.tooLong, "a response is longer than the model's input"),
    ...lost("unmatched", counts.unmatched, "the replayed scores have none for a text"),
  ];
}

function againstChanceAndShortcuts(suite: SuiteNumbers): Finding[] {
  const accuracy = suite.metrics["accuracy"];
  if (accuracy === undefined || accuracy.value === null) {
    const because = accuracy?.undefinedBecause === undefined ? "" : `: ${accuracy.undefinedBecause}`;
    return [{ code: "no-accuracy", severity: "error", text: `Accuracy is undefined${because}.` }];
  }
  const findings: Finding[] = [];
  const own = percentWithInterval(accuracy);
  const { interval } = accuracy;
  const chance = percent(suite.chance);
  const atChance = interval !== undefined && interval.low <= suite.chance;
  if (interval !== undefined && interval.high < suite.chance) {
    findings.push({
      code: "below-chance",
      severity: "warning",
      text: `Worse than guessing: ${own}, chance is ${chance}.`,
    });
  } else if (atChance) {
    findings.push({
      code: "chance",
      severity: "warning",
      text: `Not distinguishable from guessing: ${own} includes chance (${chance}).`,
    });
  }
  const best = bestShortcut(suite);
  if (best === null) return findings;
  const shortcut = `the shortcut ${visible(best.name)} (${percent(best.accuracy.value)})`;
  const above = interval === undefined ? accuracy.value : interval.high;
  if (best.accuracy.value > above) {
    findings.push({
      code: "below-shortcut",
      severity: "warning",
      text: `Below ${shortcut}, which does not read: ${own}.`,
    });
  } else if (
    (interval === undefined ? accuracy.value : interval.low) <= best.accuracy.value &&
    !(atChance && best.accuracy.value <= suite.chance)
  ) {
    findings.push({
      code: "shortcut",
      severity: "warning",
      text: `Not distinguishable from ${shortcut}, which does not read: ${own}.`,
    });
  }
  return findings;
}

function calibration(suite: SuiteNumbers): Finding[] {
  const slope = valueOf(suite, "calibration_slope");
  if (slope !== null && slope <= 0) {
    const text = `No more often right where it is surer: calibration slope ${decimal(slope)} (1 is calibrated).`;
    return [{ code: "inverted-confidence", severity: "warning", text }];
  }
  const headline = headlineEce(suite);
  if (headline === null || headline.perfect === null || headline.ece <= headline.perfect.q95) return [];
  const bounds = `ECE ${decimal(headline.ece)}, a perfect model stays below ${decimal(headline.perfect.q95)} (95%)`;
  const warning = (text: string): Finding[] => [{ code: "badly-calibrated", severity: "warning", text }];
  if (headline.crossFitted) return warning(`Badly calibrated at its best temperature, too: ${bounds}.`);
  if (slope === null) return warning(`Badly calibrated: ${bounds}.`);
  const manner = slope < 1 ? "Over-confident" : "Under-confident";
  return warning(`${manner}: ${bounds}; calibration slope ${decimal(slope)}, 1 is calibrated.`);
}

function precision(suite: SuiteNumbers): Finding[] {
  const accuracy = suite.metrics["accuracy"];
  if (accuracy?.interval === undefined) return [];
  const half = (accuracy.interval.high - accuracy.interval.low) / 2;
  if (half <= wideHalfWidth) return [];
  const basis =
    accuracy.clusters === undefined
      ? counted(accuracy.n, "pair")
      : `${counted(accuracy.n, "pair")} in ${counted(accuracy.clusters, "cluster")}`;
  const text = `Too few pairs to tell: ${basis} ${accuracy.n === 1 ? "leaves" : "leave"} ±${(half * 100).toFixed(1)} points.`;
  return [{ code: "too-few-pairs", severity: "info", text }];
}

function behaviour(suite: SuiteNumbers): Finding[] {
  const findings: Finding[] = [];
  const gap = suite.metrics["signed_gap"];
  if (gap !== undefined && isLarge(gap)) {
    const sides = suite.groups
      .filter((group) => group.by === "direction" && typeof group.metrics["accuracy"]?.value === "number")
      .map((group) => `${percent(group.metrics["accuracy"]?.value ?? 0)} right where it should ${visible(group.name)}`);
    const text =
      sides.length > 0 ? `One-sided: ${sides.join(", ")}.` : `One-sided: signed gap ${points(gap.value)} points.`;
    findings.push({ code: "one-sided", severity: "warning", text });
  }
  const length = suite.metrics["length_gap"];
  const longer = valueOf(suite, "accuracy_chosen_longer");
  const shorter = valueOf(suite, "accuracy_chosen_shorter");
  if (length !== undefined && isLarge(length) && longer !== null && shorter !== null) {
    const text = `Prefers ${longer > shorter ? "longer" : "shorter"} answers: ${percent(longer)} right where the chosen one is longer, ${percent(shorter)} where it is shorter.`;
    findings.push({ code: "length-bias", severity: "warning", text });
  }
  const { tied, judged } = suite.counts;
  if (judged > 0 && tied / judged > manyTies) {
    const credit =
      suite.protocol === "best-of-n" ? "whose credit the tied responses share" : "each counted as half right";
    const text = `${count(tied)} of ${count(judged)} comparisons are ties (${percent(tied / judged)}), ${credit}.`;
    findings.push({ code: "ties", severity: "warning", text });
  }
  return findings;
}

/** The one line that a run with context pairs is for. */
function contextCurve(suite: SuiteNumbers): Finding[] {
  const points = suite.groups
    .filter((group) => group.by === "context_pairs" && typeof group.metrics["accuracy"]?.value === "number")
    .map((group) => `${percent(group.metrics["accuracy"]?.value ?? 0)} at ${visible(group.name)}`);
  if (points.length === 0) return [];
  return [{ code: "context-curve", severity: "info", text: `Accuracy by context pairs: ${points.join(", ")}.` }];
}

function isLarge(gap: { value: number | null; interval?: { low: number; high: number } | undefined }): boolean {
  if (gap.value === null || gap.interval === undefined) return false;
  return Math.abs(gap.value) >= largeGap && (gap.interval.low > 0 || gap.interval.high < 0);
}

function points(share: number | null): string {
  return share === null ? "undefined" : `${share > 0 ? "+" : ""}${(share * 100).toFixed(1)}`;
}

function reading({ counts }: SuiteNumbers): Finding[] {
  const findings: Finding[] = [];
  if (counts.truncated > 0) {
    const text = `${counted(counts.truncated, "text was", "texts were")} cut to fit the model's input.`;
    findings.push({ code: "truncated", severity: "warning", text });
  }
  if (counts.droppedDocuments > 0) {
    const text = `${counted(counts.droppedDocuments, "document was", "documents were")} left out to fit the model's input.`;
    findings.push({ code: "dropped-documents", severity: "warning", text });
  }
  return findings;
}

function source(suite: SuiteNumbers): Finding[] {
  if (suite.pinned.state === "differs") {
    const text =
      "The pairs are not those that the suite's definition pins: numbers do not compare with other runs of this suite.";
    return [{ code: "fingerprint-differs", severity: "warning", text }];
  }
  if (suite.counts.pairs < suite.available) {
    const text = `A selection: ${count(suite.counts.pairs)} of ${counted(suite.available, "pair")}.`;
    return [{ code: "selection", severity: "info", text }];
  }
  return [];
}
