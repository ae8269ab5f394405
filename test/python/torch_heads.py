"""Tiny random reward models with the tensors of known families, and their rewards by each family's own formula.

    python test/python/torch_heads.py <out-dir>

Writes a folder per model and <out-dir>/expected.json: texts with each model's score, vector and attributes, computed
one text at a time from the transformer's hidden states. Heads are scaled so that scores spread by at least 1.
"""

import json
import random

import torch
from parity import OUT, WORDS, conversations
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch import nn
from transformers import LlamaConfig, LlamaForCausalLM, LlamaForSequenceClassification, LlamaModel, PreTrainedTokenizerFast

HIDDEN = 48
LLAMA3 = (
    "{{ bos_token }}{% for message in messages %}<|start_header_id|>{{ message['role'] }}<|end_header_id|>\n\n"
    "{{ message['content'] }}<|eot_id|>{% endfor %}"
)
SPECIAL = [
    "<s>", "</s>", "<pad>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<extra_0>", "ки", "<|reward|>",
    "<|end_of_turn|>",
]  # fmt: skip
OBJECTIVES = 19


def make_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=500, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator([text for item in conversations() for text in item.values()], trainer)
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>", model_max_length=512
    )
    fast.chat_template = LLAMA3
    return fast


TOKENIZER = make_tokenizer()
CONFIG = LlamaConfig(
    vocab_size=len(TOKENIZER), hidden_size=HIDDEN, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    intermediate_size=96, initializer_range=0.25, max_position_embeddings=512, pad_token_id=2, bos_token_id=0,
    eos_token_id=1,
)  # fmt: skip


def texts():
    draw = random.Random(3)
    line = lambda: " ".join(draw.choice(WORDS) for _ in range(draw.randint(2, 9))) + "."
    prompts = [line() + " " + line() for _ in range(6)]
    return [
        {"prompt": prompt, "response": "\n\n".join(line() for _ in range(draw.randint(1, 5)))}
        for prompt in prompts
        for _ in range(3)
    ]


def messages(item):
    return [{"role": "user", "content": item["prompt"]}, {"role": "assistant", "content": item["response"]}]


def encode(text):
    return TOKENIZER(text, add_special_tokens=False).input_ids


def chat(turns):
    return encode(TOKENIZER.apply_chat_template(turns, tokenize=False))


def states(body, ids):
    return body(input_ids=torch.tensor([ids]), use_cache=False).last_hidden_state[0]


def new_body():
    return LlamaModel(CONFIG).eval()


def spread(scores, parameters):
    """Scales the last layer until the scores of the texts spread by 2.5."""
    factor = 2.5 / torch.tensor(scores).std().item()
    for parameter in parameters:
        parameter.data.mul_(factor)


def save(name, tensors, config=None, preset=None, files=None):
    folder = OUT / name
    folder.mkdir(parents=True, exist_ok=True)
    save_file({key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}, str(folder / "model.safetensors"))
    (folder / "config.json").write_text(json.dumps(CONFIG.to_dict() | {"architectures": ["CustomModel"]} | (config or {})))
    TOKENIZER.save_pretrained(folder)
    if preset:
        (folder / "rmbench.json").write_text(json.dumps({"preset": preset}))
    for file, text in (files or {}).items():
        (folder / file).write_text(text)


def prefixed(prefix, module):
    return {f"{prefix}{key}": tensor for key, tensor in module.state_dict().items()}


def layered(name, preset, prefix, head, items, config=None, read=None, ids=None, after=None, body_prefix="model."):
    """A body and a head of layers, read at the last token."""
    body = new_body()
    ids = ids or (lambda item: chat(messages(item)))
    score = lambda item: head(states(body, ids(item))[-1]).item()
    last = [module for module in head.modules() if isinstance(module, nn.Linear)][-1]
    spread([score(item) for item in items], last.parameters())
    after = after or (lambda value: value)
    save(name, prefixed(body_prefix, body) | prefixed(f"{prefix}.", head), config, preset)
    return [{"value": after(score(item))} for item in items]


