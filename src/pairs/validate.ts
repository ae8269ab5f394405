import { hash } from "node:crypto";
import { checkPair, type FindingKind, findingKinds, type PairFinding } from "./checks.ts";
import { SuiteFingerprint, wellFormedJson } from "./fingerprint.ts";
import { HashIndex, NumberColumn } from "./hash-index.ts";
import type { ProblemKind } from "./import/record.ts";
import type { PreferencePair } from "./pair.ts";

/** A pair with the row of its source, from 1. */
export interface Located {
  pair: PreferencePair;
  row: number;
}

export interface Finding {
  kind: FindingKind;
  severity: "error" | "warning" | "info";
  file: string;
  /** Row of the source, from 1; null where the finding is about the file. */
  row: number | null;
  /** What was found, in terms of columns; never text of the pair itself. */
  message: string;
  remedy: string;
}

export interface ValidationReport {
  pairs: number;
  /** How often each kind was found; kinds that were not found are absent. */
  counts: Partial<Record<FindingKind, number>>;
  errors: number;
  warnings: number;
  infos: number;
  /** The first findings of each kind, in the order in which they were met. */
  findings: Finding[];
  /** Suite fingerprint (hex) over the pairs in their order. */
  fingerprint: string;
}

/** For each pair the tokens of its longest conversation and what the model takes, or null where it fits. */
export type Measure = (pairs: readonly PreferencePair[]) => Promise<readonly (TooLong | null)[]>;

interface TooLong {
  tokens: number;
  limit: number;
}

export interface ValidateOptions {
  /** How many findings of each kind are kept; the rest is counted. Default 10. */
  keep?: number;
  /** Finds pairs that are too long for a named model. */
  measure?: Measure | undefined;
}

const digestOf = (...parts: unknown[]): Buffer => hash("sha256", wellFormedJson(parts), "buffer");

interface Seen {
  row: number;
  file: number;
  flag: number;
}

/** Where each digest was met first, in compact columns. */
class FirstSeen {
  readonly #index = new HashIndex();
  readonly #rows = new NumberColumn();
  /** File number times two, plus the flag. */
  readonly #files = new NumberColumn();

  /** The first meeting, or null where this is it. */
  meet(digest: Uint8Array, row: number, file: number, flag = 0): Seen | null {
    const before = this.#index.size;
    const i = this.#index.indexOf(digest);
    if (i < before) return { row: this.#rows.at(i), file: this.#files.at(i) >>> 1, flag: this.#files.at(i) & 1 };
    this.#rows.set(i, row);
    this.#files.set(i, file * 2 + flag);
    return null;
  }
}

/** Finds keys and contents that occur more than once. */
class Repeats {
  readonly #keys = new FirstSeen();
  readonly #ids = new FirstSeen();
  readonly #contents = new FirstSeen();
  readonly #files: string[] = [];

  #place(seen: Seen): string {
    const here = seen.file === this.#files.length - 1;
    return here ? `row ${seen.row}` : `row ${seen.row} of ${this.#files[seen.file] ?? ""}`;
  }

  *check(pair: PreferencePair, row: number, name: string): Generator<PairFinding> {
    if (this.#files.at(-1) !== name) this.#files.push(name);
    const file = this.#files.length - 1;
    const sameKey = this.#keys.meet(digestOf(pair.subset, pair.id), row, file);
    const sameId = this.#ids.meet(digestOf(pair.id), row, file);
    if (sameKey !== null) {
      yield { kind: "duplicate-key", message: `subset and id are those of ${this.#place(sameKey)}` };
    } else if (sameId !== null) {
      yield { kind: "repeated-id", message: `the id is that of ${this.#place(sameId)} too, in another subset` };
    }

    const [a, b] = [
      digestOf(pair.prompt, pair.chosen).toString("latin1"),
      digestOf(pair.rejectedPrompt ?? pair.prompt, pair.rejected).toString("latin1"),
    ];
    const images = pair.images?.map((image) => hash("sha256", image, "hex"));
    const context = [pair.rejectedPrompt !== null, pair.documents, pair.tools, pair.grades, pair.steps, images];
    const flag = Number(a > b);
    const seen = this.#contents.meet(digestOf(...(a > b ? [b, a] : [a, b]), ...context), row, file, flag);
    if (seen === null) return;
    yield seen.flag === flag
      ? { kind: "duplicate-text", message: `prompt and responses are those of ${this.#place(seen)}` }
      : { kind: "contradiction", message: `${this.#place(seen)} has the same texts with the opposite preference` };
  }
}

const problemKinds: Record<ProblemKind, FindingKind> = {
  malformed: "malformed",
  "non-utf8": "non-utf8",
  null: "null",
  type: "malformed",
  unsupported: "malformed",
};

/** Collects findings while pairs pass by, of one file or of several that will be one suite. */
export class Validator {
  readonly #repeats = new Repeats();
  readonly #fingerprint = new SuiteFingerprint();
  readonly #counts = new Map<FindingKind, number>();
  readonly #findings: Finding[] = [];
  readonly #keep: number;
  #pairs = 0;

  constructor(readonly options: ValidateOptions = {}) {
    this.#keep = options.keep ?? 10;
  }

  /** Checks the next pairs of a file, by themselves and against all before. */
  async add(file: string, window: readonly Located[]): Promise<void> {
    for (const { pair, row } of window) {
      this.#pairs++;
      this.#fingerprint.add(pair);
      for (const { kind, message } of checkPair(pair)) this.find(kind, file, row, message);
      for (const { kind, message } of this.#repeats.check(pair, row, file)) this.find(kind, file, row, message);
    }
    const measured = (await this.options.measure?.(window.map(({ pair }) => pair))) ?? [];
    measured.forEach((long, i) => {
      if (long === null) return;
      this.find("too-long", file, window[i]?.row ?? null, `${long.tokens} tokens, and the model takes ${long.limit}`);
    });
  }

  /** Adds what a reader or a layout found wrong with a row, or with the file from some place on. */
  problem(kind: ProblemKind, file: string, row: number | null, message: string, remedy: string): void {
    this.find(problemKinds[kind], file, row, message, remedy);
  }

  find(
    kind: FindingKind,
    file: string,
    row: number | null,
    message: string,
    remedy: string = findingKinds[kind].remedy,
  ): void {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (count > this.#keep) return;
    this.#findings.push({ kind, severity: findingKinds[kind].severity, file, row, message, remedy });
  }

  report(): ValidationReport {
    const total = (severity: Finding["severity"]): number =>
      [...this.#counts].reduce((sum, [kind, n]) => sum + (findingKinds[kind].severity === severity ? n : 0), 0);
    return {
      pairs: this.#pairs,
      counts: Object.fromEntries(this.#counts),
      errors: total("error"),
      warnings: total("warning"),
      infos: total("info"),
      findings: [...this.#findings],
      fingerprint: this.#fingerprint.digest(),
    };
  }
}

/** Checks pairs by themselves and against each other, in a memory of 70 to 150 bytes a pair. */
export async function validate(
  file: string,
  pairs: AsyncIterable<readonly Located[]>,
  options: ValidateOptions = {},
): Promise<ValidationReport> {
  const validator = new Validator(options);
  for await (const window of pairs) await validator.add(file, window);
  return validator.report();
}
