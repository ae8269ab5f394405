import { readFileSync } from "node:fs";

/** CPU seconds, user and system, that this process and its running children used so far, from /proc (Linux). */
export function cpuSeconds(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ");
  return ["self", ...children].filter((pid) => pid !== "").reduce((sum, pid) => sum + ticks(pid) / 100, 0);
}

function ticks(pid: string): number {
  const [, rest = ""] = /^.*\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
  const fields = rest.split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
