import { RmbenchError } from "../../errors.ts";
import { NoReply } from "./no-reply.ts";

/** Requests in a row without a reply that could be read, after which the judge is given up. */
const mostFailures = 12;

/**
 * Lets requests through one at a time until one was answered as it should be, then all: what is wrong with every
 * request shows at the first. After an error that ends the run it lets none through.
 */
export class Gate {
  readonly #name: string;
  #open = false;
  #asking = false;
  #failures = 0;
  #ended: RmbenchError | null = null;
  #waiting: (() => void)[] = [];

  /** @param name that of the judge, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** @throws RmbenchError `model` where one request after the other brings no reply, and whatever the request throws. */
  async run<T>(request: () => Promise<T>): Promise<T> {
    while (!this.#open && this.#asking) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.check();
    this.#asking = true;
    try {
      const found = await request();
      this.#open = true;
      this.#failures = 0;
      return found;
    } catch (error) {
      if (error instanceof NoReply) this.#count(error);
      // A limit that one request would pass may still have room for the second half of a question.
      else if (error instanceof RmbenchError && error.code !== "incomplete") this.#ended = error;
      throw this.#ended ?? error;
    } finally {
      this.#asking = false;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  /** @throws the error that ended the run. */
  check(): void {
    if (this.#ended !== null) throw this.#ended;
  }

  #count({ message, hint, ofText }: NoReply): void {
    if (ofText || ++this.#failures < mostFailures) return;
    const said = `${this.#name}: ${mostFailures} requests in a row brought no reply that can be read, the last: ${message}`;
    this.#ended ??= new RmbenchError("model", said, hint === undefined ? {} : { hint });
  }
}
