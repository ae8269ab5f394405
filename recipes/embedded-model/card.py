"""The model card of the embedded model."""

from train import SHARES


def _percent(g):
    return f"{g['accuracy']:.3f} [{g['low']:.3f}, {g['high']:.3f}]"


def card(saved, results, difference, digest, size):
    lines = []
    for suite, groups in results.items():
        for name, g in sorted(groups.items()):
            label = f"**{suite}**" if name == "all" else f"{suite}, {name}"
            lines.append(f"| {label} | {g['n']} | {g['clusters']} | {_percent(g)} | {'yes' if g['low'] > 0.5 else 'no'} |")
    table = "\n".join(lines)
    train = saved["train"]
    rows = ", ".join(f"{suite} about {round(train['pairs'] * share, -2):,.0f}" for suite, share in SHARES.items())
    return f"""# tiny: the embedded reward model of rmbench

**A demonstration model: for trying the harness.** It was trained on the same kind of generator as the bundled suites,
so what it reaches on them says that the harness works and nothing about preferences in general. Do not train against
it, do not select data with it.

- A transformer of 3 layers, width {saved['width']}, 4 heads, {saved['parameters']:,} parameters; WordPiece, lower-casing,
  {saved['vocabulary']:,} pieces. Relations between tokens (equality, same sentence, same document, coverage of one
  sentence by another) are computed inside the graph from `input_ids`; they are attention biases and features.
- ONNX, float32, {size / 1e6:.2f} MB. Inputs `input_ids`, `attention_mask` [batch, length]; output `logits` [batch, 1].
- sha256 of model.onnx: `{digest}`
- Licence: Apache-2.0, as are the texts that it was trained on.

## Data
The training split of `recipes/suites` alone, seed {train['seed']}; no real conversations. Rows: {rows}.
Entities, attributes, frames and five-word sequences (slots masked) of the training split do not occur in the bundled suites
(`recipes/suites/check.py`). In part of the batches all content words are renamed at random, consistently within a
cluster, so that relations are learnt and not words. The stopping point was chosen on a third split, not on the bundled
suites.

## Training
Bradley–Terry loss, AdamW {train['rate']}, cosine over {train['steps']:,} steps of about {train['tokens']:,} tokens, one thread,
the first {train['head_start']:,} on the kinds that word order decides. Kept: the state after step {saved['steps']:,}
({saved['cpu'] / 60:.0f} CPU minutes), the best on the selection split (macro accuracy {saved['select']:.3f}).

## Bundled suites
Accuracy, ties half; interval: 95 %, cluster-robust (CR1, t). The last column: whether the interval lies above chance (½).

| suite | pairs | clusters | accuracy | above chance |
| --- | --- | --- | --- | --- |
{table}

Scores of the ONNX file against PyTorch differ by at most {difference['torch']:.0e}, in batches of 16 against one at a
time by {difference['batch']:.0e}, with 50 pads by {difference['padding']:.0e}; their standard deviation is {difference['spread']:.1f}.

## Limits
- Support of a claim by the document that it cites is computed by the graph's fixed features; training only learns how to
  weigh it. On `rag-citation` even untrained weights can be far from chance.
- It compares words and knows next to none: paraphrases, synonyms and facts are beyond it. What it does on `rag-citation`
  and `rag-abstain` is to check whether words of question and answer stand in the same sentence or document.
- On real preference data (helpfulness, harmlessness, reasoning) expect chance, or less.
- `safety` rests on a few cue words ("without her knowing", "in a video game"); it is no safety classifier.
- English, texts of up to 512 tokens; longer ones are truncated by the harness, documents first.
- Confidence is calibrated at best on text like its training data.
"""
