import { type Binary, type Data, makeData, type Map_, RecordBatch, type Schema, Struct } from "apache-arrow";
import {
  bytesColumn,
  DictionaryColumn,
  floatColumn,
  listColumn,
  mapColumn,
  structColumn,
  textColumn,
} from "../arrow/columns.ts";
import { encodeIpc, type IpcOptions } from "../arrow/ipc-writer.ts";
import { RmbenchError } from "../errors.ts";
import { replaceFile } from "../replace-file.ts";
import type { Document, Message, PreferencePair, Response, StepLabel } from "./pair.ts";
import { dictionaries, nested, type PairsMetadata, pairsSchema } from "./schema.ts";

export interface WriteOptions extends IpcOptions {
  signal?: AbortSignal | undefined;
}

/** A batch is written when it holds this many rows or characters. */
const batchRows = 1024;
const batchCharacters = 8 * 1024 * 1024;

const messageColumn = (items: Message[]): Data =>
  structColumn(nested.message, items.length, [
    textColumn(items.map((item) => item.role)),
    textColumn(items.map((item) => item.content)),
  ]);

const conversationColumn = (values: readonly (readonly Message[] | null)[]): Data =>
  listColumn(nested.message, values, messageColumn);

const documentColumn = (items: Document[]): Data =>
  structColumn(nested.document, items.length, [
    textColumn(items.map((item) => item.id)),
    textColumn(items.map((item) => item.title)),
    textColumn(items.map((item) => item.text)),
  ]);

const stepColumn = (items: StepLabel[]): Data =>
  structColumn(nested.step, items.length, [
    textColumn(items.map((item) => item.text)),
    floatColumn(items.map((item) => item.label)),
  ]);

/** Splits one side into its text column and its message column, of which one is empty. */
function side(pair: PreferencePair, responses: readonly Response[]): { texts: string[]; messages: Message[][] | null } {
  const texts = responses.filter((response) => typeof response === "string");
  if (texts.length === responses.length) return { texts, messages: null };
  if (texts.length > 0) {
    throw new RmbenchError("internal", `pair ${pair.subset}/${pair.id} mixes texts and message lists on one side`);
  }
  return { texts: [], messages: responses.map((response) => [...(response as readonly Message[])]) };
}

/** Turns windows of pairs into record batches of one schema; the dictionaries grow from batch to batch. */
class BatchEncoder {
  readonly #subset = new DictionaryColumn(dictionaries.subset);
  readonly #direction = new DictionaryColumn(dictionaries.direction);
  readonly #type: Struct;

  constructor(readonly schema: Schema) {
    this.#type = new Struct(schema.fields);
  }

  encode(pairs: readonly PreferencePair[]): RecordBatch {
    const chosen = pairs.map((pair) => side(pair, pair.chosen));
    const rejected = pairs.map((pair) => side(pair, pair.rejected));
    const texts = (values: readonly (readonly string[] | null)[]) => listColumn(nested.response, values, textColumn);
    const trajectories = (values: readonly (readonly Message[][] | null)[]) =>
      listColumn(nested.conversation, values, conversationColumn);
    const children: Data[] = [
      textColumn(pairs.map((pair) => pair.id)),
      this.#subset.append(pairs.map((pair) => pair.subset)),
      textColumn(pairs.map((pair) => pair.cluster)),
      conversationColumn(pairs.map((pair) => pair.prompt)),
      listColumn(
        nested.document,
        pairs.map((pair) => pair.documents),
        documentColumn,
      ),
      texts(chosen.map((one) => one.texts)),
      texts(rejected.map((one) => one.texts)),
      trajectories(chosen.map((one) => one.messages)),
      trajectories(rejected.map((one) => one.messages)),
      conversationColumn(pairs.map((pair) => pair.rejectedPrompt)),
      this.#direction.append(pairs.map((pair) => pair.direction)),
      textColumn(pairs.map((pair) => pair.tools)),
      listColumn(
        nested.grade,
        pairs.map((pair) => pair.grades),
        floatColumn,
      ),
      listColumn(
        nested.step,
        pairs.map((pair) => pair.steps),
        stepColumn,
      ),
      floatColumn(pairs.map((pair) => pair.strength)),
      textColumn(pairs.map((pair) => pair.user)),
      textColumn(pairs.map((pair) => pair.language)),
      floatColumn(pairs.map((pair) => pair.weight)),
      listColumn(
        nested.image,
        pairs.map((pair) => pair.images),
        (items) => bytesColumn(nested.image.type as Binary, items),
      ),
      mapColumn(
        this.schema.fields.at(-1)?.type as Map_,
        pairs.map((pair) => (Object.keys(pair.tags).length === 0 ? null : Object.entries(pair.tags))),
      ),
    ];
    return new RecordBatch(this.schema, makeData({ type: this.#type, length: pairs.length, nullCount: 0, children }));
  }
}

function charactersOf(pair: PreferencePair): number {
  let count = 0;
  const add = (messages: readonly Message[]): void => {
    for (const message of messages) count += message.content.length;
  };
  add(pair.prompt);
  add(pair.rejectedPrompt ?? []);
  for (const document of pair.documents ?? []) count += document.text.length;
  for (const response of [...pair.chosen, ...pair.rejected]) {
    if (typeof response === "string") count += response.length;
    else add(response);
  }
  for (const image of pair.images ?? []) count += image.byteLength;
  return count;
}

async function* batchesOf(
  pairs: AsyncIterable<readonly PreferencePair[]>,
  metadata: Partial<PairsMetadata>,
  count: (pairs: number) => void,
): AsyncGenerator<RecordBatch> {
  const encoder = new BatchEncoder(pairsSchema(metadata));
  let held: PreferencePair[] = [];
  let characters = 0;
  let any = false;
  const flush = (): RecordBatch => {
    const batch = encoder.encode(held);
    count(held.length);
    held = [];
    characters = 0;
    any = true;
    return batch;
  };
  for await (const window of pairs) {
    for (const pair of window) {
      held.push(pair);
      characters += charactersOf(pair);
      if (held.length >= batchRows || characters >= batchCharacters) yield flush();
    }
  }
  // Without a single batch the file would have no schema.
  if (held.length > 0 || !any) yield flush();
}

/**
 * Pairs as the bytes of an Arrow IPC file or stream, a record batch at a time: the source is asked for more only
 * when the bytes before were taken. Returns the number of pairs.
 */
export async function* encodePairs(
  pairs: AsyncIterable<readonly PreferencePair[]>,
  metadata: Partial<PairsMetadata>,
  options: WriteOptions = {},
): AsyncGenerator<Uint8Array, number> {
  let written = 0;
  for await (const bytes of encodeIpc(
    batchesOf(pairs, metadata, (n) => (written += n)),
    options,
  )) {
    options.signal?.throwIfAborted();
    yield bytes;
  }
  return written;
}

/**
 * Writes pairs to `path` as Arrow IPC (schema v1) and returns how many. The file appears whole or not at all.
 *
 * Throws what `pairs` throws, the signal's reason when aborted, and `RmbenchError("machine")` when the disk refuses.
 */
export async function writePairs(
  path: string,
  pairs: AsyncIterable<readonly PreferencePair[]>,
  metadata: Partial<PairsMetadata>,
  options: WriteOptions = {},
): Promise<number> {
  let written = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    written = yield* encodePairs(pairs, metadata, options);
  }
  await replaceFile(path, counted(), options.signal);
  return written;
}
