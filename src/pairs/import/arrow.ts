import { type FileHandle, open } from "node:fs/promises";
import { type RecordBatch, RecordBatchReader, type Schema } from "apache-arrow";
import { messageOf, RmbenchError } from "../../errors.ts";
import { valueReader } from "../../arrow/values.ts";
import { registerCodecs } from "../../arrow/codecs.ts";
import { type ByteStream, headOf, tailOf, unreadable } from "./bytes.ts";
import { itemOf, type SourceItem } from "./record.ts";

const windowRows = 512;
const magic = "ARROW1";
const endOfStream = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** An opened Arrow IPC file or stream. */
export interface OpenArrow {
  schema: Schema;
  batches(): AsyncGenerator<RecordBatch>;
  close(): Promise<void>;
}

const hint = "the file may be truncated or damaged, or hold something else: write it again";

function damagedArrow(name: string, cause: unknown): RmbenchError {
  if (cause instanceof RmbenchError) return cause;
  return new RmbenchError("data", `${name}: not a readable Arrow IPC file (${messageOf(cause)})`, { hint, cause });
}

/** Passes a stream on, and throws where it ends without Arrow's end-of-stream marker. */
async function* ended(name: string, bytes: ByteStream): ByteStream {
  let tail: Buffer = Buffer.alloc(0);
  for await (const chunk of bytes) {
    tail = Buffer.concat([tail, chunk.subarray(-16)]).subarray(-16);
    yield chunk;
  }
  if (!tail.subarray(-8).equals(endOfStream) && tail.subarray(-6).toString("latin1") !== magic) {
    throw new RmbenchError("data", `${name}: the Arrow stream ends without its end-of-stream marker`, { hint });
  }
}

async function start(name: string, source: FileHandle | ByteStream, close: () => Promise<void>): Promise<OpenArrow> {
  registerCodecs();
  try {
    const reader = await RecordBatchReader.from(source as AsyncIterable<Uint8Array>);
    // Without autoDestroy the reader leaves the file open after the last batch, and errors keep their stack.
    await reader.open({ autoDestroy: false });
    const schema = reader.schema as Schema | undefined;
    if (schema === undefined) throw new RmbenchError("data", `${name}: the Arrow stream holds no schema`, { hint });
    async function* batches(): AsyncGenerator<RecordBatch> {
      try {
        // Not `for await`: leaving that early would wait for the rest of a pipe.
        for (;;) {
          const step = (await reader.next()) as IteratorResult<RecordBatch>;
          if (step.done === true) return;
          if (step.value.numRows > 0) yield step.value;
        }
      } catch (cause) {
        throw damagedArrow(name, cause);
      }
    }
    return { schema, batches, close };
  } catch (cause) {
    await close();
    throw damagedArrow(name, cause);
  }
}

/** Opens an Arrow IPC file (by random access) or a stream stored in a file. */
export async function openArrowFile(name: string, path: string): Promise<OpenArrow> {
  const head = await headOf(path, 8);
  const isFile = head.subarray(0, 6).toString("latin1") === magic;
  if (!isFile && !head.subarray(0, 4).equals(endOfStream.subarray(0, 4))) {
    throw new RmbenchError("data", `${name} is not an Arrow IPC file`, {
      hint: `import other formats first: rmbench data import ${name} -o pairs.arrow`,
    });
  }
  if (isFile && (await tailOf(path, 6)).toString("latin1") !== magic) {
    throw new RmbenchError("data", `${name}: the Arrow file ends before its footer`, { hint });
  }
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const close = async (): Promise<void> => handle.close();
  if (isFile) return start(name, handle, close);
  return start(name, ended(name, handle.createReadStream({ autoClose: false, start: 0 })), close);
}

/** Opens an Arrow IPC stream. A file-format stream is accepted too, but has to be held in memory. */
export function openArrowStream(name: string, bytes: ByteStream): Promise<OpenArrow> {
  return start(name, ended(name, bytes), async () => undefined);
}

/** Rows of record batches as plain values, in windows. */
export async function* arrowItems(arrow: OpenArrow): AsyncGenerator<SourceItem[]> {
  let row = 0;
  try {
    for await (const batch of arrow.batches()) {
      const readers = batch.schema.fields.map((field, k) => {
        const data = batch.data.children[k];
        if (data === undefined) throw new RmbenchError("data", `column "${field.name}" holds no data`, { hint });
        return [field.name, valueReader(data)] as const;
      });
      for (let from = 0; from < batch.numRows; from += windowRows) {
        const window: SourceItem[] = [];
        for (let i = from; i < Math.min(batch.numRows, from + windowRows); i++) {
          window.push(itemOf(++row, Object.fromEntries(readers.map(([column, read]) => [column, read(i)]))));
        }
        yield window;
      }
    }
  } finally {
    await arrow.close();
  }
}
