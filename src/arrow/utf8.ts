import { isUtf8 } from "node:buffer";

/** Stands in a record for a text whose bytes are not UTF-8, so that the row can be reported and the reading go on. */
export class InvalidUtf8 {
  constructor(readonly bytes: number) {}
}

/** The text of UTF-8 bytes, exactly: unlike `TextDecoder` a leading U+FEFF stays, and nothing is replaced. */
export function decodeUtf8(bytes: Uint8Array): string | InvalidUtf8 {
  if (!isUtf8(bytes)) return new InvalidUtf8(bytes.byteLength);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
