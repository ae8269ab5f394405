import { RmbenchError } from "../../errors.ts";

/** How a number comes out of a graph's output. */
export interface ScoreRule {
  outputName: string | null;
  /** Column of a [batch, labels] output, or its label. */
  scoreIndex: number | string | null;
  reduction: "difference" | "mean" | "last-token" | null;
  sign: 1 | -1;
  /** Labels of the columns by index, where config.json names them. */
  labels: readonly string[];
}

/** An output as the runtime gives it. */
export interface RawOutput {
  type: string;
  data: ArrayLike<number | bigint | string>;
  dims: readonly number[];
}

/** Which output holds the score: the named one, the only one, or the one called `logits`. @throws RmbenchError `model` */
export function chooseOutput(names: readonly string[], rule: ScoreRule): string {
  const listed = names.map((name) => `\`${name}\``).join(", ");
  if (rule.outputName !== null) {
    if (names.includes(rule.outputName)) return rule.outputName;
    throw new RmbenchError("model", `the graph has no output \`${rule.outputName}\`; it has ${listed}`);
  }
  const [only] = names;
  if (only === undefined) throw new RmbenchError("model", "the graph has no output");
  if (names.length === 1) return only;
  if (names.includes("logits")) return "logits";
  throw new RmbenchError("model", `the graph has ${names.length} outputs (${listed}) and none is called \`logits\``, {
    hint: `name the one that holds the score in rmbench.json: {"outputName": "…"}`,
  });
}

/**
 * Reads one score per row.
 * @param lengths tokens of each row, padding excluded; row i of the output belongs to `lengths[i]`.
 * @throws RmbenchError `model` explaining a shape from which no score can be read.
 */
export function readScores(output: RawOutput, lengths: readonly number[], rule: ScoreRule): number[] {
  const { dims } = output;
  const rows = lengths.length;
  const values = decode(output);
  const shape = `[${dims.join(", ")}] for ${rows} text${rows === 1 ? "" : "s"} of ${Math.max(...lengths)} tokens`;
  const refuse = (message: string, hint: string): never => {
    throw new RmbenchError("model", `the graph's output has shape ${shape}: ${message}`, { hint });
  };
  const read = (row: number, at: number, width: number) => rule.sign * (values[row * width + at] ?? Number.NaN);
  const each = (value: (row: number) => number) => Array.from({ length: rows }, (_, row) => value(row));

  if (values.length === 0) refuse("it is empty", "is this a text classifier?");
  if (dims[0] !== rows) refuse("its first dimension is not the batch", "the graph must give one row per text");
  if (rule.reduction === "last-token") {
    const tokens = dims[1] ?? 0;
    const width = dims[2] ?? 1;
    if (dims.length < 2 || dims.length > 3 || tokens < Math.max(...lengths)) {
      refuse("rmbench.json says `last-token`, but it has no token dimension", "remove `reduction` from rmbench.json");
    }
    const column = width === 1 ? 0 : columnOf(width, rule, shape);
    return each((row) => read(row, ((lengths[row] ?? 1) - 1) * width + column, tokens * width));
  }
  if (dims.length === 1) return each((row) => read(row, 0, 1));
  if (dims.length > 2) throw tokenLevel(`the graph's output has shape ${shape}`);
  const width = dims[1] ?? 0;
  if (rule.reduction === "mean")
    return each((row) => sum(Array.from({ length: width }, (_, at) => read(row, at, width))) / width);
  if (rule.reduction === "difference") {
    if (width !== 2) refuse("`difference` needs exactly two labels", "use `scoreIndex` or `mean` in rmbench.json");
    return each((row) => read(row, 1, width) - read(row, 0, width));
  }
  const column = width === 1 && rule.scoreIndex === null ? 0 : columnOf(width, rule, shape);
  return each((row) => read(row, column, width));
}

function columnOf(width: number, rule: ScoreRule, shape: string): number {
  const { scoreIndex, labels } = rule;
  const named =
    labels
      .slice(0, width)
      .map((label, at) => `${at} ${label}`)
      .join(", ") || `0 to ${width - 1}`;
  if (scoreIndex === null) {
    throw new RmbenchError(
      "model",
      `the graph's output has shape ${shape}: ${width} values per text, and which is the reward is not said`,
      {
        hint: `write {"scoreIndex": …} (or a reduction) into rmbench.json beside the model; labels: ${named}`,
      },
    );
  }
  const column = typeof scoreIndex === "number" ? scoreIndex : labels.indexOf(scoreIndex);
  if (column >= 0 && column < width) return column;
  throw new RmbenchError(
    "model",
    `rmbench.json names the score ${JSON.stringify(scoreIndex)}, but the graph's labels are ${named}`,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function decode({ type, data }: RawOutput): Float64Array {
  if (type === "float16" && data instanceof Uint16Array) return Float64Array.from(data, halfToNumber);
  if (type === "float32" || type === "float64" || type === "float16") return Float64Array.from(data, Number);
  throw new RmbenchError("model", `the graph's output is ${type}; a score is a floating-point number`);
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A graph that gives or declares more than [batch, labels]. @param found what its output is. */
export function tokenLevel(found: string): RmbenchError {
  return new RmbenchError(
    "model",
    `${found}: one vector per token, not one score per text. It looks like a token-level model (an encoder without its classification head, a language model, or a process reward model)`,
    {
      hint: 'export the model for sequence classification; for a value head that is read at the last token write {"reduction": "last-token"} into rmbench.json, with `scoreIndex` where it has several columns',
    },
  );
}
