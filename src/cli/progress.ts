import { Presets, SingleBar } from "cli-progress";
import type { progressModes } from "../config/schema.ts";
import type { RunEvent } from "../run/context.ts";
import { counted } from "../report/numbers.ts";
import { escapeForTerminal } from "./escape.ts";
import { isTerminal } from "./terminal.ts";

/** Counts of the suite that is being scored, derived from the events. */
interface State {
  model: string;
  suite: string;
  pairs: number;
  /** Pairs of the windows that are complete. */
  done: number;
  /** Pairs of the window that is being scored, and what of its questions is answered. */
  window: { pairs: number; distinct: number; answered: number };
  tokens: number;
  padded: number;
  startedAt: number;
}

const lineEverySeconds = 10;

/** Shows what a run does on stderr: a bar on a terminal, lines elsewhere (a bar needs one), or one JSON object a line. */
export function progressReporter(
  mode: (typeof progressModes)[number],
  stderr: NodeJS.WritableStream,
): { emit: (event: RunEvent) => void; close: () => void } {
  if (mode === "none") return { emit: () => {}, close: () => {} };
  if (mode === "json") return { emit: (event) => void stderr.write(`${JSON.stringify(event)}\n`), close: () => {} };
  const show = isTerminal(stderr) ? barView(stderr) : lineView(stderr);
  let state: State | null = null;
  return {
    emit: (event) => {
      if (event.type === "suite") {
        show.end();
        state = begin(event);
        show.begin(state);
      } else if (state !== null) {
        advance(state, event);
        if (event.type === "retry")
          show.note(
            `${event.reason}: ${event.texts === 1 ? "a text once more, alone" : `${event.texts} texts again in halves`}`,
          );
        show.update(state);
      }
    },
    close: () => {
      show.end();
      state = null;
    },
  };
}

function begin(event: { model: string; suite: string; pairs: number }): State {
  const window = { pairs: 0, distinct: 0, answered: 0 };
  const { model, suite, pairs } = event;
  return { model, suite, pairs, done: 0, window, tokens: 0, padded: 0, startedAt: performance.now() };
}

function advance(state: State, event: RunEvent): void {
  if (event.type === "pairs") {
    state.done += state.window.pairs;
    state.window = { pairs: event.pairs, distinct: 0, answered: 0 };
  } else if (event.type === "window") {
    state.window.distinct = event.distinct;
    state.window.answered = event.hits;
  } else if (event.type === "batch") {
    state.window.answered += event.texts;
    state.tokens += event.tokens;
    state.padded += event.padded;
  }
}

function pairsDone({ done, window, pairs }: State): number {
  const share = window.distinct === 0 ? 0 : Math.min(1, window.answered / window.distinct);
  return Math.min(pairs, done + window.pairs * share);
}

function rates(state: State): { pairs: string; tokens: string; padding: string; eta: string } {
  const seconds = Math.max(0.001, (performance.now() - state.startedAt) / 1000);
  const done = pairsDone(state);
  const left = done === 0 ? Number.NaN : ((state.pairs - done) * seconds) / done;
  return {
    pairs: `${short(done / seconds)} pairs/s`,
    tokens: state.tokens === 0 ? "" : `${short(state.tokens / seconds)} tok/s`,
    padding: state.padded === 0 ? "" : `padding ${Math.round(100 * (1 - state.tokens / state.padded))} %`,
    eta: Number.isFinite(left) ? `ETA ${duration(left)}` : "ETA -",
  };
}

function short(value: number): string {
  return value >= 10_000 ? `${Math.round(value / 1000)}k` : value >= 100 ? String(Math.round(value)) : value.toFixed(1);
}

function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const pad = (value: number) => String(value).padStart(2, "0");
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

interface View {
  begin(state: State): void;
  update(state: State): void;
  note(text: string): void;
  /** Takes down what `begin` put up, if anything. */
  end(): void;
}

function barView(stderr: NodeJS.WritableStream): View {
  let bar: SingleBar | null = null;
  const payload = (state: State) => {
    const rate = rates(state);
    return { rates: [rate.pairs, rate.tokens, rate.padding, rate.eta].filter((part) => part !== "").join(" · ") };
  };
  return {
    begin: (state) => {
      const name = escapeForTerminal(state.suite).slice(0, 20).padEnd(13);
      bar = new SingleBar(
        {
          stream: stderr,
          format: `${name} {bar} {percentage}% {rates}`,
          barsize: 16,
          hideCursor: true,
          clearOnComplete: true,
          linewrap: false,
        },
        Presets.shades_classic,
      );
      bar.start(Math.max(1, state.pairs), 0, payload(state));
    },
    update: (state) => bar?.update(pairsDone(state), payload(state)),
    note: (text) => void stderr.write(`\n${escapeForTerminal(text)}\n`),
    end: () => {
      bar?.stop();
      bar = null;
    },
  };
}

function lineView(stderr: NodeJS.WritableStream): View {
  let last = 0;
  const line = (state: State) => {
    const rate = rates(state);
    const parts = [
      `${Math.floor(pairsDone(state))}/${state.pairs} pairs`,
      rate.pairs,
      rate.tokens,
      rate.padding,
      rate.eta,
    ];
    stderr.write(`${escapeForTerminal(state.suite)}: ${parts.filter((part) => part !== "").join(", ")}\n`);
  };
  return {
    begin: (state) => {
      last = performance.now();
      stderr.write(
        `${escapeForTerminal(state.suite)}: ${counted(state.pairs, "pair")} with ${escapeForTerminal(state.model)}\n`,
      );
    },
    update: (state) => {
      if (performance.now() - last < lineEverySeconds * 1000) return;
      last = performance.now();
      line(state);
    },
    note: (text) => void stderr.write(`${escapeForTerminal(text)}\n`),
    end: () => {},
  };
}
