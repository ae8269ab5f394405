import { Template } from "@huggingface/jinja";
import { RmbenchError, messageOf } from "../errors.ts";
import type { Message } from "../pairs/pair.ts";

/** The texts of a tokenizer's special tokens, by their names in tokenizer_config.json (`bos_token`, `eos_token`, …). */
export type SpecialTokens = Readonly<Record<string, string>>;

/** Renders a conversation, response included, into the text that is tokenised. */
export interface ChatTemplate {
  /** Whether the template reads tool definitions; without it they could not reach the model. */
  readsTools: boolean;
  /** The fixed date that the template sees instead of today's, or null where it asks for none. */
  date: string | null;
  /**
   * @param opensAnswer ends with what stands before an assistant's text (`add_generation_prompt`).
   * @throws RmbenchError `model` naming the template, when the template refuses the conversation.
   */
  render(messages: readonly Message[], tools: string | null, opensAnswer?: boolean): string;
}

/** Llama's templates fall back to this date; today's would make a score depend on the day of the run. */
const fixedDate = "2024-07-26";

/**
 * Compiles the Jinja template of a tokenizer, rendered as `apply_chat_template(…, add_generation_prompt=…)` does:
 * `messages`, `tools`, `documents` (none) and the special tokens are its variables.
 * @param name what errors call it, for example `chat template of ./my-model`.
 * @throws RmbenchError `model` when the template does not parse.
 */
export function compileChatTemplate(source: string, special: SpecialTokens, name: string): ChatTemplate {
  const date = source.includes("strftime_now") ? fixedDate : null;
  let template: Template;
  try {
    // The engine declares strftime_now itself, so it is assigned inside the template.
    template = new Template(date === null ? source : `{%- set strftime_now = fixed_strftime -%}${source}`);
  } catch (error) {
    throw new RmbenchError("model", `the ${name} is not a Jinja template: ${messageOf(error)}`, { cause: error });
  }
  return {
    readsTools: /\btools\b/.test(source),
    date,
    render(messages, tools, opensAnswer = false) {
      try {
        return template.render({
          ...special,
          messages: messages.map(({ role, content }) => ({ role, content })),
          tools: tools === null ? null : JSON.parse(tools),
          documents: null,
          add_generation_prompt: opensAnswer,
          fixed_strftime: formatFixedDate,
        });
      } catch (error) {
        throw new RmbenchError("model", `the ${name} refuses the conversation: ${messageOf(error)}`, { cause: error });
      }
    },
  };
}

function formatFixedDate(format: string): string {
  const [year = "", month = "", day = ""] = fixedDate.split("-");
  const names = { B: "July", b: "Jul", A: "Friday", a: "Fri" };
  const parts: Record<string, string> = {
    Y: year,
    m: month,
    d: day,
    y: year.slice(2),
    H: "00",
    M: "00",
    S: "00",
    ...names,
  };
  return format.replace(/%-?([a-zA-Z])/g, (whole, letter: string) => parts[letter] ?? whole);
}
