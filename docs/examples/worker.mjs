// A reward model for `rmbench run --model 'process:node worker.mjs'`: longer answers with fewer repeated words.
import { createInterface } from "node:readline";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function reward({ response }) {
  const words = String(response).toLowerCase().split(/\s+/);
  return Math.log1p(words.length) * (new Set(words).size / words.length);
}

for await (const line of createInterface({ input: process.stdin })) {
  const message = JSON.parse(line);
  if (message.type === "hello") {
    say({ type: "ready", version: 1, name: "varied-words", asks: ["pointwise"], batching: "invariant" });
  } else if (message.type === "score") {
    const scores = message.items.map((item) => {
      try {
        return { value: reward(item) };
      } catch (error) {
        return { error: { code: "runtime", message: String(error) } };
      }
    });
    say({ type: "scores", id: message.id, scores });
  } else if (message.type === "shutdown") break;
}
