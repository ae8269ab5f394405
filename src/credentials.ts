/** `--api-key x`, `--hf-token=x`, `OPENAI_API_KEY=x`, `?token=x`; not `--tokens 5` or `--tokenizer x`. */
const secret =
  /((?:--[\w-]*(?:api[-_]?key|token|secret|password)\s+)|(?:[\w-]*(?:api[-_]?key|token|secret|password)=))("[^"]*"|'[^']*'|[^\s&"']+)/gi;

/**
 * A text without user, password and query of the URLs in it (`http://me:secret@host?key=x` becomes `http://host`), and without
 * the values of keys, tokens, secrets and passwords (`--api-key xyz` becomes `--api-key ***`).
 */
export function withoutCredentials(text: string): string {
  return text
    .replace(/(\w:\/\/)[^/?#\s]*@/g, "$1")
    .replace(/(\w:\/\/[^?#\s]*)\?[^#\s]*/g, "$1")
    .replace(secret, "$1***");
}
