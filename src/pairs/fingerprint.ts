import { createHash, hash } from "node:crypto";
import type { Message, PreferencePair, Response } from "./pair.ts";

const fingerprintBytes = 16;

const turns = (messages: readonly Message[]): string[][] => messages.map(({ role, content }) => [role, content]);
const answer = (response: Response): unknown => (typeof response === "string" ? response : turns(response));
// Arrow holds float32.
const single = (values: readonly number[]): number[] => values.map(Math.fround);

/**
 * A value as JSON text. Half of a surrogate pair is U+FFFD, as in UTF-8: a pair has one fingerprint before and after it was
 * written.
 */
export function wellFormedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === "string" ? part.toWellFormed() : part));
}

/** The content of a pair as text: equal texts mean equal content, key by key, of everything that a model could see. */
function canonical(pair: PreferencePair): string {
  return wellFormedJson([
    turns(pair.prompt),
    pair.documents?.map(({ id, title, text }) => [id, title, text]) ?? null,
    pair.tools,
    pair.chosen.map(answer),
    pair.rejected.map(answer),
    pair.rejectedPrompt === null ? null : turns(pair.rejectedPrompt),
    pair.grades === null ? null : single(pair.grades),
    pair.steps?.map(({ text, label }) => [text, Math.fround(label)]) ?? null,
    pair.images?.map((image) => hash("sha256", image, "hex")) ?? null,
  ]);
}

/**
 * The content fingerprint of a pair: the first 16 bytes of sha256 over prompt, documents, tools, responses, rejected
 * prompt, grades, steps and images. Key, cluster, direction, tags, user, language, strength and weight do not enter.
 */
export function fingerprintPair(pair: PreferencePair): Uint8Array {
  return hash("sha256", canonical(pair), "buffer").subarray(0, fingerprintBytes);
}

/** The content fingerprint of a suite: sha256 over keys and pair fingerprints in their order. */
export class SuiteFingerprint {
  readonly #hash = createHash("sha256");

  /** Adds the next pair and returns its own fingerprint. */
  add(pair: PreferencePair): Uint8Array {
    const bytes = fingerprintPair(pair);
    this.addKnown(pair.subset, pair.id, bytes);
    return bytes;
  }

  /** Adds the next pair by its key and its known fingerprint. */
  addKnown(subset: string, id: string, bytes: Uint8Array): void {
    this.#hash.update(wellFormedJson([subset, id])).update(bytes);
  }

  /** The fingerprint of what was added so far, as 64 hexadecimal digits. */
  digest(): string {
    return this.#hash.copy().digest("hex");
  }
}
