"""Candidates → the order shown: one linear layer over features standardised within the question.

Standardising within a question makes the weights independent of an encoder's range of cosines.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from qa.retrieval import FEATURES, Among, Candidates, find_candidates

_WEIGHTS = Path(__file__).parent / "weights.json"


@cache
def weights() -> dict[str, Any]:
    """Read the learned weights (made by ``python -m qa.training``)."""
    table: dict[str, Any] = json.loads(_WEIGHTS.read_text(encoding="utf-8"))
    return table


def standardise(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bring each column to mean 0 and deviation 1 over a question's candidates; a constant one to 0."""
    spread = features.std(axis=0)
    return np.asarray((features - features.mean(axis=0)) / np.where(spread > 1e-9, spread, 1.0))


def scores(candidates: Candidates) -> NDArray[np.float64]:
    """Return the ranking score of each candidate, ``(m,)``; higher is better."""
    learned = weights()["ranking"]
    return combine(candidates, np.array([learned[name] for name in FEATURES]))


def combine(candidates: Candidates, learned: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the scores that weights ``(len(FEATURES),)`` give.

    Whatever an encoder thinks, passages that hold every term of the question come before the others:
    who asks for S317 or 章丘大葱 is shown just that.
    """
    found = standardise(candidates.features) @ learned
    return np.asarray(found + candidates.verbatim * (np.ptp(found) if len(found) else 0.0))


def hybrid(index: Index, text: str, among: Among = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rank by everything: words, headings and vectors, fused by the learned weights."""
    candidates = find_candidates(index, text, among)
    found = scores(candidates)
    order = np.argsort(-found, kind="stable")
    return candidates.numbers[order], found[order]
