/** Reports with plausible values, built by hand: what renderers are tested on. */
import { findingsOf } from "../../src/report/findings.ts";
import type { SuiteNumbers } from "../../src/report/headline.ts";
import {
  reportSchemaId,
  type Counts,
  type GroupReport,
  type Report,
  type SuiteReport,
} from "../../src/report/schema.ts";

type Estimates = SuiteReport["metrics"];

export function estimate(value: number | null, half: number | null = null, n = 120): Estimates[string] {
  if (value === null) return { value, n, undefinedBecause: "empty" };
  if (half === null) return { value: Number(value.toPrecision(12)), n };
  const rounded = (bound: number): number => Number(bound.toPrecision(12));
  const interval = { low: rounded(value - half), high: rounded(value + half), level: 0.95, method: "cluster-t" };
  return { value: rounded(value), n, clusters: 60, interval };
}

export function counts(changes: Partial<Counts> = {}): Counts {
  const none = {
    tied: 0,
    invalid: 0,
    unparsable: 0,
    failed: 0,
    tooLong: 0,
    unmatched: 0,
    truncated: 0,
    droppedDocuments: 0,
  };
  return { pairs: 120, comparisons: 120, judged: 120, ...none, ...changes };
}

function metrics(accuracy: number, half: number): Estimates {
  return {
    accuracy: estimate(accuracy, half),
    accuracy_strict: estimate(accuracy - 0.004, half),
    tie_rate: estimate(0.008),
    margin_mean: estimate(0.812, 0.2),
    nll: estimate(0.571, 0.06),
    brier: estimate(0.193, 0.02),
    ece: { ...estimate(0.084), details: { bins: 10 } },
    ece_null_mean: estimate(0.058),
    ece_null_q95: estimate(0.096),
    ece_more: estimate(0.071),
    temperature: estimate(1.21),
    calibration_slope: estimate(0.83, 0.2),
    ece_cross_fitted: { ...estimate(0.052), details: { bins: 10 } },
    ece_cross_fitted_null_mean: estimate(0.055),
    ece_cross_fitted_null_q95: estimate(0.09),
    auroc: estimate(0.64, 0.05),
    mystery_metric: estimate(null),
  };
}

function group(by: GroupReport["by"], name: string, accuracy: number): GroupReport {
  return { by, name, counts: counts({ pairs: 60, comparisons: 60, judged: 60 }), metrics: metrics(accuracy, 0.11) };
}

export function suite(id: string, accuracy: number, changes: Partial<SuiteNumbers> = {}): SuiteReport {
  const numbers: SuiteNumbers = {
    id,
    title: `About ${id}`,
    version: "1.0.0",
    protocol: "pairwise",
    fingerprint: "9f2c4b1d0e8a7f6655443322110099887766554433221100ffeeddccbbaa9988",
    pinned: { fingerprint: "ab".repeat(32), state: "matches" },
    licence: "Apache-2.0",
    chance: 0.5,
    available: 120,
    counts: counts(),
    metrics: metrics(accuracy, 0.08),
    groups: [group("subset", "plain", accuracy + 0.02), group("direction", "answer", accuracy - 0.02)],
    calibration: { headline: "ece", because: "the model declares Bradley–Terry logits", bins: bins() },
    margins: { edges: [-3, -2, -1, 0, 1, 2, 3], counts: [3, 10, 21, 34, 37, 15], ties: 0, clipped: 0 },
    shortcuts: [
      { name: "longest", accuracy: estimate(0.5, 0.09) },
      { name: "most-citations", accuracy: estimate(0.517, 0.09) },
    ],
    ...changes,
  };
  return { ...numbers, findings: findingsOf(numbers) };
}