def gated(name, preset, quantiles, items):
    body = new_body()
    regression = nn.Linear(HIDDEN, OBJECTIVES * quantiles, bias=False)
    transform = torch.eye(OBJECTIVES) + 0.1 * torch.randn(OBJECTIVES, OBJECTIVES)
    scale = torch.tensor([1.5])
    if quantiles == 1:  # ArmoRM: linear layers with bias, ReLU between.
        linears = [nn.Linear(HIDDEN, 32), nn.Linear(32, 32), nn.Linear(32, OBJECTIVES)]
        gate = nn.ModuleList(linears)
        run = lambda x: linears[2](linears[1](linears[0](x).relu()).relu())
    else:  # QRM: linear without bias, ReLU, batch normalisation.
        gate = nn.ModuleList(
            [nn.Linear(HIDDEN, 32, bias=False), nn.ReLU(), nn.BatchNorm1d(32), nn.Linear(32, OBJECTIVES)]
        ).eval()
        gate[2].running_mean.normal_()
        gate[2].running_var.uniform_(0.5, 2)
        run = lambda x: gate[3](gate[2](gate[1](gate[0](x))))
    pattern = encode("<|eot_id|><|start_header_id|>assistant<|end_header_id|>")

    def rewards(item):
        ids = chat(messages(item))
        hidden = states(body, ids)
        at = max(i for i in range(len(ids)) if ids[i : i + len(pattern)] == pattern)
        weights = torch.softmax(run(hidden[at : at + 1])[0] / 10, dim=0) * scale
        each = regression(hidden[-1]).reshape(OBJECTIVES, quantiles).mean(1) @ transform
        return (weights * each).sum().item(), each.tolist()

    spread([rewards(item)[0] for item in items], regression.parameters())
    tensors = prefixed("model.", body) | prefixed("gating.layers.", gate)
    tensors |= {"regression_layer.weight": regression.weight, "reward_transform_matrix": transform, "gating.logit_scale": scale}
    save(name, tensors, {"num_objectives": OBJECTIVES, "gating_temperature": 10, "num_quantiles": quantiles}, preset)
    return [{"value": value, "attributes": each} for value, each in map(rewards, items)]


def nemotron(items):
    model = LlamaForCausalLM(CONFIG).eval()
    score = lambda item: model(torch.tensor([chat(messages(item))])).logits[0, -1, 0].item()
    spread([score(item) for item in items], [model.lm_head.weight])
    save("Nemotron", model.state_dict(), {"architectures": ["LlamaForCausalLM"]}, "Nemotron")
    return [{"value": score(item)} for item in items]


def internlm2(items):
    reward = SPECIAL.index("<|reward|>")
    body, head = new_body(), nn.Linear(HIDDEN, 1, bias=False)
    score = lambda item: head(states(body, [*chat(messages(item)), reward])[-1]).item()
    spread([score(item) for item in items], [head.weight])
    names = {
        "embed_tokens": "tok_embeddings", "input_layernorm": "attention_norm", "post_attention_layernorm": "ffn_norm",
        "self_attn.o_proj": "attention.wo", "mlp.gate_proj": "feed_forward.w1", "mlp.up_proj": "feed_forward.w3",
        "mlp.down_proj": "feed_forward.w2",
    }  # fmt: skip
    tensors, state, width = {"v_head.weight": head.weight}, body.state_dict(), HIDDEN // 4
    for name, tensor in state.items():
        for ours, theirs in names.items():
            name = name.replace(ours, theirs)
        if "self_attn" not in name:
            tensors[f"model.{name}"] = tensor
    for layer in range(2):
        rows = []
        for group in range(2):  # Two query heads, then their key, then their value.
            at = f"layers.{layer}.self_attn."
            rows.append(state[f"{at}q_proj.weight"][2 * group * width : (2 * group + 2) * width])
            rows += [state[f"{at}{part}.weight"][group * width : (group + 1) * width] for part in ("k_proj", "v_proj")]
        tensors[f"model.layers.{layer}.attention.wqkv.weight"] = torch.cat(rows)
    config = {"model_type": "internlm2", "architectures": ["InternLM2ForRewardModel"], "reward_token_id": reward,
              "bias": False, "rope_theta": 10000.0, "rope_scaling": {"type": "dynamic", "factor": 2.0},
              "auto_map": {"AutoModel": "modeling_internlm2.InternLM2ForRewardModel"}}  # fmt: skip
    save("InternLM2", tensors, config, "InternLM2")
    return [{"value": score(item)} for item in items]


