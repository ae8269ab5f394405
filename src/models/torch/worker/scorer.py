"""A loaded reward model: token ids in, scores out."""

import os

import torch
import transformers

import loading
from body import CausalBody
from heads import GatedHead, LinearHead, VocabularyHead, columns, layers_at
from protocol import number
from refusal import Refusal

# How far a classifier's own score may be from ours in half precision, as a share of their size.
SAME = 0.05


def open_model(config):
    torch.set_grad_enabled(False)
    # What it would print, a table of weights that "can be ignored", is for those who train.
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    if config.get("threads"):
        torch.set_num_threads(config["threads"])
    device = loading.device_of(config["device"])
    head = config["head"]
    kind = head["kind"]
    if kind == "classifier":
        return _classifier(config, device)
    if kind == "likelihood":
        from likelihood import open_likelihood

        return open_likelihood(config, device)
    if kind == "vocabulary":
        model, architecture, lacking, _ = loading.load(transformers.AutoModelForCausalLM, config)
        loading.refuse_lacking(config["dir"], architecture, lacking, [])
        output = model.get_output_embeddings()
        ids = head["ids"]
        if max(ids) >= output.weight.shape[0]:
            raise Refusal("model", f"the vocabulary of {config['dir']} has no id {max(ids)}")
        bias = None if output.bias is None else output.bias[ids]
        softcap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
        rule = columns(config["rule"], len(ids), [str(each) for each in ids], "the vocabulary head")
        return Causal(model.base_model, VocabularyHead(output.weight[ids], bias, softcap, rule), config, device)
    body = _body(config, head)
    if kind == "pair-ranker":
        from pairs import PairRanker, pair_head

        return PairRanker(body, pair_head(config["dir"], head["prefix"], body.config.hidden_size), config, device)
    if kind == "gated":
        return Causal(body, GatedHead(config["dir"], body.config, head.get("attributes", [])), config, device)
    if kind != "layers":
        raise Refusal("model", f"there is no head `{kind}`")
    layers = layers_at(config["dir"], head["prefix"])
    rule = columns(config["rule"], layers.width, [], f"{head['prefix']} of {config['dir']}")
    normalise = _normaliser(config["dir"], head) if head.get("normalised") else None
    return Causal(body, LinearHead(layers, rule, normalise), config, device)


def _body(config, head):
    folder = config["dir"]
    if head.get("body") == "internlm2":
        from internlm2 import load_internlm2

        return load_internlm2(folder, loading.read_config(folder), loading.DTYPES[config["dtype"]], config.get("attention"))
    model, architecture, lacking, unexpected = loading.load(transformers.AutoModel, config, head.get("rename"))
    loading.refuse_lacking(folder, architecture, lacking, unexpected)
    prefix = f"{head.get('prefix')}."
    heads = {"layers": (prefix, "normalizer."), "pair-ranker": (prefix,), "gated": ("regression_layer.", "gating.", "reward_transform_matrix")}
    loading.refuse_unexpected(folder, unexpected, heads[head["kind"]])
    return model


def _normaliser(folder, head):
    """Safe RLHF (2310.12773) keeps running moments; its configuration says whether they are used."""
    settings = loading.read_config(folder)
    if not settings.get("do_normalize"):
        return None
    mean, deviation = torch.tensor(settings["mean"]), torch.tensor(settings["var"]).sqrt()
    if settings.get("score_type", "reward") == "cost":
        return lambda values: values / (deviation.to(values.device) + 1e-8)
    return lambda values: (values - mean.to(values.device)) / (deviation.to(values.device) + 1e-8)


def _classifier(config, device):
    folder = config["dir"]
    model, architecture, lacking, unexpected = loading.load(transformers.AutoModelForSequenceClassification, config)
    loading.refuse_lacking(folder, architecture, lacking, unexpected)
    if unexpected:
        print(f"{folder}: not read: {', '.join(unexpected[:8])}")
    model = model.eval().to(device)
    labels = [label for _, label in sorted((model.config.id2label or {}).items(), key=lambda each: int(each[0]))]
    rule = columns(config["rule"], model.config.num_labels, labels, folder)
    head = getattr(model, "score", None)
    if isinstance(head, torch.nn.Linear):
        layer = torch.nn.Linear(head.in_features, head.out_features, bias=head.bias is not None)
        layer.load_state_dict({name: tensor.float() for name, tensor in head.state_dict().items()})
        causal = Causal(model.base_model, LinearHead(layer, rule), config, device)
        if causal.agrees_with(model, rule):
            return Classifier(causal, Encoder(model, rule, config, device))
        del causal
    return Encoder(model, rule, config, device)


