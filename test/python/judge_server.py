"""A judge that can be checked: a tiny causal language model, built here, behind the wires of three providers.

POST /v1/chat/completions (log-probabilities, seed), /v1/messages, /v1beta/models/<model>:generateContent, as their
providers document them, on a loopback port that is printed. The body of the model is one random Llama; each "model" is a
head of its own whose bias makes some answers likely: letters (A, B), digits (1 to 9), words (yes, no), verdicts
([[A]], [[B]], [[C]], end of text), critics (digits, end of text) and four (A to D). POST /direct gives raw logits for the
same messages, by a forward pass of its own; GET /log gives what was asked.
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaModel

torch.manual_seed(20)
torch.set_num_threads(1)

# Every answer is one token, as the tokenizers of language models have them.
ANSWERS = {
    "letters": ["A", "B"],
    "digits": list("123456789"),
    "words": ["yes", "no"],
    "verdicts": ["[[A]]", "[[B]]", "[[C]]", "<|end|>"],
    "critics": [*"123456789", "<|end|>"],
    "four": list("ABCD"),
}
# `verdicts` often goes on after its verdict and is cut, contradicts itself, or says nothing: what judges do.
BIAS = {"letters": 8.0, "digits": 8.0, "words": 8.0, "verdicts": 6.0, "critics": 6.0, "four": 8.0}


def build_tokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    corpus = [open(__file__, encoding="utf8").read(), "which answer is better? the conversation, the answer, the user"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=512, initial_alphabet=alphabet, show_progress=False))
    words = [word for words in ANSWERS.values() for word in words if len(word) > 1]
    tokenizer.add_tokens([AddedToken(word, normalized=False) for word in words])
    return tokenizer


TOKENIZER = build_tokenizer()
VOCABULARY = TOKENIZER.get_vocab_size()
END = TOKENIZER.token_to_id("<|end|>")
BODY = LlamaModel(
    LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=8192,
        initializer_range=0.3,
    )
).eval()


def head(name):
    layer = torch.nn.Linear(32, VOCABULARY)
    torch.nn.init.normal_(layer.weight, std=0.25)
    torch.nn.init.zeros_(layer.bias)
    with torch.no_grad():
        for answer in ANSWERS[name]:
            layer.bias[TOKENIZER.token_to_id(answer)] = BIAS[name] + (1.5 if answer == "<|end|>" else 0)
    return layer


HEADS = {name: head(name) for name in ANSWERS}
LOCK = threading.Lock()
LOG = []


def encode(messages):
    text = "".join(f"<{m['role']}>\n{m['content']}\n" for m in messages) + "<assistant>\n"
    # Answers that stand in a prompt are text there, not tokens of a verdict.
    return TOKENIZER.encode(text.replace("[[", "[ [")).ids


@torch.no_grad()
def next_logits(model, ids, cache=None):
    out = BODY(input_ids=torch.tensor([ids]), past_key_values=cache, use_cache=True)
    return HEADS[model](out.last_hidden_state[0, -1]), out.past_key_values


def generate(model, messages, most, temperature=0.0, seed=None, top=0):
    """Tokens with their log-probabilities and the `top` most likely ones beside each, until the end or `most`."""
    chance = torch.Generator()
    chance.manual_seed(seed) if seed is not None else chance.seed()
    ids, cache, steps, pending = encode(messages), None, [], None
    pending = ids
    for _ in range(most):
        logits, cache = next_logits(model, pending, cache)
        logprobs = torch.log_softmax(logits, dim=-1)
        if temperature == 0:
            chosen = int(torch.argmax(logits))
        else:
            chosen = int(torch.multinomial(torch.softmax(logits / temperature, dim=-1), 1, generator=chance))
        if chosen == END:
            return len(ids), steps, True
        listed = torch.topk(logprobs, top) if top else None
        steps.append(
            {
                "token": TOKENIZER.decode([chosen]),
                "logprob": float(logprobs[chosen]),
                "top": []
                if listed is None
                else [
                    {"token": TOKENIZER.decode([int(i)]), "logprob": float(p)}
                    for p, i in zip(listed.values, listed.indices)
                ],
            }
        )
        pending = [chosen]
    return len(ids), steps, False


def openai(body):
    top = body.get("top_logprobs", 0) if body.get("logprobs") else 0
    inputs, steps, ended = generate(
        body["model"], body["messages"], body["max_tokens"], body.get("temperature", 1), body.get("seed"), top
    )
    content = [{"token": s["token"], "logprob": s["logprob"], "bytes": None, "top_logprobs": s["top"]} for s in steps]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "".join(s["token"] for s in steps), "refusal": None},
                "finish_reason": "stop" if ended else "length",
                "logprobs": {"content": content} if body.get("logprobs") else None,
            }
        ],
        "usage": {
            "prompt_tokens": inputs,
            "completion_tokens": len(steps),
            "total_tokens": inputs + len(steps),
        },
    }


def anthropic(body):
    messages = [{"role": "system", "content": body["system"]}, *body["messages"]]
    inputs, steps, ended = generate(body["model"], messages, body["max_tokens"], body.get("temperature", 1))
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": "".join(s["token"] for s in steps)}],
        "model": body["model"],
        "stop_reason": "end_turn" if ended else "max_tokens",
        "usage": {"input_tokens": inputs, "output_tokens": len(steps)},
    }


def gemini(model, body):
    settings = body["generationConfig"]
    roles = {"user": "user", "model": "assistant"}
    messages = [{"role": "system", "content": body["systemInstruction"]["parts"][0]["text"]}]
    messages += [{"role": roles[c["role"]], "content": c["parts"][0]["text"]} for c in body["contents"]]
    top = settings.get("logprobs", 0) if settings.get("responseLogprobs") else 0
    inputs, steps, ended = generate(
        model, messages, settings["maxOutputTokens"], settings.get("temperature", 1), settings.get("seed"), top
    )
    named = lambda choice: {"token": choice["token"], "logProbability": choice["logprob"]}
    candidate = {
        "content": {"role": "model", "parts": [{"text": "".join(s["token"] for s in steps)}]},
        "finishReason": "STOP" if ended else "MAX_TOKENS",
    }
    if top:
        candidate["logprobsResult"] = {
            "chosenCandidates": [named(s) for s in steps],
            "topCandidates": [{"candidates": [named(c) for c in s["top"]]} for s in steps],
        }
    return {
        "candidates": [candidate],
        "usageMetadata": {"promptTokenCount": inputs, "candidatesTokenCount": len(steps)},
        "modelVersion": model,
    }


def direct(body):
    """Raw logits of the answers: no softmax, no list of the most likely, no generation."""
    with torch.no_grad():
        hidden = BODY(input_ids=torch.tensor([encode(body["messages"])]), use_cache=False).last_hidden_state
        logits = HEADS[body["model"]](hidden)[0, -1].double()
    return {
        "logits": [float(logits[TOKENIZER.token_to_id(answer)]) for answer in ANSWERS[body["model"]]],
        "most": float(logits.max()),
    }


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.reply(200, LOG)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with LOCK:
            if self.path == "/direct":
                return self.reply(200, direct(body))
            LOG.append({"path": self.path, "headers": dict(self.headers), "body": body})
            if self.path == "/v1/chat/completions":
                return self.reply(200, openai(body))
            if self.path == "/v1/messages":
                return self.reply(200, anthropic(body))
            if self.path.startswith("/v1beta/models/") and self.path.endswith(":generateContent"):
                return self.reply(200, gemini(self.path.split("/")[3].split(":")[0], body))
        self.reply(404, {"error": {"message": f"no {self.path}", "type": "NotFoundError", "code": 404}})

    def reply(self, status, value):
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
# The parent's end of the pipe closes with it, however it ends.
threading.Thread(target=lambda: (sys.stdin.read(), server.shutdown()), daemon=True).start()
server.serve_forever()