def lowest(vector):
    return {"value": min(vector), "vector": vector}


def process_models(items, expected):
    sequential = lambda width: nn.Sequential(nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, width))
    body, head = new_body(), sequential(2)
    head[2].weight.data.mul_(20)
    system = {"role": "system", "content": "Please reason step by step, and put your final answer within \\boxed{}."}

    def qwen(item):
        response = "".join(f"{step}<extra_0>" for step in item["response"].split("\n\n"))
        ids = chat([system, {"role": "user", "content": item["prompt"]}, {"role": "assistant", "content": response}])
        marks = [at for at, token in enumerate(ids) if token == SPECIAL.index("<extra_0>")]
        return torch.softmax(head(states(body, ids)[marks]), dim=1)[:, 1].tolist()

    save("Qwen2.5-Math-PRM", prefixed("model.", body) | prefixed("score.", head), None, "Qwen2.5-Math-PRM")
    expected["Qwen2.5-Math-PRM"] = [lowest(qwen(item)) for item in items]

    shepherd_model = LlamaForCausalLM(CONFIG).eval()
    shepherd_model.lm_head.weight.data.mul_(3)
    good, bad = encode("+")[-1], encode("+ -")[-1]

    def shepherd(item):
        lines = item["response"].split("\n\n")  # The test gives these responses with single line breaks.
        ids = TOKENIZER(item["prompt"] + " " + "\n".join(f"{line} ки" for line in lines)).input_ids
        marks = [at for at, token in enumerate(ids) if token == SPECIAL.index("ки")]
        return torch.softmax(shepherd_model(torch.tensor([ids])).logits[0, marks][:, [good, bad]], dim=1)[:, 0].tolist()

    save("math-shepherd", shepherd_model.state_dict(), {"architectures": ["LlamaForCausalLM"]}, "math-shepherd")
    expected["math-shepherd"] = [lowest(shepherd(item)) for item in items]

    plus, minus = encode("+")[-1], encode("-")[-1]

    def rlhflow(item):
        turns, vector = [], []
        for at, step in enumerate(item["response"].split("\n\n")):
            turns.append({"role": "user", "content": f"{item['prompt']} {step}" if at == 0 else step})
            turns.append({"role": "assistant", "content": "+"})
            logits = shepherd_model(torch.tensor([chat(turns)])).logits[0, -3, [plus, minus]]
            vector.append(torch.softmax(logits, dim=0)[0].item())
        return vector

    save("RLHFlow-PRM", shepherd_model.state_dict(), {"architectures": ["LlamaForCausalLM"]}, "RLHFlow-PRM")
    expected["RLHFlow-PRM"] = [lowest(rlhflow(item)) for item in items]

    skywork_body, value = new_body(), nn.Linear(HIDDEN, 1)
    value.weight.data.mul_(4)

    def skywork(item):
        ids, marks = encode("<s>" + item["prompt"] + "\n"), []
        for line in item["response"].split("\n"):
            ids += [*(encode(line) if line else []), encode("\n")[-1]]
            marks.append(len(ids) - 1)
        return torch.sigmoid(value(states(skywork_body, ids)[marks])[:, 0]).tolist()

    save("Skywork-o1-PRM", prefixed("model.", skywork_body) | prefixed("v_head.summary.", value), None, "Skywork-o1-PRM")
    expected["Skywork-o1-PRM"] = [lowest(skywork(item)) for item in items]


