"""Hidden states of a causal transformer at chosen positions, with or without shared prefixes."""

import inspect

import torch

from prefixes import Group, group, worth_sharing


class CausalBody:
    """
    `hidden(rows, reads)` gives, per row of token ids, the last layer's states at `reads` of that row, [reads, hidden].
    Rows are padded on the right, where a causal model's earlier states cannot see it; positions are counted from the
    rows' own lengths, never from a padding id, which may well occur in a text.
    """

    def __init__(self, model, share_prefixes=True):
        self.model = model
        self.device = next(model.parameters()).device
        config = model.config.get_text_config()
        self.window = _window(config)
        # Tokens of all forward passes, padding included: what sharing is measured by.
        self.computed = 0
        self.probe = self._probe_ids(config.vocab_size)
        self.causal = self._is_causal()
        self.shares = share_prefixes and self.causal and self._can_share()

    def hidden(self, rows, reads):
        if self.shares and len(rows) > 1:
            groups = group(rows)
            shared = [each for each in groups if len(each.rows) > 1]
            if shared and worth_sharing(rows, shared):
                return self._mixed(rows, reads, groups, shared)
        return self.whole(rows, reads)

    def whole(self, rows, reads):
        """Every text from its first token on, in one padded batch."""
        ids, mask = self._padded(rows)
        # A causal model needs no mask for padding on the right, and is faster without one.
        states = self.model(input_ids=ids, attention_mask=None if self.causal else mask, use_cache=False)[0]
        self.computed += ids.numel()
        return [states[at, torch.tensor(read, device=self.device)] for at, read in enumerate(reads)]

    def shared(self, rows, reads, groups):
        """Every group's prefix once; its rows go on from the prefix's keys and values."""
        total = max(each.length for each in groups) + max(
            len(rows[at]) - each.length for each in groups for at in each.rows
        )
        if len(groups) > 1 and self.window is not None and total > self.window:
            # A sliding window counts cache slots, so the gap behind a shorter prefix would move it.
            parts = [self.shared(rows, reads, [each]) for each in groups]
            merged = [None] * len(rows)
            for part in parts:
                for at, states in enumerate(part):
                    merged[at] = states if states is not None else merged[at]
            return merged
        prefix_ids, prefix_mask = self._padded([rows[each.rows[0]][: each.length] for each in groups])
        first = self.model(input_ids=prefix_ids, use_cache=True)
        prefix_states, cache = first[0], first.past_key_values
        self.computed += prefix_ids.numel()
        places = [(number, at) for number, each in enumerate(groups) for at in each.rows]
        owners = torch.tensor([number for number, _ in places], device=self.device)
        cache.batch_select_indices(owners)
        rest_ids, rest_mask = self._padded([rows[at][groups[number].length :] for number, at in places])
        starts = torch.tensor([groups[number].length for number, _ in places], device=self.device)
        positions = starts[:, None] + torch.arange(rest_ids.shape[1], device=self.device)[None]
        states = self.model(
            input_ids=rest_ids,
            attention_mask=torch.cat([prefix_mask[owners], rest_mask], dim=1),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        )[0]
        self.computed += rest_ids.numel()
        found = [None] * len(rows)
        for place, (number, at) in enumerate(places):
            start = groups[number].length
            # Ascending, so that the prefix's come first.
            first = torch.tensor([read for read in reads[at] if read < start], dtype=torch.long, device=self.device)
            then = torch.tensor([read - start for read in reads[at] if read >= start], dtype=torch.long, device=self.device)
            found[at] = torch.cat([prefix_states[number, first], states[place, then]])
        return found

    def _mixed(self, rows, reads, groups, shared):
        found = self.shared(rows, reads, shared)
        alone = [each.rows[0] for each in groups if len(each.rows) == 1]
        if alone:
            for at, states in zip(alone, self.whole([rows[at] for at in alone], [reads[at] for at in alone])):
                found[at] = states
        return found

    def _padded(self, rows):
        longest = max(map(len, rows))
        ids = torch.tensor([list(row) + [0] * (longest - len(row)) for row in rows], device=self.device)
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows], device=self.device)
        return ids, mask

    def _probe_ids(self, vocabulary):
        draw = torch.Generator().manual_seed(1)
        return torch.randint(1, max(2, min(vocabulary, 1000)), (14,), generator=draw).tolist()

    def _is_causal(self):
        """Whether later tokens leave earlier states as they are."""
        row = self.probe
        ids = torch.tensor([row], device=self.device)
        part = torch.tensor([row[:7]], device=self.device)
        whole = self.model(input_ids=ids, use_cache=False)[0][:, :7]
        return _close(whole, self.model(input_ids=part, use_cache=False)[0])

    def _can_share(self):
        """Proven on the loaded model: prefixes of two lengths, one behind a gap, give the states of whole texts."""
        if "position_ids" not in inspect.signature(self.model.forward).parameters:
            return False
        row = self.probe
        rows = [row, row[:10], row[3:], row[3:12]]
        reads = [[len(each) - 1] for each in rows]
        try:
            shared = self.shared(rows, reads, [Group([0, 1], 7), Group([2, 3], 4)])
        except Exception as error:  # A cache of another kind (recurrent models, custom code): whole texts then.
            print(f"prefixes are not shared: {type(error).__name__}: {error}")
            return False
        return all(_close(a, b) for a, b in zip(self.whole(rows, reads), shared))


def _window(config):
    """The shortest attention window in tokens, or None where every layer sees everything."""
    types = getattr(config, "layer_types", None)
    if types is not None and not any("full" not in each for each in types):
        return None
    sizes = [getattr(config, name, None) for name in ("sliding_window", "attention_chunk_size")]
    sizes = [size for size in sizes if isinstance(size, int) and size > 0]
    return min(sizes) if sizes else None


def _close(a, b):
    a, b = a.float(), b.float()
    # Half precision moves states by some thousandths; another attention pattern by their whole size.
    return bool((a - b).norm() <= 0.05 * b.norm())
