/** Strikes secrets out of text that came from a server or a library, which may echo what it was sent. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  // Shorter ones would strike out letters of every message; longest first, since one may hold another.
  const known = [...new Set(secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]))]
    .filter((secret) => secret.length >= 4)
    .sort((a, b) => b.length - a.length);
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, "***"), text);
}
