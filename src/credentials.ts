/** `Authorization: Bearer x`, `Bearer x`. */
const bearer = /((?:\bauthorization\b["']?\s*[:=]\s*["']?(?:\w+\s+)?)|(?:\bbearer\s+))[^\s"',]+/gi;
/** `--api-key x`, `--hf-token=x`, `OPENAI_API_KEY=x`, `?token=x`; not `--tokens 5` or `--tokenizer x`. */
const secret = valueOf("api[-_]?key|token|secret|password", "[\\w-]*");
/** Of these the ones that are keys for certain: `--eos-token x` names a word of a vocabulary. */
const key = valueOf(
  "api[-_]?key|secret|password|(?:hf|api|auth|access|bearer|id)[-_]?token|(?<![\\w-])token|(?<=--)token",
  "[\\w-]*?",
);

function valueOf(names: string, before: string): RegExp {
  return new RegExp(`((?:--${before}(?:${names})\\s+)|(?:${before}(?:${names})=))("[^"]*"|'[^']*'|[^\\s&"']+)`, "gi");
}

/**
 * A text without user, password and query of the URLs in it (`http://me:secret@host?key=x` becomes `http://host`), and without
 * the values of keys, tokens, secrets and passwords (`--api-key xyz` becomes `--api-key ***`, `Bearer xyz` `Bearer ***`).
 */
export function withoutCredentials(text: string): string {
  return withoutUsers(text)
    .replace(/(\w:\/\/[^?#\s]*)\?[^#\s]*/g, "$1")
    .replace(bearer, "$1***")
    .replace(secret, "$1***");
}

/**
 * A text without what is a credential for certain, to be hashed and never to be shown: queries and options such as
 * `--eos-token`, which may choose another model, are left in it.
 */
export function withoutKeys(text: string): string {
  return withoutUsers(text)
    .replace(/([?&](?:key|sig|code)=)[^&#\s]*/gi, "$1***")
    .replace(bearer, "$1***")
    .replace(key, "$1***");
}

function withoutUsers(text: string): string {
  return text.replace(/(\w:\/\/)[^/?#\s]*@/g, "$1");
}
