import { RmbenchError } from "../../errors.ts";
import type { Call, Usage } from "./provider.ts";

/** US dollars for a million tokens. */
export interface Price {
  input: number;
  output: number;
}

/** US dollars. */
export function costOf({ input, output }: Usage, price: Price): number {
  return (input * price.input + output * price.output) / 1e6;
}

/** An estimate, for the tokenizer is the provider's: a token for four bytes of UTF-8. */
export function estimatedTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 4);
}

export function estimatedInput({ system, turns }: Call): number {
  return turns.reduce((sum, { content }) => sum + estimatedTokens(content), estimatedTokens(system));
}

export function dollars(amount: number): string {
  return `${amount.toFixed(amount !== 0 && amount < 0.1 ? 4 : 2)} USD`;
}

/**
 * What a session asked for and spent. Where there is a limit, a request's worst cost is set aside before it is sent, so
 * that requests in flight together cannot pass the limit either.
 */
export class Spending {
  requests = 0;
  readonly usage: Usage = { input: 0, output: 0 };
  /** Whether some reply did not count its tokens. */
  estimated = false;
  readonly #price: Price | null;
  readonly #most: number;
  #reserved = 0;
  #waiting: (() => void)[] = [];

  /** @param most US dollars; null: no limit. */
  constructor(price: Price | null, most: number | null) {
    this.#price = price;
    this.#most = most ?? Number.POSITIVE_INFINITY;
  }

  /** US dollars, or null where there is no price. */
  get cost(): number | null {
    return this.#price === null ? null : costOf(this.usage, this.#price);
  }

  /**
   * Sets the worst cost of a request aside; waits where other requests hold what it needs.
   * @returns what to call with the usage once there is a reply, or with null where there is none.
   * @throws RmbenchError `incomplete` where the limit would be passed, `usage` where nothing was spent yet.
   */
  async reserve(worst: Usage): Promise<(used: Usage | null) => void> {
    const amount = this.#price === null ? 0 : costOf(worst, this.#price);
    while ((this.cost ?? 0) + this.#reserved + amount > this.#most) {
      if (this.#reserved === 0) throw this.#exhausted(amount);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#reserved += amount;
    return (used) => {
      // What floating point leaves over must not keep the others waiting.
      this.#reserved = Math.max(0, this.#reserved - amount);
      if (this.#reserved < 1e-12) this.#reserved = 0;
      if (used !== null) {
        this.requests++;
        this.usage.input += used.input;
        this.usage.output += used.output;
      }
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  #exhausted(amount: number): RmbenchError {
    const spent = this.cost ?? 0;
    return new RmbenchError(
      spent > 0 ? "incomplete" : "usage",
      `the next request may cost ${dollars(amount)}, and ${dollars(spent)} of --max-cost ${this.#most} are spent`,
      { hint: "What was scored is stored: the same command goes on, with the same or a higher --max-cost." },
    );
  }
}
