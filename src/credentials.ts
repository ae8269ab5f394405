/** A text without the user and password of the URLs in it: `http://me:secret@host` becomes `http://host`. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\w:\/\/)[^/?#\s]*@/g, "$1");
}
