/**
 * THE SEAM: anything that answers questions about conversations with scores.
 *
 * An `Adapter` knows one kind of model (`onnx`, `transformers`, a user's module, …) and describes it cheaply; a
 * `RewardModel` has an identity and prepares questions without touching the device; a `Session` holds the device and
 * scores. Read `onnx/` as the example, and `registry.ts` for the list. Every implementation passes `contract.ts`.
 */
import type { Question, QuestionKind } from "../questions/question.ts";
import type { ServerSettings } from "./http/settings.ts";
import type { ImplicitSettings } from "./implicit/settings.ts";
import type { JudgeOptions } from "./judge/settings.ts";

/** What an adapter and a model may use of the outside world. Nothing below `cli/` reads `process`. */
export interface ModelContext {
  /** Directory that relative paths are resolved against. */
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  signal: AbortSignal;
  /** One line for a person, shown once. */
  warn: (message: string) => void;
}

/** How the user wants the model to run; every field that can change a score enters the model's identity. */
export interface ModelOptions {
  device: DeviceName;
  /** `fp32`, `fp16`, `q8`, … ; null: the adapter's default. */
  dtype: string | null;
  /** Longest input in tokens; null: the model's own limit. */
  maxLength: number | null;
  /** What happens to a response that cannot fit: refused (counted as too long), or cut on one side. */
  truncate: "never" | "response-left" | "response-right";
  /** Token budget of one batch, padding included; null: the model's default. */
  batchTokens: number | null;
  /** Most texts in one batch; null: no limit but the token budget. */
  batchSize: number | null;
  /** Hub revision; null: what the spec says, else `main`. */
  revision: string | null;
  /** Threads of the runtime; null: its default. */
  threads: number | null;
  /** Seconds for which a model behind a wire may say nothing; null: the adapter's default. */
  timeout: number | null;
  /** Prepares texts as another harness does; null: as rmbench does. */
  compat: Compat | null;
  /** Attention implementation of PyTorch models; null: transformers' choice for the device. */
  attention: (typeof attentionNames)[number] | null;
  /** Whether code that comes with a PyTorch checkpoint may run. */
  trustRemoteCode: boolean;
  /** Interpreter with PyTorch; null: `python3`. */
  python: string | null;
  /** How a judge is asked and what it may cost; other models read none of it. */
  judge?: JudgeOptions;
  /** How a model behind a server is asked; other models read none of it. */
  server?: ServerSettings;
  /** How a language model's log-probabilities become a reward; other models read none of it. */
  implicit?: ImplicitSettings;
}

export const deviceNames = ["auto", "cpu", "webgpu", "cuda", "tensorrt", "coreml", "dml", "mps"] as const;
export const attentionNames = ["eager", "sdpa", "flash_attention_2"] as const;
/** `rewardbench-two-bos`: as by its older versions, which did not mask a second BOS. */
export const compatNames = ["rewardbench", "rewardbench-two-bos"] as const;
export type Compat = (typeof compatNames)[number];
export type DeviceName = (typeof deviceNames)[number];

/**
 * Knows one kind of model. `describe` hashes weights and reads configurations; it loads no weights. Only `module`
 * and `process` execute something to describe: the user's file or command says itself what it is, in a process of its own.
 */
export interface Adapter {
  /** The prefix of a model spec: `onnx` in `onnx:./dir`. */
  name: string;
  /**
   * @throws RmbenchError `model` when the model is missing, malformed or of an unsupported shape, `usage` for options
   * that it cannot honour.
   */
  describe(reference: string, options: ModelOptions, context: ModelContext): Promise<RewardModel>;
}

/**
 * Whether σ(margin) means anything: `bradley-terry` logits do, `rating`s and `log-ratio`s need a fitted temperature.
 */
export type OutputKind = "bradley-terry" | "rating" | "log-ratio" | "other";

export interface ModelLimits {
  /** Longest input in tokens, or null where the model has no such limit. */
  maxTokens: number | null;
  /** Token budget of one batch, padding included. */
  batchTokens: number;
  /** Most questions in one batch. */
  batchSize: number;
  /** Batches in flight at once. */
  concurrency: number;
  /**
   * `invariant`: a score is bit-equal whatever its batch mates. `tolerant`: equal within rounding, so an interrupted
   * batch is run again whole. `single`: a score depends on its batch mates, so every text runs alone. `served`: a server
   * makes its own batches of whatever it is asked, so scores are equal within rounding and only the missing are asked.
   */
  batching: "invariant" | "tolerant" | "single" | "served";
  /** Whether questions with one prompt run cheaper in one batch, for their common prefix is computed once. Default: no. */
  sharesPrefixes?: boolean;
}

