import * as zlib from "node:zlib";
import { compressionRegistry, CompressionType } from "apache-arrow";
import { decompress as decompressZstd } from "fzstd";
import lz4 from "lz4js";

// Node 20 has no zstd in zlib, later versions do, and it is several times faster.
const nativeZstd = (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }).zstdDecompressSync;

// Arrow builds 64-bit views over what a codec returns, so the bytes need a buffer of their own that starts aligned.
const aligned = (bytes: Uint8Array): Uint8Array => new Uint8Array(bytes);

let registered = false;

/** Makes zstd- and lz4-compressed Arrow IPC readable, and lz4-compressed IPC writable. Must run before either. */
export function registerCodecs(): void {
  if (registered) return;
  registered = true;
  compressionRegistry.set(CompressionType.ZSTD, {
    decode: (bytes) => aligned((nativeZstd ?? decompressZstd)(bytes)),
  });
  compressionRegistry.set(CompressionType.LZ4_FRAME, {
    encode: (bytes) => lz4.compress(bytes),
    decode: (bytes) => aligned(lz4.decompress(bytes)),
  });
}
