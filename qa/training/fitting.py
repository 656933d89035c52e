"""Linear choices and probabilities, fitted by maximum likelihood, judged by unseen documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Matrix = NDArray[np.float64]
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Example:
    """Alternatives ``(m, features)`` of which number ``right`` is the right one."""

    group: str
    features: Matrix
    right: int


def fold(group: str) -> int:
    """Return the part of the cross-validation that a document belongs to."""
    return crc32(group.encode()) % FOLDS


def fit_choice(examples: Sequence[Example], decay: float = 1e-3) -> Matrix:
    """Fit a linear score by listwise softmax: maximise the mean log share of the right alternative."""

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = 0.0, np.zeros_like(weights)
        for example in examples:
            found = example.features @ weights
            share = np.exp(found - found.max())
            share /= share.sum()
            total -= np.log(share[example.right])
            slope += share @ example.features - example.features[example.right]
        count = len(examples)
        return total / count + decay * float(weights @ weights), slope / count + 2 * decay * weights

    start = np.zeros(examples[0].features.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def fit_probability(inputs: Matrix, right: Matrix, counts: Matrix, decay: float = 3e-4) -> Matrix:
    """Fit a logistic regression to ``right`` ``(n,)``, 0 to 1; the last weight is the intercept.

    Case i counts ``counts[i]`` times. The inputs are brought to deviation 1 for the fit, so that the decay
    weighs on all alike.
    """
    spread = inputs.std(axis=0)
    spread[spread < 1e-9] = 1.0
    table = np.column_stack((inputs / spread, np.ones(len(inputs))))
    shares = counts / counts.sum()

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margin = table @ weights
        penalty = np.append(weights[:-1], 0.0)
        surprise = np.logaddexp(0, margin) - right * margin  # minus the log likelihood
        slope = table.T @ (shares * (1 / (1 + np.exp(-margin)) - right)) + 2 * decay * penalty
        return float((shares * surprise).sum() + decay * penalty @ penalty), slope

    found = np.asarray(minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x)
    found[:-1] /= spread
    return found


def ranks(judged: Sequence[Example], examples: Sequence[Example]) -> NDArray[np.int64]:
    """Return the rank, from 1, of each right alternative of ``judged``, in no certain order.

    The weights are fitted to those of ``examples`` that are of other documents.
    """
    placed: list[int] = []
    for part in range(FOLDS):
        weights = fit_choice([e for e in examples if fold(e.group) != part])
        for example in (e for e in judged if fold(e.group) == part):
            found = example.features @ weights
            placed.append(1 + int((found > found[example.right]).sum()))
    return np.array(placed)