function bins(): SuiteReport["calibration"]["bins"] {
  const observed: [number, number, number][] = [
    [0, 14, 0.571],
    [1, 18, 0.556],
    [2, 16, 0.625],
    [4, 20, 0.7],
    [6, 22, 0.773],
    [8, 19, 0.842],
    [9, 11, 0.909],
  ];
  return observed.map(([k, n, accuracy]) => {
    const low = (10 + k) / 20;
    const interval = {
      low: Number((accuracy - 0.2).toFixed(6)),
      high: Number(Math.min(1, accuracy + 0.12).toFixed(6)),
      level: 0.95,
      method: "wilson",
    };
    return { low, high: (11 + k) / 20, n, confidence: Number((low + 0.022).toFixed(6)), accuracy, interval };
  });
}

export function report(suites: SuiteReport[], changes: Partial<Report> = {}): Report {
  const accuracies = suites.map((one) => one.metrics["accuracy"]?.value ?? 0);
  return {
    schema: reportSchemaId,
    rmbench: "0.1.0",
    model: {
      id: "tiny",
      identity: { adapter: "onnx", weights: "sha256:0123abcd", maxLength: "512" },
      output: "bradley-terry",
      notice: "tiny is for trying the harness: it was trained on the same kind of generator as the bundled suites.",
      replayed: false,
    },
    replay: null,
    settings: {
      seed: "rmbench",
      level: 0.95,
      limit: null,
      where: [],
      ids: null,
      shard: null,
      truncate: "never",
      maxErrors: 0,
      maxUnmatched: 0,
    },
    complete: true,
    suites,
    overall: {
      accuracy: estimate(accuracies.reduce((sum, a) => sum + a, 0) / Math.max(1, accuracies.length), 0.04, 480),
      metrics: metrics(0.68, 0.04),
    },
    provenance: {
      node: "20.20.2",
      platform: "linux-x64",
      packages: { "onnxruntime-node": "1.30.0" },
      git: { commit: "427bcd1", dirty: false },
    },
    execution: {
      startedAt: "2026-01-02T03:04:05.000Z",
      seconds: 12.5,
      argv: ["run"],
      host: { cpu: "some CPU", cores: 2, memoryGiB: 24 },
      store: { hits: 0, scored: 960 },
      throughput: { textsPerSecond: 210, tokensPerSecond: 24_000, paddingShare: 0.02 },
      device: {
        requested: "auto",
        used: "cpu",
        nodes: { CPUExecutionProvider: 112 },
        driver: null,
        dtype: "fp32",
        runtime: "1.30.0",
      },
    },
    ...changes,
  };
}

export function example(): Report {
  return report([
    suite("consistency", 0.717),
    suite("rag-citation", 0.633, {
      shortcuts: [{ name: "most-citations", accuracy: estimate(0.7, 0.08) }],
      counts: counts({ tied: 9, truncated: 3, droppedDocuments: 5 }),
    }),
    suite("rag-abstain", 0.55, {
      metrics: { ...metrics(0.55, 0.13), ece: estimate(0.131), signed_gap: estimate(0.42, 0.15) },
      groups: [group("direction", "answer", 0.76), group("direction", "abstain", 0.34)],
    }),
    suite("safety", 0.842, { counts: counts({ pairs: 40, comparisons: 40, judged: 38, tooLong: 2 }) }),
  ]);
}

/** Names that attack a terminal, a page, a pull request, a table or a spreadsheet. */
export const hostile = {
  suite: "\u001b[31mred\u001b[0m|</script><script>alert(1)</script>`x`",
  subset: "a|b\n# heading\u202egnp.exe [link](javascript:alert(1)) <img src=x onerror=1>",
  model: "mo\u200bdel\u0007 ](http://evil.example) ${x} \ud800 @octocat #1",
};

export function hostileReport(): Report {
  const bad = suite("hostile", 0.7, {
    title: hostile.subset,
    licence: hostile.suite,
    groups: [group("subset", hostile.subset, 0.7), group("direction", hostile.suite, 0.6)],
    shortcuts: [{ name: hostile.suite, accuracy: estimate(0.5, 0.1) }],
    calibration: { headline: "ece_cross_fitted", because: hostile.subset, bins: bins() },
  });
  const base = example();
  return report([bad, suite("tame", 0.6)], {
    model: { ...base.model, id: hostile.model, identity: { [hostile.subset]: hostile.suite }, notice: hostile.suite },
  });
}
