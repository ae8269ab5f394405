"""RewardBench's plan in PyTorch, as its `rewardbench.py` runs a sequence classifier: dataset order, batch 8, tokenised
with padding to the longest, chosen and rejected in separate passes, truncated on the right.

    python perf/torch_plan.py <checkpoint> <job.json>

Prints one JSON line: seconds from the first text tokenised to the last score, CPU seconds, computed tokens, mean score.
"""

import json
import pathlib
import sys
import time

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

checkpoint, job = sys.argv[1], json.loads(pathlib.Path(sys.argv[2]).read_text())["rendered"]
tokenizer = AutoTokenizer.from_pretrained(checkpoint)
model = AutoModelForSequenceClassification.from_pretrained(checkpoint, dtype=torch.float32).eval()


@torch.inference_mode()
def score(texts):
    scores, computed = [], 0
    for at in range(0, len(texts), 8):
        first, second = zip(*texts[at : at + 8])
        # Only the answer is cut, as in the other plans; a prompt alone is never longer than the limit here.
        pairs = (list(first), list(second)) if second[0] is not None else (list(first),)
        batch = tokenizer(
            *pairs, padding=True, truncation="only_second" if len(pairs) == 2 else True,
            max_length=job["maxLength"], return_tensors="pt",
        )
        computed += batch["input_ids"].numel()
        scores += model(**batch).logits[:, 0].tolist()
    return scores, computed


score(job["chosen"][:16])
wall, cpu = time.perf_counter(), time.process_time()
chosen, computed = score(job["chosen"])
rejected, more = score(job["rejected"])
scores = chosen + rejected
print(json.dumps({
    "seconds": time.perf_counter() - wall,
    "cpu": time.process_time() - cpu,
    "computed": computed + more,
    "mean": sum(scores) / len(scores),
}))
