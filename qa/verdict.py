"""How sure it is that the first citation answers the question."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.ranking import weights
from qa.retrieval import Candidates

Verdict = Literal["answered", "related", "none"]

WORDS: dict[Verdict, str] = {
    "answered": "规划中有",
    "related": "规划中没有直接的回答，只找到相关的段落",
    "none": "规划中没有提到",
}
"""The verdict as people read it."""

ANSWERED, RELATED = 0.5, 0.2
"""From which confidence on."""

SIGNALS = ("share", "lead", "verbatim", "clause", "passage", "bm25", "coverage")


def signals(candidates: Candidates, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what speaks for the first candidate, ``(len(SIGNALS),)``.

    ``share`` is its softmax share among the candidates, ``lead`` its score above the second, ``verbatim``
    1 where it holds every term of the question; the others are its features before standardising.
    """
    order = np.argsort(-scores, kind="stable")
    first = order[0]
    share = 1.0 / float(np.exp(scores - scores[first]).sum())
    lead = float(scores[first] - scores[order[1]]) if len(order) > 1 else 0.0
    own = [float(candidates.feature(name)[first]) for name in SIGNALS[3:]]
    return np.array([share, lead, float(candidates.verbatim[first]), *own])


def confidence(candidates: Candidates, scores: NDArray[np.float64]) -> float:
    """Return the probability, 0 to 1, that the best candidate answers the question."""
    if not len(scores):
        return 0.0
    learned = weights()["confidence"]
    total = learned["intercept"] + sum(
        learned[name] * value for name, value in zip(SIGNALS, signals(candidates, scores), strict=True)
    )
    return float(1.0 / (1.0 + np.exp(-total)))


def verdict(probability: float) -> Verdict:
    """Turn a confidence into a verdict."""
    if probability >= ANSWERED:
        return "answered"
    return "related" if probability >= RELATED else "none"
