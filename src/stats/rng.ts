import { hash } from "node:crypto";
import { normalQuantile } from "./normal.ts";
import { tabulateInt } from "./tabulate.ts";

/** sha256 of a text's UTF-8 bytes, in lower-case hex. */
export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

/** Seed of one stream: `rmbench:<seed>:<purpose>[:<suite>[:<group>]]`, so that a new purpose never shifts another. */
export function streamSeed(seed: string, purpose: string, ...scope: readonly string[]): string {
  return ["rmbench", seed, purpose, ...scope].join(":");
}

/** Probabilities as integers to compare with the two words of a uniform: p · 2⁵³ = high · 2²⁶ + low, low rounded up. */
export interface Thresholds {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

export function thresholdsOf(probability: ArrayLike<number>): Thresholds {
  const high = tabulateInt(probability.length, (i) => Math.floor(probability[i]! * 134217728));
  const low = tabulateInt(probability.length, (i) => Math.ceil((probability[i]! * 134217728 - high[i]!) * 67108864));
  return { high, low };
}

/**
 * xoshiro128** 1.1 (Blackman & Vigna 2021, ACM TOMS 47:36). A text seeds it with the first 16 bytes of its sha256 as
 * four little-endian words; four words seed it directly.
 */
export class Rng {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  constructor(seed: string | readonly [number, number, number, number]) {
    const words = typeof seed === "string" ? wordsOf(seed) : seed;
    [this.s0, this.s1, this.s2, this.s3] = words.map((word) => word | 0) as [number, number, number, number];
    if ((this.s0 | this.s1 | this.s2 | this.s3) === 0) this.s0 = 1;
  }

  /** The four state words, each in [0, 2³²). */
  get state(): readonly [number, number, number, number] {
    return [this.s0 >>> 0, this.s1 >>> 0, this.s2 >>> 0, this.s3 >>> 0];
  }

  /** Uniform integer in [0, 2³²). */
  u32(): number {
    const times5 = Math.imul(this.s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = this.s1 << 9;
    this.s2 ^= this.s0;
    this.s3 ^= this.s1;
    this.s1 ^= this.s2;
    this.s0 ^= this.s3;
    this.s2 ^= shifted;
    this.s3 = (this.s3 << 11) | (this.s3 >>> 21);
    return result >>> 0;
  }

  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number {
    const high = this.u32() >>> 5;
    return (high * 67108864 + (this.u32() >>> 6)) / 9007199254740992;
  }

  /**
   * Draws one uniform for each of the probabilities from … to − 1 and counts those below: the sum of so many Bernoulli draws.
   * The same draws as `uniform()`, with the state in local variables and in integers, for hundreds of millions of them.
   */
  countBelow({ high, low }: Thresholds, from: number, to: number): number {
    let { s0, s1, s2, s3 } = this;
    let below = 0;
    for (let i = from; i < to; i++) {
      const times5 = Math.imul(s1, 5);
      const difference = (Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 5) - high[i]!;
      let shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
      below += difference >>> 31;
      if (difference === 0) {
        const again5 = Math.imul(s1, 5);
        below += Number(Math.imul((again5 << 7) | (again5 >>> 25), 9) >>> 6 < low[i]!);
      }
      shifted = s1 << 9;
      s2 ^= s0;
      s3 ^= s1;
      s1 ^= s2;
      s0 ^= s3;
      s2 ^= shifted;
      s3 = (s3 << 11) | (s3 >>> 21);
    }
    this.s0 = s0;
    this.s1 = s1;
    this.s2 = s2;
    this.s3 = s3;
    return below;
  }

  /** Uniform in (0, 1) with 52 bits, never 0 or 1. */
  open52(): number {
    const high = this.u32() >>> 6;
    return (high * 67108864 + (this.u32() >>> 6) + 0.5) / 4503599627370496;
  }

  /** Uniform integer in [0, n), without modulo bias; 1 <= n <= 2³². */
  below(n: number): number {
    const limit = 4294967296 - (4294967296 % n);
    let x = this.u32();
    while (x >= limit) x = this.u32();
    return x % n;
  }

  /** Standard normal deviate by inversion. */
  normal(): number {
    return normalQuantile(this.open52());
  }

  /** Shuffles in place (Fisher-Yates from the end) and returns the same array. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i >= 1; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

function wordsOf(seed: string): [number, number, number, number] {
  const hex = sha256(seed);
  const word = (at: number): number => {
    const bytes = hex.slice(8 * at, 8 * at + 8).match(/../g)!;
    return Number.parseInt(bytes.reverse().join(""), 16);
  };
  return [word(0), word(1), word(2), word(3)];
}
