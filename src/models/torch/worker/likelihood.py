"""Log-probabilities of the tokens of a response, given all tokens before each, by a causal language model."""

import torch
import transformers

import loading
from body import CausalBody
from protocol import number
from refusal import Refusal
from scorer import Model

# Positions whose logits over the whole vocabulary stand in memory at once.
CHUNK = 256
# How far our log-probabilities may be from the model's own, on average and relative to them.
SAME = {"fp32": 1e-4, "fp16": 0.05, "bf16": 0.05}


def open_likelihood(config, device):
    folder = config["dir"]
    model, architecture, lacking, _ = loading.load(transformers.AutoModelForCausalLM, config)
    if lacking:
        raise Refusal(
            "model",
            f"{folder} ({architecture}) lacks {', '.join(lacking[:6])}, so its probabilities would be random",
            "implicit: reads causal language models; a reward model is torch:",
        )
    return Likelihood(model.eval().to(device), config, device)


class Likelihood(Model):
    def __init__(self, model, config, device):
        super().__init__(config, device, model.parameters())
        self.model = model
        self.vocabulary = model.get_input_embeddings().weight.shape[0]
        self.output = model.get_output_embeddings()
        self.softcap = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
        self.body = CausalBody(model.base_model, config.get("sharePrefixes", True))
        if not self.body.causal:
            raise Refusal("model", f"{config['dir']} sees later tokens: it is no causal language model")
        # Some architectures do more between the last state and their logits; these give them themselves, text by text.
        self.whole = not self._agrees()

    def score(self, items):
        for item in items:
            if max(item["ids"]) >= self.vocabulary:
                found = f"id {max(item['ids'])}, beyond the {self.vocabulary} of {self.config['dir']}"
                raise Refusal("model", f"a text has the {found}", "policy and reference must have one tokenizer")
        if self.whole:
            return [self._scored(self._own(item["ids"], item["start"])) for item in items]
        rows = [item["ids"] for item in items]
        reads = [list(range(item["start"] - 1, len(item["ids"]) - 1)) for item in items]
        states = self.body.hidden(rows, reads)
        return [self._scored(self._read(each, item["ids"][item["start"] :])) for item, each in zip(items, states)]

    def _read(self, states, targets):
        """Log-probability of each target at its state, [targets]."""
        found = []
        for at in range(0, len(targets), CHUNK):
            logits = self.output(states[at : at + CHUNK]).float()
            if self.softcap is not None:
                logits = self.softcap * torch.tanh(logits / self.softcap)
            found += picked(logits, targets[at : at + CHUNK])
        return found

    def _own(self, ids, start):
        logits = self.model(input_ids=torch.tensor([ids], device=self.device), use_cache=False).logits[0]
        return picked(logits[start - 1 : -1].float(), ids[start:])

    def _agrees(self):
        ids = self.body.probe
        if self.output is None:
            return False
        states = self.body.whole([ids], [list(range(len(ids) - 1))])[0]
        own, ours = torch.tensor(self._own(ids, 1)), torch.tensor(self._read(states, ids[1:]))
        return bool((own - ours).abs().mean() <= SAME[self.config["dtype"]] * own.abs().mean().clamp(min=1))

    @staticmethod
    def _scored(logprobs):
        return {"value": number(sum(logprobs)), "vector": [number(value) for value in logprobs]}


def picked(logits, targets):
    wanted = torch.tensor(targets, device=logits.device)[:, None]
    return torch.log_softmax(logits, dim=-1).gather(1, wanted)[:, 0].tolist()
