"""Exports a trained model to ONNX, checks it against PyTorch, measures it on the bundled suites, writes its card.

    python recipes/embedded-model/export.py --trained build/tiny --suites build/suites \
        --out fixtures/models/tiny --golden fixtures/golden/tiny-scores.json

Fails when the ONNX file and PyTorch differ by more than 1e-5, or a score moves by more than that with its batch or
its padding.
"""

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path

import numpy
import onnxruntime
import torch

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "suites")]

from card import card
from golden import CONVERSATIONS
from measure import measure
from model import RewardModel
from render import MAX_LENGTH, TEMPLATE, conversations, encode, read_rows, render
from structure import PAD
from tokenizers import Tokenizer

TOLERANCE = 1e-5
NOTICE = (
    "Embedded demonstration model: for trying the harness; trained on the same kind of generator as the bundled suites."
)


def padded(rows, extra=0):
    length = max(map(len, rows)) + extra
    ids = numpy.array([r + [PAD] * (length - len(r)) for r in rows], dtype=numpy.int64)
    mask = numpy.array([[1] * len(r) + [0] * (length - len(r)) for r in rows], dtype=numpy.int64)
    return ids, mask


def export(model, path):
    rows = [list(range(2, 40)) + [3, 50, 60, 3], [2, 4, 10, 50, 60, 7, 11, 70, 8, 50, 3, 60, 3]]
    ids, mask = (torch.from_numpy(x) for x in padded(rows))
    axes = {0: "batch", 1: "length"}
    torch.onnx.export(
        model,
        (ids, mask),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["logits"],
        dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
        opset_version=18,
        dynamo=False,
    )


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def run(onnx, rows, extra=0):
    ids, mask = padded(rows, extra)
    return onnx.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0][:, 0]


def parity(model, onnx, rows):
    """Largest differences: against PyTorch, in batches of 16, with 50 pads."""
    alone = numpy.array([run(onnx, [r])[0] for r in rows])
    with torch.no_grad():
        torch_alone = numpy.array([model(*(torch.from_numpy(x) for x in padded([r]))).item() for r in rows])
    batched = numpy.concatenate([run(onnx, rows[i : i + 16]) for i in range(0, len(rows), 16)])
    pads = numpy.array([run(onnx, [r], 50)[0] for r in rows])
    return {
        "torch": float(abs(alone - torch_alone).max()),
        "batch": float(abs(alone - batched).max()),
        "padding": float(abs(alone - pads).max()),
        "spread": float(alone.std()),
    }


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trained", type=Path, required=True, help="folder that train.py wrote")
    parser.add_argument("--suites", type=Path, required=True, help="folder of the bundled suites as JSONL")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--golden", type=Path, required=True)
    args = parser.parse_args()
    torch.set_num_threads(1)

    saved = torch.load(args.trained / "checkpoint.pt", weights_only=True)
    model = RewardModel(saved["vocabulary"], saved["config"], width=saved["width"])
    model.load_state_dict(saved["state"])
    model.eval()
    args.out.mkdir(parents=True, exist_ok=True)
    export(model, args.out / "model.onnx")
    model.eval()
    shutil.copyfile(args.trained / "tokenizer.json", args.out / "tokenizer.json")
    special = {"cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]"}
    write_json(
        args.out / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": MAX_LENGTH, "do_lower_case": True, **special},
    )
    write_json(
        args.out / "rmbench.json",
        {
            "template": TEMPLATE,
            "maxLength": MAX_LENGTH,
            "documents": "numbered",
            "output": "bradley-terry",
            "scoreIndex": 0,
            "notice": NOTICE,
        },
    )
    tokenizer = Tokenizer.from_file(str(args.out / "tokenizer.json"))
    onnx = session(args.out / "model.onnx")
    suites = {p.stem: read_rows(p) for p in sorted(args.suites.glob("*.jsonl"))}
    texts = list(dict.fromkeys(t for rows in suites.values() for row in rows[::3] for t in conversations(row)))
    difference = parity(model, onnx, encode(tokenizer, texts))
    print(f"{len(texts)} texts: {difference}")
    for what in ("torch", "batch", "padding"):
        if not difference[what] <= TOLERANCE:
            raise SystemExit(f"{what}: scores differ by {difference[what]:.2e}, more than {TOLERANCE:.0e}")

    golden = []
    for prompt, documents, response in CONVERSATIONS:
        text = render(prompt, documents, response)
        ids = encode(tokenizer, [text])[0]
        with torch.no_grad():
            score = model(*(torch.from_numpy(x) for x in padded([ids]))).item()
        golden.append({"prompt": prompt, "documents": documents, "response": response, "text": text, "ids": ids, "score": score})
    digest = hashlib.sha256((args.out / "model.onnx").read_bytes()).hexdigest()
    write_json(
        args.golden,
        {"source": "PyTorch, float32, one text at a time (recipes/embedded-model/export.py)", "model": digest, "tolerance": TOLERANCE, "conversations": golden},
    )
    results = {}
    for name, rows in suites.items():
        pairs = [conversations(row) for row in rows]
        scored = {}
        for text in dict.fromkeys(t for pair in pairs for t in pair):
            scored[text] = float(run(onnx, encode(tokenizer, [text]))[0])
        results[name] = measure(rows, [scored[c] - scored[r] for c, r in pairs])
    size = (args.out / "model.onnx").stat().st_size
    (args.out / "README.md").write_text(card(saved, results, difference, digest, size), encoding="utf-8")
    for name, groups in results.items():
        print(name, {k: f"{g['accuracy']:.3f} [{g['low']:.3f}, {g['high']:.3f}] n={g['n']}" for k, g in groups.items()})


if __name__ == "__main__":
    main()