def classifiers(items, expected):
    """Llama classifiers: plain, with a padding id that every text ends with, of two labels, and without a head."""
    model = LlamaForSequenceClassification(LlamaConfig(**CONFIG.to_dict() | {"num_labels": 1})).eval()
    score = lambda item: model.score(states(model.model, chat(messages(item)))[-1]).item()
    spread([score(item) for item in items], [model.score.weight])
    named = {"architectures": ["LlamaForSequenceClassification"], "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}
    for name, changes in {"plain": {}, "pad-is-end": {"pad_token_id": SPECIAL.index("<|eot_id|>")}}.items():
        save(name, model.state_dict(), named | changes)
        expected[name] = [{"value": score(item)} for item in items]
    two = model.state_dict() | {"score.weight": torch.randn(2, HIDDEN)}
    labels = {"id2label": {"0": "bad", "1": "good"}, "label2id": {"bad": 0, "good": 1}}
    save("two-labels", two, named | labels)
    save("no-head", LlamaForCausalLM(CONFIG).state_dict(), {"architectures": ["LlamaForCausalLM"]})
    headless = {key: tensor for key, tensor in model.state_dict().items() if "score" not in key}
    save("head-lost", headless, named)
    save("layer-lost", {key: t for key, t in model.state_dict().items() if "layers.1.mlp.up_proj" not in key}, named)
    save("wrong-head", prefixed("model.", model.model) | {"v_head.weight": torch.randn(1, HIDDEN)}, None, "INF-ORM")
    model.save_pretrained(OUT / "sharded", max_shard_size="100KB")
    TOKENIZER.save_pretrained(OUT / "sharded")
    expected["sharded"] = expected["plain"]
    code = """
from torch import nn
from transformers import LlamaConfig, LlamaModel, LlamaPreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutputWithPast

class MyConfig(LlamaConfig):
    model_type = "my-rm"

class MyModel(LlamaPreTrainedModel):
    config_class = MyConfig

    def __init__(self, config):
        super().__init__(config)
        self.model = LlamaModel(config)
        self.score = nn.Linear(config.hidden_size, 1, bias=False)
        self.post_init()

    def forward(self, input_ids):
        return SequenceClassifierOutputWithPast(logits=self.score(self.model(input_ids)[0])[:, -1])
"""
    mapped = {"AutoConfig": "my_rm.MyConfig", "AutoModelForSequenceClassification": "my_rm.MyModel"}
    save("own-code", model.state_dict(), named | {"model_type": "my-rm", "auto_map": mapped, "architectures": ["MyModel"]},
         files={"my_rm.py": code})  # fmt: skip
    expected["own-code"] = expected["plain"]


def main():
    torch.set_grad_enabled(False)
    torch.set_num_threads(1)
    torch.manual_seed(17)
    items, expected = texts(), {}
    mlp = lambda width: nn.Sequential(nn.Linear(HIDDEN, width), nn.ReLU(), nn.Linear(width, 1))
    classifiers(items, expected)
    expected["INF-ORM"] = layered("INF-ORM", "INF-ORM", "score", mlp(HIDDEN), items)
    expected["GRM"] = layered("GRM", "GRM", "v_head.summary", mlp(32), items)
    expected["ArmoRM"] = gated("ArmoRM", "ArmoRM", 1, items)
    expected["QRM"] = gated("QRM", "QRM", 5, items)
    expected["Nemotron"] = nemotron(items)
    expected["InternLM2"] = internlm2(items)
    beaver = lambda item: encode(f"<s>BEGINNING OF CONVERSATION: USER: {item['prompt']} ASSISTANT:{item['response']}</s>")
    moments = {"do_normalize": True, "mean": [0.5], "var": [4.0]}
    expected["Beaver-reward"] = layered(
        "Beaver-reward", "Beaver-reward", "score_head", nn.Linear(HIDDEN, 1), items,
        moments | {"score_type": "reward"}, ids=beaver, after=lambda value: (value - 0.5) / (2 + 1e-8),
    )  # fmt: skip
    expected["Beaver-cost"] = layered(
        "Beaver-cost", "Beaver-cost", "score_head", nn.Linear(HIDDEN, 1), items,
        moments | {"score_type": "cost"}, ids=beaver, after=lambda value: -value / (2 + 1e-8),
    )  # fmt: skip
    starling = lambda item: encode(
        f"<s>GPT4 Correct User: {item['prompt']}<|end_of_turn|>GPT4 Correct Assistant: {item['response']}<|end_of_turn|>"
    )
    expected["Starling-34B"] = layered(
        "Starling-34B", "Starling-34B", "v_head", nn.Linear(HIDDEN, 1, bias=False), items, ids=starling,
        body_prefix="transformer.",
    )  # fmt: skip
    process_models(items, expected)
    (OUT / "expected.json").write_text(json.dumps({"texts": items, "scores": expected}))


if __name__ == "__main__":
    main()
