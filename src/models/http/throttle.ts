const growth = 0.05;
/** Rounds that a size is kept after a larger one brought nothing. */
const restRounds = 16;

/**
 * How many requests are in flight at once: additive increase, multiplicative decrease (Chiu & Jain, 1989). It starts with
 * two; each round of as many answers as are let through doubles the number, after the first setback adds one, as long as
 * the answers per second grow by 5 %, or by half of what the step can give where that is less. Where they do not, it goes back
 * a step, rests and tries again; where the server is overloaded it is halved.
 */
export class Throttle {
  readonly #most: number;
  readonly #now: () => number;
  readonly #waiting: (() => void)[] = [];
  #limit: number;
  #inFlight = 0;
  #doubles = true;
  #round = { done: 0, startedAt: 0 };
  #before = { limit: 1, rate: 0 };
  #rest = 0;

  /** @param now milliseconds, monotonic. */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = Math.max(1, most);
    this.#limit = Math.min(2, this.#most);
    this.#now = now;
    this.#round.startedAt = now();
  }

  /** Requests that may be in flight now. */
  get limit(): number {
    return this.#limit;
  }

  /** Waits for a place, in the order of asking. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inFlight < this.#limit) this.#inFlight++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await work();
    } finally {
      this.#inFlight--;
      this.#admit();
    }
  }

  /** A request was answered. */
  answered(): void {
    if (++this.#round.done < this.#limit) return;
    const rate = this.#round.done / Math.max(1e-3, this.#now() - this.#round.startedAt);
    this.#endRound(rate);
    this.#round = { done: 0, startedAt: this.#now() };
    this.#admit();
  }

  /** The server said that it is given too much. */
  overloaded(): void {
    this.#limit = Math.max(1, Math.floor(this.#limit / 2));
    this.#doubles = false;
    this.#before = { limit: this.#limit, rate: 0 };
    this.#round = { done: 0, startedAt: this.#now() };
  }

  #endRound(rate: number): void {
    if (this.#rest > 0) {
      this.#before = { limit: this.#limit, rate };
      if (--this.#rest === 0) this.#limit = Math.min(this.#most, this.#limit + 1);
      return;
    }
    const { limit: earlier, rate: known } = this.#before;
    const most = this.#limit / earlier - 1;
    if (rate < (1 + Math.min(growth, most / 2)) * known) {
      this.#limit = earlier;
      this.#doubles = false;
      this.#rest = restRounds;
      return;
    }
    this.#before = { limit: this.#limit, rate };
    this.#limit = Math.min(this.#most, this.#doubles ? this.#limit * 2 : this.#limit + 1);
  }

  #admit(): void {
    while (this.#inFlight < this.#limit && this.#waiting.length > 0) {
      this.#inFlight++;
      this.#waiting.shift()!();
    }
  }
}
