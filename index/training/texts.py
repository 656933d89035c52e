"""Texts cut into token ids once, kept as one flat array."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

LONGEST_TEXT = 256
TEXTS_TOGETHER = 10_000

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class TokenIds:
    """Token ids of many texts: text i has `flat[offsets[i]:offsets[i + 1]]`."""

    flat: Indices
    offsets: Indices

    @classmethod
    def of(cls, texts: Iterable[str], tokenizer: Tokenizer) -> TokenIds:
        """Cut every text to at most 256 tokens; a text without any token keeps the unknown one."""
        rows: list[NDArray[np.int64]] = []
        remaining = iter(texts)
        while some := list(islice(remaining, TEXTS_TOGETHER)):
            encodings = tokenizer.encode_batch_fast(some, add_special_tokens=False)
            rows += [np.array(encoding.ids[:LONGEST_TEXT] or [0], np.int64) for encoding in encodings]
        return cls(np.concatenate(rows), np.cumsum([0, *map(len, rows)], dtype=np.int64))

    def take(self, chosen: Indices) -> tuple[torch.Tensor, torch.Tensor]:
        """Collect the chosen texts as (flat ids, start of each), the form EmbeddingBag reads."""
        lengths = self.offsets[chosen + 1] - self.offsets[chosen]
        starts = np.cumsum(lengths) - lengths
        places = np.arange(lengths.sum()) - np.repeat(starts - self.offsets[chosen], lengths)
        return torch.from_numpy(self.flat[places]), torch.from_numpy(starts)


class TextPool:
    """Gives every different text one number, so that equal texts are seen to be equal."""

    def __init__(self) -> None:
        """Start empty."""
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        """Return the number of a text, a new one if it has not been seen."""
        return self._numbers.setdefault(text, len(self._numbers))

    def token_ids(self, tokenizer: Tokenizer) -> TokenIds:
        """Cut all texts of the pool, in the order of their numbers."""
        return TokenIds.of(self._numbers, tokenizer)
