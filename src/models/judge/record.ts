import { createHash } from "node:crypto";
import { appendFile, readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf, RmbenchError } from "../../errors.ts";

/** Sends one request and gives the reply's JSON. */
export type Post = (path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal) => Promise<unknown>;

const lineSchema = z.object({ request: z.string().regex(/^[0-9a-f]{64}$/), reply: z.unknown() });

/** sha256 over path and body: neither the server's address nor a header, so no secret, is in it. */
function requestHash(path: string, body: Readonly<Record<string, unknown>>): string {
  return createHash("sha256")
    .update(JSON.stringify([path, body]))
    .digest("hex");
}

/** Appends `{"request": <sha256>, "reply": …}` to a file for each reply, a line each. @throws RmbenchError `machine`. */
export function recording(post: Post, file: string): Post {
  return async (path, body, signal) => {
    const reply = await post(path, body, signal);
    await appendFile(file, `${JSON.stringify({ request: requestHash(path, body), reply })}\n`).catch(
      (error: unknown) => {
        throw new RmbenchError("machine", `the reply cannot be recorded in ${file}: ${messageOf(error)}`);
      },
    );
    return reply;
  };
}

/** Answers from such a file, the later of two lines for one request, and never asks anybody else. */
export async function replaying(file: string): Promise<Post> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new RmbenchError("data", `the recorded replies ${file} cannot be read: ${messageOf(error)}`);
  });
  const replies = new Map<string, unknown>();
  for (const [at, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const { request, reply } = parsed(line, `${file}:${at + 1}`);
    replies.set(request, reply);
  }
  return async (path, body) => {
    const hash = requestHash(path, body);
    if (replies.has(hash)) return replies.get(hash);
    throw new RmbenchError("data", `${file} holds no reply to request ${hash.slice(0, 12)} (${replies.size} others)`, {
      hint: "The suite, the protocol, its prompts or the settings of the judge differ from those of the recording: record again.",
    });
  };
}

function parsed(line: string, place: string): z.output<typeof lineSchema> {
  try {
    return lineSchema.parse(JSON.parse(line));
  } catch {
    throw new RmbenchError("data", `${place} is no recorded reply`, {
      hint: 'each line is {"request": <sha256>, "reply": …}, as --record writes it',
    });
  }
}
