import { fork } from "node:child_process";
import type { Connect } from "./channel.ts";
import { entryOf } from "./entry.ts";
import type { Opened, OpenRequest, ToChild, ToParent } from "./protocol.ts";

/** Our own code in a process of its own (child.ts), over Node's IPC. */
export function ipc(request: OpenRequest, env: Readonly<Record<string, string | undefined>>): Connect<Opened> {
  return (hear) => {
    const { file, execArgv } = entryOf("child");
    const child = fork(file, [], {
      serialization: "advanced",
      execArgv,
      env: { ...env, ORT_DISABLE_TELEMETRY: "1" },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    const kill = () => void child.kill("SIGKILL");
    // A child that cannot be told is dead or dying: its end rejects what is pending.
    const tell = (message: ToChild) => void child.send(message, (error) => error !== null && kill());
    child.on("message", (message: ToParent) => hear(message));
    tell({ type: "open", request });
    return {
      child,
      prints: [child.stdout, child.stderr],
      send: (id, items) => tell({ type: "run", id, items }),
      kill,
      close: kill,
    };
  };
}