export interface RewardModel {
  /** What the user typed, secrets removed. */
  id: string;
  /** All that can change a score, by name: weights, tokenizer, template, max length, dtype, device class, adapter version, … */
  identity: Readonly<Record<string, string>>;
  asks: readonly QuestionKind[];
  /** Whether it reads the context pairs of a conversation's user. Default: no, and such a question is refused. */
  takesContext?: boolean;
  /** Tag of a pair that holds its reference answer, for models that read one. Default: none is given. */
  referenceTag?: string;
  output: OutputKind;
  limits: ModelLimits;
  /**
   * What scoring would cost, as a sentence, for models that are paid for by the token. `tokens` is the sum of what
   * `prepare` counted for these questions.
   */
  estimate?: (questions: number, tokens: number) => string;
  /** A sentence that every report of this model must carry (for the embedded model: what it is for), or null. */
  notice: string | null;
  /**
   * Questions that tell whether it is still the same model, for models that can change behind their identity, as servers
   * do. They are scored with the first batch, from time to time and at the end, and must score as the store has them.
   */
  probes?: readonly Question[];
  /** Renders and tokenises, in the order given. Never touches the device; one bad question never fails the others. */
  prepare(questions: readonly Question[]): Promise<Prepared[]>;
  /**
   * Loads the weights. Called only when a score is missing.
   * @throws RmbenchError `model` or `machine`; `model` also where the files are no longer those of the identity.
   */
  open(signal: AbortSignal): Promise<Session>;
}

/** A question ready for the device. `payload` is what the model's own session understands. */
export interface Prepared {
  /** Input length in tokens; 0 where the model has no tokens. */
  tokens: number;
  /** Whether text was cut (oldest turns or, where asked for, the response). */
  truncated: boolean;
  droppedDocuments: number;
  /** Set where the question cannot be asked at all; it is then never sent to the session. */
  refused: { code: "too-long" | "unsupported"; message: string } | null;
  payload: unknown;
}

export interface Session extends AsyncDisposable {
  /**
   * One score per prepared question, in order. A bad item is a `failed` score, never an exception.
   * @throws OutOfMemory when the batch did not fit (the caller halves it); SessionLost when the process behind the
   * session died (the caller may go on: the session restarts itself, as often as it is asked to); RmbenchError where
   * going on is no use: it cannot be restarted, or the model's files changed.
   */
  score(batch: readonly Prepared[], signal: AbortSignal): Promise<Score[]>;
  /** What was asked for and what really ran. Complete after the first batch. */
  device(): DeviceReport;
}

/**
 * NaN is `ok`: the model said it. For pairwise questions `value` is the log-odds of a over b. For listwise ones the scores
 * are `vector`, one for each candidate in the order of the question (higher is better, to be compared within the question
 * only), and `value` is not read.
 */
export type Score =
  | ({ status: "ok"; value: number } & ScoreParts)
  | { status: "unparsable"; text: string }
  | { status: "failed"; code: string; message: string };

/** What some models say beside the reward. Everything here is kept in the store and in the score table. */
export interface ScoreParts {
  /** Standard deviation of the reward, as models of mean and variance give it. */
  std?: number;
  /** Rewards by name, of models with several objectives. */
  attributes?: Readonly<Record<string, number>>;
  /** One value per step of the response (process reward models) or per candidate (listwise questions). */
  vector?: readonly number[];
  /** Input length as the model counted it, where `prepare` could not know: servers tokenise themselves. */
  tokens?: number;
}

export interface DeviceReport {
  requested: string;
  /** Execution provider, server or runtime that answered. */
  used: string;
  /** Graph nodes per execution provider, or null where the runtime cannot tell. */
  nodes: Readonly<Record<string, number>> | null;
  /**
   * What stands behind the provider: the CPU's name, or the driver libraries that the runtime loaded (Linux only, as
   * `libcuda.so.550.54.15`). Null where neither can be told; ONNX Runtime itself names no adapter to Node.
   */
  driver: string | null;
  dtype: string | null;
  runtime: string | null;
}

/** The batch did not fit into memory. */
export class OutOfMemory extends Error {
  override readonly name = "OutOfMemory";
}

/** The process or connection behind the session was lost while a batch was running. */
export class SessionLost extends Error {
  override readonly name = "SessionLost";
  /** What a person can do where it is lost again and again, if anything. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
