import { RmbenchError } from "../../errors.ts";
import { compileChatTemplate } from "../../prompt/chat-template.ts";
import type { Conversation } from "../../questions/question.ts";
import { prepareConversation } from "../prepare.ts";
import type { ModelOptions } from "../reward-model.ts";
import type { PairContext } from "./pairing.ts";
import { alternatingTurns, responseText, type PairReading } from "./pairs.ts";

/** As RLHFlow trained it: no roles beyond the two, no special tokens. */
const turnTemplate =
  "\n{% for message in messages %}{% if loop.index0 % 2 == 0 %}\n\n<turn> user\n {{ message['content'] }}{% else %}\n\n<turn> assistant\n {{ message['content'] }}{% endif %}{% endfor %}\n\n\n";

/**
 * RLHFlow's pair preference model (RLHF Workflow, arXiv 2405.07863): a language model that is asked, in one user turn,
 * which of two responses is the better one, and read at the next token. The checkpoint's chat template, of which every
 * BOS is taken out.
 */
export function readLetters(name: string, context: PairContext): PairReading {
  const { dir, reading, tokenizer, options } = context;
  if (!reading.template.startsWith("chat ")) {
    throw new RmbenchError("model", `${dir} has no chat template, and ${name} asks in one`, {
      hint: "give it as `template` in rmbench.json, or as chat_template in tokenizer_config.json",
    });
  }
  for (const letter of ["A", "B"]) {
    const { length } = tokenizer.encode({ text: letter, pair: null }, true);
    if (length !== 1) throw new RmbenchError("model", `${letter} is ${length} tokens in ${dir}, and ${name} reads one`);
  }
  const turns = compileChatTemplate(turnTemplate, {}, `turns of ${name}`);
  const bos = tokenizer.special.bos_token;
  const encode = (of: Conversation, a: string, b: string) => {
    const asked = turns.render(alternatingTurns(of), null);
    const content = `[CONTEXT] ${asked} [RESPONSE A] ${a} [RESPONSE B] ${b} \n`;
    const question = { prompt: [], documents: null, tools: null, response: [{ role: "user", content }] };
    const { text } = reading.format(question);
    return tokenizer.encode({ text: bos === undefined ? text : text.replaceAll(bos, ""), pair: null }, true);
  };
  return {
    template: `${name}, ${reading.template}`,
    maxLength: reading.maxLength,
    prepare(a, b) {
      const [first, second] = [responseText(a), responseText(b)];
      // Both responses lose the same side down to the same length, so that neither order nor side is favoured.
      const room = " ".repeat(Math.max(first.length, second.length));
      const cut = (response: string, { length }: string) => cutTo(response, length, options.truncate);
      const encodeCut = (of: Conversation) => {
        const left = responseText(of);
        return encode(of, cut(first, left), cut(second, left));
      };
      return prepareConversation(
        { ...a, response: room },
        { ...reading, encode: encodeCut, truncate: options.truncate },
      );
    },
  };
}

/** At most `length` UTF-16 units of one side, never half a surrogate pair. */
function cutTo(text: string, length: number, side: ModelOptions["truncate"]): string {
  if (text.length <= length) return text;
  if (side === "response-left") return text.slice(text.length - length).replace(/^[\uDC00-\uDFFF]/, "");
  return text.slice(0, length).replace(/[\uD800-\uDBFF]$/, "");
}
