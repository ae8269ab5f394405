/**
 * Lines that a model prints go to the person who runs it: each once, since a model is loaded for its description, for
 * its session and after a crash, and up to a number that does not drown the progress.
 * @param name what stands before each line.
 */
export function printer(name: string, warn: (message: string) => void): (line: string) => void {
  const most = 50;
  const shown = new Set<string>();
  return (line) => {
    if (shown.has(line) || shown.size === most) return;
    shown.add(line);
    warn(`${name}: ${line}`);
    if (shown.size === most) warn(`${name}: further lines are not shown`);
  };
}
