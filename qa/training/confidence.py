"""Whether the first citation answers: what is asked, what was taken out, and what was never there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qa.training.fitting import FOLDS, Matrix, fit_probability, fold

Model = Literal["on_topic", "answers"]

SHARES = {
    "asked": 0.75,  # plain questions with their answer in the document
    "keyword": 0.05,  # a word of the answer that stands nowhere else
    "taken out": 0.05,  # the same questions and words, their answer taken out of the index
    "off": 0.03,  # everyday questions (LCQMC)
    "off by hand": 0.02,
    "absent": 0.03,
    "aspect": 0.04,
    "place": 0.02,
    "time": 0.01,
}
"""What each kind of case counts: the mixture that confidence is calibrated for. Of five questions people ask
of plans four are taken to be answered. Of the answers taken out some stand in another passage too."""

ALSO = {"asked": 0.23, "taken out": 0.05}
"""Of the first citations that are not the marked answer, the share that answers too: of 120 cases of each
kind, read by hand, 28 and 6."""

TOPIC = {"asked": 0.75, "keyword": 0.05, "taken out": 0.04, "aspect": 0.04}
OFF_TOPIC = {"off": 0.03, "off by hand": 0.06, "absent": 0.03}
"""What the model of the topic learns from: what plans speak of, answered or not, and what they do not."""

ANSWERS = {"asked": 0.8, "keyword": 0.04, "taken out": 0.05, "aspect": 0.06, "place": 0.03, "time": 0.02}
"""What the model of the answer learns from: cases on the topic."""


@dataclass(frozen=True, slots=True)
class Cases:
    """Signals ``(n, signals)``, whether the first citation was right, and each case's document and kind."""

    inputs: Matrix
    right: NDArray[np.bool_]
    groups: tuple[str, ...]
    kinds: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[tuple[Matrix, bool, str, str]]) -> Cases:
        """Put single cases together."""
        inputs, right, groups, kinds = zip(*rows, strict=True)
        return cls(np.stack(inputs), np.array(right), groups, kinds)

    def counts(self, shares: Mapping[str, float]) -> Matrix:
        """Return what each case counts, so that the kinds have their ``shares``; others count nothing."""
        number = Counter(self.kinds)
        return np.array([shares.get(kind, 0.0) / number[kind] for kind in self.kinds])

    def right_shares(self) -> Matrix:
        """Return how likely the first citation of each case answers: 1, or what ``ALSO`` says."""
        also = np.array([ALSO.get(kind, 0.0) for kind in self.kinds])
        return np.where(self.right, 1.0, also)

    def target(self, model: Model) -> Matrix:
        """Return what ``model`` is to tell of each case, 0 to 1."""
        if model == "answers":
            return self.right_shares()
        return np.isin(self.kinds, list(TOPIC)).astype(np.float64)


def fit(model: Model, cases: Cases, among: NDArray[np.bool_] | None = None) -> Matrix:
    """Fit one of the two probabilities, to the cases ``among``; the last weight is the intercept."""
    counts = cases.counts(ANSWERS if model == "answers" else TOPIC | OFF_TOPIC)
    chosen = counts > 0 if among is None else (counts > 0) & among
    return fit_probability(cases.inputs[chosen], cases.target(model)[chosen], counts[chosen])


def cross_validate(model: Model, cases: Cases) -> Matrix:
    """Return the probability of each case by weights that did not see its document, ``(n,)``."""
    parts = np.array([fold(group) for group in cases.groups])
    probability = np.zeros(len(parts))
    for part in range(FOLDS):
        own = parts == part
        weights = fit(model, cases, ~own)
        probability[own] = 1 / (1 + np.exp(-(cases.inputs[own] @ weights[:-1] + weights[-1])))
    return probability


def reliability(cases: Cases, probability: Matrix, bins: int = 10) -> list[tuple[float, float, float]]:
    """Return (mean probability, share right, share of all cases) of each tenth that is not empty."""
    counts = cases.counts(SHARES)
    counts /= counts.sum()  # a kind may lack
    right = cases.right_shares()
    places = np.minimum((probability * bins).astype(int), bins - 1)
    table = []
    for place in range(bins):
        own = places == place
        weight = float(counts[own].sum())
        if weight:
            mean = float((counts * probability)[own].sum() / weight)
            table.append((mean, float((counts * right)[own].sum() / weight), weight))
    return table


def calibration_error(table: list[tuple[float, float, float]]) -> float:
    """Return the expected calibration error (Guo et al. 2017, arXiv:1706.04599) of a reliability table."""
    return sum(weight * abs(mean - right) for mean, right, weight in table)


def auroc(positive: Matrix, negative: Matrix) -> float:
    """Return the probability that a positive case has the higher value, ties counting half."""
    less = np.searchsorted(np.sort(negative), positive, side="left")
    no_more = np.searchsorted(np.sort(negative), positive, side="right")
    return float((less + no_more).mean() / 2 / len(negative))


def by_kind(cases: Cases, which: NDArray[np.bool_]) -> dict[str, float]:
    """Return of each kind the share of cases that are marked in ``which`` ``(n,)``."""
    kinds = np.array(cases.kinds)
    return {kind: round(float(which[kinds == kind].mean()), 3) for kind in SHARES if kind in cases.kinds}
