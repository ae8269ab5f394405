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

/** Tokens that a server's chat template may add to a request, beside the text. */
const templateTokens = 256;
/** Where a server counts more than a token for a byte, the next request may be worse by this factor. */
const margin = 1.1;

/** A request by the bytes of its body (UTF-8), and the most tokens that its reply may have. */
export interface Requested {
  bytes: number;
  output: number;
}

/** What a reply used, and whether the provider said so. */
export interface Billed {
  used: Usage;
  counted: boolean;
}

/**
 * What a session asked for and spent. Where there is a limit, a request's worst cost is set aside before it is sent, so
 * that requests in flight together cannot pass the limit either: a token for each byte of the request and 256 for the
 * template, or more where a reply showed more, and a reply of its full length. A reply whose tokens the provider does
 * not count takes all that was set aside.
 */
export class Spending {
  requests = 0;
  readonly usage: Usage = { input: 0, output: 0 };
  /** Whether some reply did not count its tokens. */
  estimated = false;
  readonly #price: Price | null;
  readonly #most: number;
  /** US dollars that are taken from the limit. */
  #taken = 0;
  #reserved = 0;
  #waiting: (() => void)[] = [];
  #perByte = 1;
  #beside = templateTokens;
  #longest = 0;

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
   * @returns what to call with what the reply used, or with null where there was none.
   * @throws RmbenchError `incomplete` where the limit could be passed, `usage` where nothing was spent yet.
   */
  async reserve(request: Requested): Promise<(billed: Billed | null) => void> {
    let amount = this.#worst(request);
    while (this.#taken + this.#reserved + amount > this.#most) {
      if (this.#reserved === 0) throw this.#exhausted(amount);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      amount = this.#worst(request);
    }
    this.#reserved += amount;
    return (billed) => {
      // What floating point leaves over must not keep the others waiting.
      this.#reserved = Math.max(0, this.#reserved - amount);
      if (this.#reserved < 1e-12) this.#reserved = 0;
      if (billed !== null) this.#take(request, billed, amount);
      for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  /** US dollars. */
  #worst({ bytes, output }: Requested): number {
    if (this.#price === null) return 0;
    const input = Math.ceil(bytes * this.#perByte) + this.#beside;
    return costOf({ input, output: Math.max(output, this.#longest) }, this.#price);
  }

  #take({ bytes, output }: Requested, { used, counted }: Billed, amount: number): void {
    this.requests++;
    this.usage.input += used.input;
    this.usage.output += used.output;
    if (!counted) {
      this.estimated = true;
      this.#taken += amount;
      return;
    }
    this.#taken += this.#price === null ? 0 : costOf(used, this.#price);
    if (used.output > output) this.#longest = Math.max(this.#longest, used.output);
    if (used.input <= bytes + templateTokens) return;
    this.#perByte = Math.max(this.#perByte, (margin * used.input) / bytes);
    this.#beside = Math.max(this.#beside, used.input - bytes);
  }

  #exhausted(amount: number): RmbenchError {
    return new RmbenchError(
      this.#taken > 0 ? "incomplete" : "usage",
      `the next request may cost ${dollars(amount)}, and ${dollars(this.#taken)} of --max-cost ${this.#most} are spent`,
      {
        hint: "It is taken at a token for each byte and a reply of full length. What was scored is stored: the same command goes on, with the same or a higher --max-cost.",
      },
    );
  }
}