class Model:
    def __init__(self, config, device, parameters):
        self.config = config
        self.device = device
        self.sign = config.get("sign", 1)
        found = {parameter.device.type for parameter in parameters}
        if found != {device.type}:
            raise Refusal("machine", f"asked for {device.type}, but weights stand on {', '.join(sorted(found))}")
        self.ready = {
            "name": os.path.basename(config["dir"].rstrip("/")) or config["dir"],
            "asks": config.get("asks", ["pointwise"]),
            "device": loading.report(device, config["dtype"]),
        }


class Causal(Model):
    """A decoder, read by a head at the last token, or at the positions that an item names."""

    def __init__(self, body, head, config, device):
        body = body.eval().to(device)
        super().__init__(config, device, body.parameters())
        self.head = head.eval().to(device)
        self.body = CausalBody(body, config.get("sharePrefixes", True))

    def score(self, items):
        rows = [item["ids"] for item in items]
        reads = [item.get("reads") or [len(item["ids"]) - 1] for item in items]
        return [self._read(states) for states in self.body.hidden(rows, reads)]

    def _read(self, states):
        said = self.head(states.float())
        if isinstance(said, dict):
            return said | {"value": number(self.sign * said["value"][0])}
        if not self.config.get("steps"):
            return {"value": number(self.sign * said[-1])}
        said = self.sign * said
        # A solution is as good as its worst step (2305.20050 and 2312.08935 compare reductions). NaN stays NaN.
        return {"value": number(said.min()), "vector": [number(value) for value in said]}

    def agrees_with(self, model, rule):
        """Whether the class reads its score where we do: the last token of a text without padding."""
        ids = self.body.probe
        own = rule(model(input_ids=torch.tensor([ids], device=self.device)).logits.float())[0]
        ours = self.head(self.body.whole([ids], [[len(ids) - 1]])[0].float())[0]
        return bool((own - ours).abs() <= SAME * own.abs().clamp(min=1e-3))


class Encoder(Model):
    """A classifier whose own logits are the score; texts are padded on the right under a mask."""

    def __init__(self, model, rule, config, device):
        super().__init__(config, device, model.parameters())
        self.model = model
        self.rule = rule
        self.reading = model.config.get_text_config()
        self.pad = self.reading.pad_token_id
        self.types = getattr(model.config, "type_vocab_size", 0) > 1
        # A decoder that pools in its own way, and encoder-decoders, are asked about one text at a time.
        self.alone = hasattr(model, "score") or model.config.is_encoder_decoder
        # By padding id of the incumbent, whether a decoder's texts may stand in one batch.
        self.pads = {}

    def score(self, items):
        alone = self.alone and not self._batched(items[0].get("incumbent"))
        batches = [[item] for item in items] if alone else [items]
        return [{"value": number(self.sign * value)} for batch in batches for value in self._values(batch)]

    def _values(self, items):
        longest = max(len(item["ids"]) for item in items)
        incumbent = items[0].get("incumbent")
        # Where the class looks for the last token of a text.
        self.reading.pad_token_id = self.pad if incumbent is None else incumbent["pad"]

        def padded(rows, filler):
            return torch.tensor([row + [filler] * (longest - len(row)) for row in rows], device=self.device)

        inputs = {
            "input_ids": padded([item["ids"] for item in items], self.reading.pad_token_id or 0),
            "attention_mask": padded([_mask(item) for item in items], 0),
        }
        if self.types:
            inputs["token_type_ids"] = padded([item.get("types") or [0] * len(item["ids"]) for item in items], 0)
        return self.rule(self.model(**inputs).logits.float())

    def _batched(self, incumbent):
        """Whether this class leaves a text's score as it is where it is padded on the right."""
        if incumbent is None or self.model.config.is_encoder_decoder:
            return False
        pad = incumbent["pad"]
        if pad not in self.pads:
            ids = [token for token in range(1, 12) if token != pad]
            short, long = ({"ids": ids[:length], "incumbent": incumbent | {"masked": 0}} for length in (5, 9))
            alone, padded = self._values([short])[0], self._values([short, long])[0]
            self.pads[pad] = bool((alone - padded).abs() <= SAME * alone.abs().clamp(min=1e-3))
        return self.pads[pad]


def _mask(item):
    masked = item["incumbent"]["masked"] if "incumbent" in item else 0
    return [0] * masked + [1] * (len(item["ids"]) - masked)


class Classifier:
    """A decoder that our head reads, and its own class where an item says how the incumbent pads and masks."""

    def __init__(self, ours, own):
        self.ours = ours
        self.own = own
        self.ready = ours.ready

    def score(self, items):
        return (self.own if "incumbent" in items[0] else self.ours).score(items)
