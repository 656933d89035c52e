"""Static token embeddings whose rows share the vectors of their characters while they are trained."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

RARE = 3e-4


class TrainableEmbedding(nn.Module):
    """Text → unit vector: the sum of its tokens' rows, normalised.

    A row is `weight · (own vector + mean of its characters' vectors)`, so that a rare word begins near the
    words it is written like. The sum is folded into one plain row a token when the model is saved. Weights
    begin at `a / (a + frequency)` (smooth inverse frequency, Arora et al. 2017).
    """

    part_ids: torch.Tensor
    part_starts: torch.Tensor
    part_lengths: torch.Tensor

    def __init__(self, vocabulary: Sequence[str], frequencies: NDArray[np.float64], dimensions: int) -> None:
        """Draw the vectors at random from torch's generator; token 0 is the unknown one."""
        super().__init__()
        parts = [list(word) for word in vocabulary]
        alphabet = {
            part: number for number, part in enumerate(sorted({part for word in parts for part in word}))
        }
        numbers = [alphabet[part] for word in parts for part in word]
        lengths = torch.tensor([len(word) for word in parts])
        self.register_buffer("part_ids", torch.tensor(numbers), persistent=False)
        self.register_buffer("part_starts", torch.cumsum(lengths, 0) - lengths, persistent=False)
        self.register_buffer("part_lengths", lengths, persistent=False)
        self.words = nn.Embedding(len(parts), dimensions, sparse=True)
        self.parts = nn.Embedding(len(alphabet), dimensions)
        nn.init.normal_(self.words.weight, std=0.5 / math.sqrt(dimensions))
        nn.init.normal_(self.parts.weight, std=1.0 / math.sqrt(dimensions))
        self.log_weight = nn.Parameter(torch.from_numpy(np.log(RARE / (RARE + frequencies))).float())

    def rows(self, tokens: torch.Tensor) -> torch.Tensor:
        """Compose the rows of some tokens: (n, dimensions)."""
        lengths = self.part_lengths[tokens]
        starts = torch.cumsum(lengths, 0) - lengths
        places = torch.arange(int(lengths.sum())) - torch.repeat_interleave(
            starts - self.part_starts[tokens], lengths
        )
        shared = functional.embedding_bag(self.part_ids[places], self.parts.weight, starts, mode="mean")
        own: torch.Tensor = self.words(tokens)
        weights = self.log_weight[tokens].exp() * (tokens != 0)
        return (own + shared) * weights.unsqueeze(1)

    def forward(self, flat: torch.Tensor, starts: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """Encode texts given as flat ids and starts, a share of the tokens left out: (n, dimensions)."""
        tokens, places = torch.unique(flat, return_inverse=True)
        kept = (torch.rand(len(flat)) >= dropout).float() if dropout else None
        sums = functional.embedding_bag(
            places, self.rows(tokens), starts, mode="sum", per_sample_weights=kept
        )
        return functional.normalize(sums, dim=1)

    @torch.no_grad()
    def table(self) -> NDArray[np.float32]:
        """Fold words, characters and weights into one table: (tokens, dimensions), of mean norm 1.

        The scale changes no cosine; it keeps the smallest rows clear of float16's subnormal numbers.
        """
        rows = self.rows(torch.arange(self.words.num_embeddings))
        return np.asarray(rows / rows.norm(dim=1).mean(), np.float32)


def vocabulary_of(tokenizer: Tokenizer) -> list[str]:
    """List the tokens in the order of their numbers."""
    numbers = tokenizer.get_vocab()
    return sorted(numbers, key=numbers.__getitem__)
