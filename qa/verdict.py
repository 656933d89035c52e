"""How sure it is that the first citation answers the question, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from qa.asked import FUNCTION_WORDS, KIND_NAMES, Kind, asked_kinds, holds
from qa.names import missing_names
from qa.ranking import weights
from qa.retrieval import Among, Candidates

Verdict = Literal["answered", "related", "none"]

WORDS: dict[Verdict, str] = {
    "answered": "规划中有",
    "related": "规划中没有直接的回答，只找到相关的段落",
    "none": "规划中没有提到",
}
"""The verdict as people read it."""

ANSWERED = 0.6
"""From which confidence on."""

ON_TOPIC = 0.78
"""From which probability on the plans speak of what is asked; below it three in a hundred plain questions
lie that they answer, and nineteen in twenty everyday ones (by cross-validation)."""

LACKING: tuple[Kind, ...] = ("time", "money", "amount", "person")
"""What a passage that answers would give, if it is asked for."""

SIGNALS = (
    "share",  # the first candidate's softmax share among all
    "verbatim",  # 1 where it holds every term of the question
    "coverage",  # share of the question's words that it holds, by IDF
    "clause",  # the best cosine of question and clause, of all candidates
    "passage",  # the same of whole passages
    "sayable",  # share of the question's tokens, by rarity, that some candidate matches softly
    "left",  # share of its tokens, by rarity, that the first candidate does not hold
    "left_count",  # how many these are
    "left_match",  # share of them that the first candidate matches softly
    "left_here",  # best cosine of them together with a clause of the first candidate
    "left_near",  # … of any candidate
    "tokens",  # logarithm of how many tokens the question has
    "length",  # logarithm of the first candidate's length in characters
    "missing",  # 1 where the question names what stands nowhere in the index
    *(f"lacks_{kind}" for kind in LACKING),  # 1 where it asks for that and the evidence does not give it
)
"""What speaks for and against the first candidate; tokens are those of words that mean something."""


@dataclass(frozen=True, slots=True)
class Against:
    """What speaks against an answer: names that no plan mentions, and what is asked for but not given."""

    missing: tuple[str, ...] = ()
    lacks: tuple[Kind, ...] = ()

    @classmethod
    def of(cls, index: Index, question: str, evidence: str, among: Among = None) -> Against:
        """Look for both; ``evidence`` is what the first citation has to say, ``among`` where is searched."""
        lacks = tuple(kind for kind in asked_kinds(question) if kind in LACKING and not holds(evidence, kind))
        return cls(missing_names(question, index, among), lacks)

    def reasons(self) -> tuple[str, ...]:
        """Say it in Chinese, one sentence each."""
        found = [f"规划中没有提到{'、'.join(f'“{name}”' for name in self.missing)}"] if self.missing else []
        found += [f"找到相关段落，但没有给出{KIND_NAMES[kind]}" for kind in self.lacks]
        return tuple(found)


def signals(
    index: Index, candidates: Candidates, scores: NDArray[np.float64], against: Against
) -> NDArray[np.float64]:
    """Return what speaks for and against the best candidate, ``(len(SIGNALS),)``."""
    first = int(np.argmax(scores))
    values: dict[str, float] = {
        "share": 1.0 / float(np.exp(scores - scores[first]).sum()),
        "verbatim": float(candidates.verbatim[first]),
        "coverage": float(candidates.feature("coverage")[first]),
        "clause": float(candidates.feature("clause").max()),
        "passage": float(candidates.feature("passage").max()),
        **_left(index, candidates, first),
        "length": float(candidates.feature("length")[first]),
        "missing": float(bool(against.missing)),
        **{f"lacks_{kind}": float(kind in against.lacks) for kind in LACKING},
    }
    return np.array([values[name] for name in SIGNALS])


def _left(index: Index, candidates: Candidates, first: int) -> dict[str, float]:
    """Match the question's tokens, and apart those of them that the first candidate does not hold.

    A passage about the right thing holds its name; whether it answers is a matter of the other words.
    """
    matches = candidates.matches
    pieces = index.matcher.pieces(candidates.query.text)
    empty = [number for number, piece in pieces if piece in FUNCTION_WORDS]
    telling = ~np.isin(matches.asked, empty)
    shares = matches.shares * telling
    shares = shares / (float(shares.sum()) or 1.0)
    best = matches.tokens[:, first]
    left = telling & (best < _THE_SAME)
    found = {
        "sayable": float(shares @ matches.tokens.max(axis=1, initial=0.0)),
        "tokens": float(np.log1p(telling.sum())),
        "left": float(shares[left].sum()),
        "left_count": float(left.sum()),
        "left_match": 1.0,
        "left_here": 1.0,
        "left_near": 1.0,
    }
    if found["left"]:
        numbers = set(matches.asked[left].tolist())
        text = " ".join(piece for number, piece in pieces if number in numbers)
        cosines = matches.vectors @ index.encoder.encode_queries([text])[0]
        found["left_match"] = float(shares[left] @ best[left]) / found["left"]
        found["left_here"] = float(cosines[matches.of_passage(first)].max())
        found["left_near"] = float(cosines.max())
    return found


_THE_SAME = 0.999  # cosine of a token with itself, but for rounding


def confidence(found: NDArray[np.float64]) -> float:
    """Return the probability, 0 to 1, that the best candidate answers, from its ``signals``.

    It is the probability that the plans speak of what is asked, times that of an answer if they do; 0 where
    no word of the question means anything by itself (了, 有哪些).
    """
    if not found[SIGNALS.index("tokens")]:
        return 0.0
    return _probability("on_topic", found) * _probability("answers", found)


def verdict(found: NDArray[np.float64]) -> Verdict:
    """Turn ``signals`` into a verdict: where nothing answers, passages on the topic are related.

    They are not where the question names what no plan mentions.
    """
    if confidence(found) >= ANSWERED:
        return "answered"
    on_topic = _probability("on_topic", found) >= ON_TOPIC and found[SIGNALS.index("tokens")]
    return "related" if on_topic and not found[SIGNALS.index("missing")] else "none"


def _probability(model: Literal["on_topic", "answers"], found: NDArray[np.float64]) -> float:
    learned = weights()["confidence"][model]
    total = learned["intercept"] + sum(learned[n] * v for n, v in zip(SIGNALS, found, strict=True))
    return float(1.0 / (1.0 + np.exp(-total)))
