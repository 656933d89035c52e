"""What training makes small: InfoNCE among pairs, and inside whole documents."""

from __future__ import annotations

import torch
from torch.nn import functional

MASKED = -1e4


def contrast_pairs(
    left: torch.Tensor, right: torch.Tensor, same: torch.Tensor, temperature: float
) -> torch.Tensor:
    """Pull row i of `left` to row i of `right`, push it from the others, both ways (InfoNCE).

    `same` is a boolean (n, n) array: pairs off the diagonal that are true as well, not to be pushed apart.
    """
    logits = (left @ right.T / temperature).masked_fill(same, MASKED)
    target = torch.arange(len(left))
    return (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)) / 2


def contrast_candidates(
    queries: torch.Tensor,
    candidates: torch.Tensor,
    target: torch.Tensor,
    ignored: torch.Tensor,
    temperature: float,
) -> torch.Tensor:
    """Pull each query to its one candidate, push it from the others, except those ignored.

    `ignored` is a boolean (n, candidates) array; the target itself always counts.
    """
    right = functional.one_hot(target, len(candidates)).bool()
    logits = (queries @ candidates.T / temperature).masked_fill(ignored & ~right, MASKED)
    return functional.cross_entropy(logits, target)


@torch.no_grad()
def twins(candidates: torch.Tensor, right: torch.Tensor, cosine: float) -> torch.Tensor:
    """Mark the candidates that say almost the same as each right one: (len(right), candidates) booleans.

    Reports of one year repeat each other, so what stands in another document is not always wrong.
    """
    return candidates[right] @ candidates.T > cosine


def same_off_diagonal(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Mark pairs (i, j), i ≠ j, whose left or right texts are equal: (n, n) booleans."""
    same = (
        (left[:, None] == left[None, :])
        | (right[:, None] == right[None, :])
        | (left[:, None] == right[None, :])
    )
    return same & ~torch.eye(len(left), dtype=torch.bool)
