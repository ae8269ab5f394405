import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { messageOf, RmbenchError } from "../../errors.ts";

export type ByteStream = AsyncIterable<Uint8Array>;

/** Reads the first bytes of a file, or explains why it cannot be read. */
export async function headOf(path: string, size: number): Promise<Buffer> {
  const handle = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const buffer = Buffer.alloc(size);
    const { bytesRead } = await handle.read(buffer, 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    await handle.close();
  }
}

/** The last bytes of a file. */
export async function tailOf(path: string, size: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { size: total } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, total));
    await handle.read(buffer, 0, buffer.length, total - buffer.length);
    return buffer;
  } finally {
    await handle.close();
  }
}

export function unreadable(path: string, cause: unknown): RmbenchError {
  const code = (cause as { code?: string } | null)?.code;
  if (code === "ENOENT") {
    return new RmbenchError("data", `${path} does not exist`, { hint: "check the path", cause });
  }
  if (code === "EISDIR") {
    return new RmbenchError("data", `${path} is a folder`, { hint: "name the files in it", cause });
  }
  return new RmbenchError("data", `cannot read ${path}: ${messageOf(cause)}`, {
    hint: "check that you may read the file",
    cause,
  });
}

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** Splits off the first bytes of a stream: `head` holds at least `size` bytes unless the stream is shorter. */
export async function peek(
  bytes: ByteStream,
  size: number,
): Promise<{ head: Buffer; bytes: ByteStream; close(): Promise<void> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < size && !ended) {
    const step = await iterator.next();
    if (step.done === true) ended = true;
    else head = Buffer.concat([head, step.value]);
  }
  async function* all(): AsyncGenerator<Uint8Array> {
    try {
      if (head.length > 0) yield head;
      while (!ended) {
        const step = await iterator.next();
        if (step.done === true) return;
        yield step.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head, bytes: all(), close: async () => void (await iterator.return?.()) };
}

/** A stream without the UTF-8 byte order mark that may open it; those inside of texts stay. */
export async function* withoutMark(source: ByteStream): ByteStream {
  const { head, bytes } = await peek(source, 3);
  let skip = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for await (const chunk of bytes) {
    yield skip === 0 ? chunk : chunk.subarray(skip);
    skip = 0;
  }
}

/** The bytes of a file. */
export async function* fileBytes(path: string): ByteStream {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 256 * 1024 })) yield chunk as Buffer;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The bytes behind gzip. Throws `RmbenchError("data")` where the gzip stream is broken or cut off. */
export async function* gunzip(name: string, bytes: ByteStream): ByteStream {
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  // Errors of the source come out of the iteration too, because pipeline destroys the target with them.
  pipeline(Readable.from(bytes), unpacked, () => undefined);
  try {
    for await (const chunk of unpacked) yield chunk as Buffer;
  } catch (cause) {
    if (cause instanceof RmbenchError) throw cause;
    const cut = (cause as { code?: string }).code === "Z_BUF_ERROR";
    throw new RmbenchError(
      "data",
      `${name}: ${cut ? "the gzip stream ends before it is complete" : `the gzip stream is broken (${messageOf(cause)})`}`,
      { hint: "the file is truncated or damaged: fetch or write it again", cause },
    );
  }
}
