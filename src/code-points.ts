/** Length of a text in Unicode code points; half of a surrogate pair counts as one. */
export function codePoints(text: string): number {
  let count = text.length;
  // A high surrogate and the low one behind it are one code point.
  for (let i = 0; i < text.length - 1; i++) {
    if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--;
  }
  return count;
}
