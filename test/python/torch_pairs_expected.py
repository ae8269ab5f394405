"""Log-odds of the first response by the published formulas, from the saved checkpoints alone and one pair at a time.

    python test/python/torch_pairs_expected.py <dir of torch_pairs.py>

Prints {model: {list of items: [[first against second, second against first], …]}}, `turns` being PairRM as RewardBench asks.
"""

import json
import math
import pathlib
import sys

import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer, DebertaV2Config, DebertaV2Model

FOLDER = pathlib.Path(sys.argv[1])


def pair_ranker(turns):
    folder = FOLDER / "PairRM"
    config, tokenizer = DebertaV2Config.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    weights = load_file(str(folder / "model.safetensors"))
    body = DebertaV2Model(config).eval()
    body.load_state_dict({k[len("pretrained_model.") :]: t for k, t in weights.items() if k.startswith("pretrained_model.")})
    w = {k[len("head_layer.") :]: t for k, t in weights.items() if k.startswith("head_layer.")}

    def head(x):
        return torch.tanh(x @ w["1.weight"].T + w["1.bias"]) @ w["4.weight"].T + w["4.bias"]

    def texts(prompt, a, b):
        if len(prompt) == 1 and not turns:
            return prompt[0]["content"], a, b
        users, replies = prompt[0::2], [turn["content"] for turn in prompt[1::2]]
        source = "Finish the following coversation in each i-th turn by filling in <Response i> with your response." + "\n".join(
            f"USER: {turn['content']}\nAssistant: <Response {i + 1}>" for i, turn in enumerate(users)
        )
        filled = lambda reply: "\n".join(f"<Response {i + 1}>: {text}" for i, text in enumerate([*replies, reply]))
        return source, filled(a), filled(b)

    def compare(prompt, a, b):
        source, first, second = texts(prompt, a, b)
        cut = lambda text, length: tokenizer.encode(text, max_length=length, truncation=True)
        ids = cut("<|source|>" + source, 1224)
        room = (2048 - len(ids)) // 2
        ids = torch.tensor(ids + cut("<|candidate1|>" + first, room) + cut("<|candidate2|>" + second, room))
        # Padded under a mask, as published, where it is to the full length.
        padded, mask = (torch.zeros(1, len(ids) + 32, dtype=torch.long) for _ in "ab")
        padded[0, : len(ids)], mask[0, : len(ids)] = ids, 1
        states = body(input_ids=padded, attention_mask=mask, output_hidden_states=True).hidden_states[-1][0, : len(ids)]
        at = lambda name: states[(ids == getattr(config, name)).nonzero()[0, 0]]
        source, first, second = (at(f"{name}_prefix_id") for name in ("source", "cand1", "cand2"))
        return (head(torch.cat([source, first])) - head(torch.cat([source, second]))).mean().item()

    return compare


def letters():
    folder = FOLDER / "pair-preference"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    formatter = AutoTokenizer.from_pretrained(folder)
    formatter.chat_template = (
        "\n{% for message in messages %}{% if loop.index0 % 2 == 0 %}\n\n<turn> user\n {{ message['content'] }}"
        "{% else %}\n\n<turn> assistant\n {{ message['content'] }}{% endif %}{% endfor %}\n\n\n"
    )

    def compare(prompt, a, b):
        context = formatter.apply_chat_template(prompt, tokenize=False)
        content = f"[CONTEXT] {context} [RESPONSE A] {a} [RESPONSE B] {b} \n"
        text = tokenizer.apply_chat_template([{"role": "user", "content": content}], tokenize=False)
        ids = tokenizer.encode(text.replace(tokenizer.bos_token, ""), add_special_tokens=False)
        logits = model(torch.tensor([ids])).logits[0, -1]
        (first,), (second,) = (tokenizer.encode(letter, add_special_tokens=False) for letter in "AB")
        chosen = torch.softmax(logits[[first, second]].double(), 0)[0].item()
        return math.log(chosen / (1 - chosen))

    return compare


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(2)
    items = json.loads((FOLDER / "items.json").read_text())

    def both(compare, some):
        return [[compare(item["prompt"], *item["responses"][::step]) for step in (1, -1)] for item in some]

    ranker = pair_ranker(turns=False)
    print(json.dumps({
        "PairRM": {"fits": both(ranker, items["fits"]), "long": both(ranker, items["long"])},
        "turns": {"fits": both(pair_ranker(turns=True), items["fits"])},
        "pair-preference": {"fits": both(letters(), items["fits"])},
    }))  # fmt: skip


if __name__ == "__main__":
    main()
