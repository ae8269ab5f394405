import {
  CompressionType,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  type RecordBatch,
  type RecordBatchWriter,
} from "apache-arrow";
import { registerCodecs } from "./codecs.ts";

export interface IpcOptions {
  /** IPC file (the default; random access) or IPC stream (pipes). */
  format?: "file" | "stream";
  compression?: "lz4" | null;
}

/**
 * Record batches as the bytes of an Arrow IPC file or stream. The source is asked for the next batch only when the
 * bytes of the one before were taken, so memory holds one batch.
 */
export async function* encodeIpc(
  batches: AsyncIterable<RecordBatch> | Iterable<RecordBatch>,
  options: IpcOptions = {},
): AsyncGenerator<Uint8Array> {
  registerCodecs();
  const { writer, drain } = drained(options);
  for await (const batch of batches) {
    writer.write(batch);
    yield* drain();
  }
  writer.close();
  yield* drain();
}

interface Drained {
  writer: RecordBatchWriter;
  drain: () => Uint8Array[];
}

/** Collects what an Arrow writer emits: its own streams know no back-pressure. */
function drained({ format, compression }: IpcOptions): Drained {
  let pending: Uint8Array[] = [];
  const compressionType = compression === "lz4" ? CompressionType.LZ4_FRAME : null;
  const settings = { autoDestroy: true, compressionType };
  const collect = (chunk: ArrayBufferView | ArrayBufferLike): number => {
    const bytes = ArrayBuffer.isView(chunk)
      ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(chunk);
    if (bytes.byteLength > 0) pending.push(bytes);
    return bytes.byteLength;
  };
  class FileWriter extends RecordBatchFileWriter {
    protected override _write(chunk: ArrayBufferView): this {
      if (this._started) this._position += collect(chunk);
      return this;
    }
  }
  class StreamWriter extends RecordBatchStreamWriter {
    protected override _write(chunk: ArrayBufferView): this {
      if (this._started) this._position += collect(chunk);
      return this;
    }
  }
  return {
    writer: format === "stream" ? new StreamWriter(settings) : new FileWriter(settings),
    drain: () => {
      const bytes = pending;
      pending = [];
      return bytes;
    },
  };
}
