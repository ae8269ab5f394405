import fc from "fast-check";
import { expect, test } from "vitest";
import { Lines } from "../../../src/models/host/lines.ts";

const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", ""));

test("lines are the same wherever the stream is cut", () => {
  fc.assert(
    fc.property(fc.array(line), line, fc.infiniteStream(fc.integer({ min: 1, max: 7 })), (whole, rest, sizes) => {
      const bytes = Buffer.from(whole.map((text) => `${text}\n`).join("") + rest);
      const lines = new Lines(bytes.length + 1, "w");
      const found: string[] = [];
      for (let at = 0; at < bytes.length;) {
        const { value: size } = sizes.next() as { value: number };
        found.push(...lines.add(bytes.subarray(at, at + size)));
        at += size;
      }
      expect(found).toEqual(whole.map((text) => Buffer.from(text).toString()));
    }),
  );
});

test.each([1, 3, 100])("a line of the limit passes and one byte more does not, in chunks of %d", (size) => {
  const add = (text: string) => {
    const lines = new Lines(8, "w");
    const found: string[] = [];
    for (let at = 0; at < text.length; at += size) found.push(...lines.add(Buffer.from(text.slice(at, at + size))));
    return found;
  };
  expect(add("12345678\n12345678\n")).toEqual(["12345678", "12345678"]);
  expect(() => add("1\n123456789\n")).toThrow("w wrote a line of more than 8 bytes: `123");
});
