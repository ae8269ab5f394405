import { RmbenchError } from "../../errors.ts";
import { BadAnswer, counted, numberOf, pick, type Dialect } from "./dialect.ts";
import { listOf, objectOf, type Json } from "./json.ts";
import type { Text } from "./text.ts";

/** The Open Inference Protocol (v2, JSON) of Triton, KServe and others: texts as BYTES, or token ids as INT64/INT32. */
export const kserve: Dialect = {
  name: "kserve",
  keys: ["KSERVE_API_KEY"],
  input: null,
  switchable: false,
  indexed: false,
  reads: ["inputName", "outputName", "scoreIndex"],
  async connect({ client, model, settings, signal }) {
    if (model === null) throw new RmbenchError("usage", "kserve: needs the model's name after #");
    const path = `/v2/models/${encodeURIComponent(model)}`;
    const metadata = objectOf((await client.json({ path }, signal)).body);
    const inputs = listOf(metadata["inputs"]).map(objectOf);
    const output = settings.outputName ?? onlyName(listOf(metadata["outputs"]).map(objectOf), "output", "outputName");
    const { platform } = metadata;
    return {
      batch: 32,
      dtype: null,
      runtime: typeof platform === "string" ? platform : null,
      count: null,
      async score(texts, _raw, to) {
        const body = { inputs: tensorsOf(inputs, texts, settings.inputName), outputs: [{ name: output }] };
        const answer = objectOf((await client.json({ path: `${path}/infer`, body }, to)).body);
        const tensor = listOf(answer["outputs"])
          .map(objectOf)
          .find(({ name }) => name === output);
        if (tensor === undefined) throw new BadAnswer(`the answer has no output ${output}`);
        const data = listOf(tensor["data"]).flat(3);
        const columns = Math.max(
          1,
          listOf(tensor["shape"])
            .slice(1)
            .reduce((product: number, n) => product * Number(n), 1),
        );
        const rows = Array.from({ length: Math.ceil(data.length / columns) }, (_, i) =>
          data.slice(i * columns, (i + 1) * columns),
        );
        return counted(rows, texts.length).map((row) => ({ value: numberOf(pick(row, settings.scoreIndex)) }));
      },
    };
  },
};

function onlyName(tensors: readonly Json[], what: string, setting: string): string {
  if (tensors.length === 1) return String(tensors[0]!["name"]);
  const names = tensors.map(({ name }) => String(name)).join(", ") || "none";
  throw new RmbenchError("model", `the ${what}s of the model are ${names}`, {
    hint: `say which with \`--server ${setting}=<name>\``,
  });
}

function tensorsOf(inputs: readonly Json[], texts: readonly Text[], chosen: string | undefined): Json[] {
  const named = inputs.filter(({ name, datatype }) => (chosen === undefined ? datatype === "BYTES" : name === chosen));
  if (named.length === 1 && named[0]!["datatype"] === "BYTES") {
    const rank = listOf(named[0]!["shape"]).length;
    const data = texts.map(({ text, written }) => text ?? written);
    if (data.includes(null)) throw new BadAnswer("this input has no form as one text; the model needs token ids");
    const shape = rank === 1 ? [texts.length] : [texts.length, 1];
    return [{ name: named[0]!["name"], datatype: "BYTES", shape, data }];
  }
  if (texts.some(({ ids }) => ids === null)) {
    throw new BadAnswer("the model takes token ids: `--server tokenizer=<folder>` makes them");
  }
  const longest = Math.max(...texts.map(({ length }) => length));
  const columns: Readonly<Record<string, (text: Text, i: number) => number>> = {
    input_ids: ({ ids }, i) => ids![i] ?? 0,
    attention_mask: ({ length }, i) => (i < length ? 1 : 0),
    token_type_ids: ({ segment, length }, i) => (i >= segment && i < length ? 1 : 0),
    position_ids: (_text, i) => i,
  };
  return inputs.map(({ name, datatype }) => {
    const column = columns[String(name)];
    if (column === undefined) {
      throw new RmbenchError(
        "model",
        `the model wants the input ${String(name)} (${String(datatype)}), which nothing here gives`,
        {
          hint: "text goes to one BYTES input (`--server inputName=<name>`), token ids to input_ids and its companions",
        },
      );
    }
    const data = texts.flatMap((text) => Array.from({ length: longest }, (_, i) => column(text, i)));
    return { name, datatype, shape: [texts.length, longest], data };
  });
}
