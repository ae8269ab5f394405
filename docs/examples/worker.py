# A reward model for `rmbench run --model 'process:python3 worker.py'`: longer answers with fewer repeated words.
import json
import math
import sys


def say(message):
    print(json.dumps(message, allow_nan=False), flush=True)


def reward(item):
    words = str(item["response"]).lower().split()
    return math.log1p(len(words)) * len(set(words)) / max(1, len(words))


for line in sys.stdin:  # ends when rmbench does
    message = json.loads(line)
    if message["type"] == "hello":
        say({"type": "ready", "version": 1, "name": "varied-words", "asks": ["pointwise"], "batching": "invariant"})
    elif message["type"] == "score":
        scores = []
        for item in message["items"]:
            try:
                scores.append({"value": reward(item)})
            except Exception as error:
                scores.append({"error": {"code": "runtime", "message": str(error)}})
        say({"type": "scores", "id": message["id"], "scores": scores})
    elif message["type"] == "shutdown":
        break
