"""Export a Hugging Face sequence classifier (BERT-like or causal) to the folder that `rmbench run --model onnx:<dir>` reads.

    python recipes/export-onnx.py <checkpoint> <out-dir> [--fp16] [--int8] [--max-length 2048]

Writes model.onnx (and model.onnx_data beyond 2 GB), config.json and the tokenizer's files, then compares the exported
graph with PyTorch on two texts, padded to one batch, and fails where a score differs by more than 1e-4 (fp32).
Needs torch, transformers, onnx and onnxruntime.
"""

import argparse
import pathlib
import tempfile

import onnx
import onnxruntime
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

TEXTS = ["The capital of France is Paris.", "I cannot tell from the documents that I was given, sorry."]


class Logits(torch.nn.Module):
    """The graph's only output: raw logits [batch, labels]."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, *inputs):
        return self.model(**dict(zip(self.names, inputs)), return_dict=True).logits


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("checkpoint")
    arguments.add_argument("out", type=pathlib.Path)
    arguments.add_argument("--fp16", action="store_true", help="also write model_fp16.onnx (--dtype fp16)")
    arguments.add_argument("--int8", action="store_true", help="also write model_quantized.onnx (--dtype q8)")
    arguments.add_argument("--max-length", type=int, help="written to tokenizer_config.json as model_max_length")
    args = arguments.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(args.checkpoint)
    model = AutoModelForSequenceClassification.from_pretrained(args.checkpoint, dtype=torch.float32)
    model.config.use_cache = False
    # The graph reads a causal model's score at the last token that is not padding, so the padding id is part of it.
    if model.config.pad_token_id is None:
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        model.config.pad_token_id = tokenizer.pad_token_id
    elif tokenizer.pad_token_id != model.config.pad_token_id:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(model.config.pad_token_id)
    tokenizer.padding_side = "right"
    if args.max_length:
        tokenizer.model_max_length = args.max_length
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(args.out)
    model.config.save_pretrained(args.out)

    batch = tokenizer(TEXTS, padding=True, return_tensors="pt")
    if "token_type_ids" not in batch and getattr(model.config, "type_vocab_size", 0) > 1:
        batch["token_type_ids"] = torch.zeros_like(batch["input_ids"])
    wrapped = Logits(model)
    wrapped.names = list(batch)
    wrapped.eval()
    path = args.out / "model.onnx"
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        raw = pathlib.Path(folder) / "model.onnx"
        torch.onnx.export(
            wrapped,
            tuple(batch.values()),
            str(raw),
            input_names=wrapped.names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "sequence"} for name in wrapped.names} | {"logits": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )
        graph = onnx.load(str(raw))
    large = sum(parameter.numel() for parameter in model.parameters()) * 4 > 2**31 - 2**24
    external = dict(save_as_external_data=True, all_tensors_to_one_file=True, location="model.onnx_data") if large else {}
    onnx.save(graph, str(path), **external)

    # Export puts dropout back into training mode, hence eval() again.
    with torch.no_grad():
        expected = wrapped.eval()(*batch.values())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    actual = torch.tensor(session.run(None, {name: tensor.numpy() for name, tensor in batch.items()})[0])
    worst = (actual - expected).abs().max().item()
    print(f"{path}: inputs {', '.join(wrapped.names)}; logits {list(actual.shape)}; differs from PyTorch by {worst:.1e}")
    if not worst < 1e-4:
        raise SystemExit("the exported graph does not compute what PyTorch computes")

    if args.fp16:
        from onnxruntime.transformers.float16 import convert_float_to_float16

        onnx.save(convert_float_to_float16(graph, keep_io_types=False), str(args.out / "model_fp16.onnx"))
    if args.int8:
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(str(path), str(args.out / "model_quantized.onnx"), weight_type=QuantType.QInt8)


if __name__ == "__main__":
    main()
