"""What RewardBench's scripts score, by transformers alone: its tokenising, cuts, padding, mask and batches.

    python test/python/compat.py <out-dir>

Writes checkpoints of two Llama classifiers, <out-dir>/pairs.json, and <out-dir>/<checkpoint>-<way>.jsonl, each as its
`*_outputs.jsonl`: scores of chosen and rejected in batches of eight, in the order of the pairs. Read in
allenai/reward-bench: models/pipeline.py, rewardbench.py, scripts/run_rm.py, scripts/run_v2.py and utils.py.
"""

import json
import random

import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer, LlamaConfig, LlamaForSequenceClassification

from parity import CHAT_TEMPLATE, OUT, WORDS, bytepairs

POSITIONS = 4096
WAYS = {
    # Command line: no cut whatever --max_length says, padding on the left.
    "command-line": {"side": "left"},
    "force-truncation": {"side": "left", "cut": "left", "length": 60},
    # The scripts of v1 and v2 leave the padding side as the tokenizer has it.
    "run-rm": {"side": "right", "cut": "left", "length": 2048},
    "run-v2": {"side": "right", "cut": "right", "length": 2048},
    "run-v2-60": {"side": "right", "cut": "right", "length": 60},
    "two-bos": {"side": "left", "masked": False},
}


def make_pairs():
    draw = random.Random(23)
    line = lambda low, high: " ".join(draw.choice(WORDS) for _ in range(draw.randint(low, high))) + "."
    pairs = [
        {"prompt": [{"role": "user", "content": line(3, 20)}], "chosen": line(1, 60), "rejected": line(1, 60)}
        for _ in range(32)
    ]
    for at in (5, 11):
        prompt = [{"role": role, "content": line(2, 4)} for role in ("system", "user", "user")]
        pairs[at] = {"prompt": prompt, "chosen": line(2, 4), "rejected": line(1, 3)}
    # Beyond 2,048 tokens, where the scripts cut; a batch of their own, for their padding on the left moves the positions
    # of others so far that rounding shows.
    for _ in range(2):
        prompt = [{"role": "user", "content": line(3, 20)}]
        pairs.append({"prompt": prompt, "chosen": line(2300, 2300), "rejected": line(900, 900)})
    return pairs


def build(pairs):
    texts = [text for pair in pairs[:32] for text in (pair["prompt"][0]["content"], pair["chosen"], pair["rejected"])]
    for name, template, pad in (
        ("padded", CHAT_TEMPLATE, "<pad>"),
        # The end of a turn becomes the padding, and the score is read before it.
        ("end-is-pad", CHAT_TEMPLATE.replace("{{ eos_token }}\n", "{{ eos_token }}"), None),
    ):
        tokenizer = bytepairs(texts)
        tokenizer.model_max_length, tokenizer.chat_template, tokenizer.pad_token = POSITIONS, template, pad
        config = LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, intermediate_size=96, num_labels=1, pad_token_id=tokenizer.pad_token_id,
            initializer_range=0.2, max_position_embeddings=POSITIONS,
        )  # fmt: skip
        model = LlamaForSequenceClassification(config).eval()
        model.score.weight.data.mul_(2)
        model.save_pretrained(OUT / name)
        tokenizer.save_pretrained(OUT / name)


def rendered(tokenizer, prompt, response):
    """Turns are labelled by their place."""
    turns = [{"role": ("user", "assistant")[at % 2], "content": turn["content"]} for at, turn in enumerate(prompt)]
    return tokenizer.apply_chat_template([*turns, {"role": "assistant", "content": response}], tokenize=False)


def run(tokenizer, model, texts, cut=None, length=None, masked=True):
    inputs = tokenizer(texts, truncation=cut is not None, max_length=length, padding=True, return_tensors="pt")
    inputs.pop("token_type_ids", None)
    ids, mask = inputs["input_ids"], inputs["attention_mask"]
    for row in range(len(ids)):
        start = mask[row].tolist().index(1)
        if masked and ids[row, start] == ids[row, start + 1] == tokenizer.bos_token_id:
            mask[row, start] = 0
    return model(input_ids=ids, attention_mask=mask).logits[:, 0].tolist()


def outputs(name, pairs, side, cut=None, **how):
    tokenizer = AutoTokenizer.from_pretrained(OUT / name)
    model = AutoModelForSequenceClassification.from_pretrained(OUT / name, dtype=torch.float32).eval()
    tokenizer.padding_side = side
    tokenizer.truncation_side = cut or "right"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token_id = model.config.pad_token_id = tokenizer.eos_token_id
    if model.config.pad_token_id is None:
        model.config.pad_token_id = tokenizer.pad_token_id
    rows = []
    for at in range(0, len(pairs), 8):
        batch = pairs[at : at + 8]
        texts = {side: [rendered(tokenizer, pair["prompt"], pair[side]) for pair in batch] for side in ("chosen", "rejected")}
        scores = {side: run(tokenizer, model, texts[side], cut, **how) for side in texts}
        rows += [
            {
                "subset": "all", "id": f"pair-{at + i}", "results": int(scores["chosen"][i] > scores["rejected"][i]),
                "scores_chosen": [scores["chosen"][i]], "scores_rejected": [scores["rejected"][i]],
                "text_chosen": texts["chosen"][i], "text_rejected": texts["rejected"][i],
            }
            for i in range(len(batch))
        ]  # fmt: skip
    return rows


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    torch.manual_seed(29)
    pairs = make_pairs()
    build(pairs)
    (OUT / "pairs.json").write_text(json.dumps(pairs))
    for name, ways in (("padded", WAYS), ("end-is-pad", ("command-line", "run-v2-60"))):
        for way in ways:
            how = WAYS[way]
            rows = outputs(name, pairs, **how)
            (OUT / f"{name}-{way}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
