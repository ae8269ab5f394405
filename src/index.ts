/** rmbench as a library. What is not exported here may change between versions. */
export { RmbenchError, type ErrorCode } from "./errors.ts";
export type { ContextPair, Document, Message, PreferencePair, Response, StepLabel } from "./pairs/pair.ts";
export { openPairs, type PairReader } from "./pairs/arrow-reader.ts";
export { writePairs } from "./pairs/arrow-writer.ts";
export type { Conversation, Question, QuestionKind, Unit } from "./questions/question.ts";
export type {
  Adapter,
  DeviceReport,
  ModelContext,
  ModelLimits,
  ModelOptions,
  OutputKind,
  Prepared,
  RewardModel,
  Score,
  Session,
} from "./models/reward-model.ts";
export { describeModel } from "./models/describe.ts";
export { defaultModelOptions } from "./models/options.ts";
export { defineModel, type ModelDefinition, type ModuleScore } from "./models/module/define.ts";
export type { ScoreTable } from "./scores/table.ts";
export { readScores } from "./scores/arrow.ts";
export type { OutcomeTable, Protocol } from "./protocols/protocol.ts";
export type { Estimate, Interval, Metric } from "./metrics/metric.ts";
export type { Report, SuiteReport } from "./report/schema.ts";
export { parseReport } from "./report/json.ts";
export { loadSuite, type Suite } from "./suites/load.ts";
export { run, type RunResult } from "./run/run.ts";
export { runRequest, type RunRequest, type Selection } from "./run/request.ts";
export type { RunContext, RunEvent } from "./run/context.ts";
