"""The worker's side of `rmbench-stdio` version 1: one JSON object a line, on standard input and output."""

import json
import math
import os
import queue
import sys
import threading
import traceback

from refusal import Refusal

HEARTBEAT_SECONDS = 5


def serve(open_model):
    """Answers batches until standard input ends. `open_model(config)` returns a model with `ready` and `score(items)`."""
    channel = _Channel()
    lines = channel.lines()
    hello = next(lines)
    if hello.get("type") != "hello" or 1 not in hello.get("versions", []):
        channel.send({"type": "error", "code": "model", "message": "this worker speaks rmbench-stdio version 1 only"})
        return
    with channel.busy():
        try:
            model = open_model(hello.get("config") or {})
        except Exception as error:
            channel.send({"type": "error", **_reason(error, loading=True)})
            return
    channel.send({"type": "ready", "version": 1, **model.ready})
    for message in lines:
        if message.get("type") != "score":
            continue
        number = message["id"]
        with channel.busy():
            try:
                scores = model.score(message["items"])
            except Exception as error:
                if not (isinstance(error, Refusal) or is_out_of_memory(error)):
                    traceback.print_exc(file=sys.stderr)
                    failed = {"code": "runtime", "message": f"{type(error).__name__}: {_first_line(error)}"}
                    channel.send({"type": "scores", "id": number, "scores": [{"error": failed}] * len(message["items"])})
                    continue
                channel.send({"type": "error", "id": number, **_reason(error, loading=False)})
                continue
        channel.send({"type": "scores", "id": number, "scores": scores})


class _Channel:
    def __init__(self):
        # Whatever prints to standard output must not stand between the protocol's lines.
        self._out = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()
        self._working = threading.Event()
        self._incoming = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    def lines(self):
        while True:
            yield self._incoming.get()

    def send(self, message):
        line = json.dumps(message, ensure_ascii=False, allow_nan=False).encode("utf-8") + b"\n"
        with self._lock:
            view = memoryview(line)
            while view:
                view = view[self._out.write(view) :]

    def busy(self):
        return _Busy(self._working)

    def _read(self):
        for line in sys.stdin.buffer:
            if line.strip():
                self._incoming.put(json.loads(line))
        # The host is gone: a forward pass that takes minutes must not outlive it.
        os._exit(0)

    def _beat(self):
        while True:
            self._working.wait()
            threading.Event().wait(HEARTBEAT_SECONDS)
            if self._working.is_set():
                self.send({"type": "heartbeat"})


class _Busy:
    def __init__(self, working):
        self._working = working

    def __enter__(self):
        self._working.set()

    def __exit__(self, *_):
        self._working.clear()


def _reason(error, loading):
    if isinstance(error, Refusal):
        return {"code": error.code, "message": str(error), **({"hint": error.hint} if error.hint else {})}
    if is_out_of_memory(error):
        if not loading:
            return {"code": "out-of-memory", "message": _first_line(error)}
        message = f"the weights do not fit into memory: {_first_line(error)}"
        return {"code": "machine", "message": message, "hint": "choose another --device or --dtype bf16"}
    traceback.print_exc(file=sys.stderr)
    return {"code": "model", "message": f"{type(error).__name__}: {_first_line(error)}"}


def is_out_of_memory(error):
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)


def _first_line(error):
    return (str(error).strip().splitlines() or ["no message"])[0]


def number(value):
    """A float as JSON can carry it: the protocol has words for what is not finite."""
    value = float(value)
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
