"""A question against the sentences, clauses and tokens of some passages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Vectors

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matches:
    """What speaks for ``m`` passages, unit by unit and token by token.

    ``units`` ``(u,)`` are rows of ``index.units``, those of passage i from ``firsts[i]`` on, and ``vectors``
    ``(u, dim)`` their vectors; ``cosines`` ``(u,)`` is their nearness to the question, ``soft`` ``(u,)`` the
    share of the question's tokens that they match. ``asked`` ``(t,)`` are the question's tokens, ``shares``
    ``(t,)`` what each counts, by rarity, and ``tokens`` ``(t, m)`` its best cosine with a token of each
    passage.
    """

    units: NDArray[np.int64]
    firsts: NDArray[np.int64]
    vectors: Vectors
    cosines: Floats
    soft: Floats
    asked: NDArray[np.int64]
    shares: Floats
    tokens: Floats

    def of_passage(self, place: int) -> slice:
        """Return where the units of passage ``place`` lie."""
        end = self.firsts[place + 1] if place + 1 < len(self.firsts) else len(self.units)
        return slice(int(self.firsts[place]), int(end))

    def best(self, scores: Floats) -> Floats:
        """Return the best of ``scores`` ``(u,)`` in each passage, ``(m,)``."""
        return np.asarray(np.maximum.reduceat(scores, self.firsts))


def match(index: Index, text: str, vector: Vectors, numbers: NDArray[np.int64]) -> Matches:
    """Match a question, given with its vector ``(dim,)``, with the passages ``numbers``.

    A question's token counts with its best cosine, weighted by its rarity (as in the late interaction of
    ColBERT, Khattab and Zaharia 2020, doi:10.1145/3397271.3401075, without a language model).
    """
    units, firsts = _ranges(index.unit_starts, numbers)
    vectors = index.unit_vectors.vectors(units)
    cosines = vectors @ vector
    asked = np.unique(np.array(index.matcher.tokens([text])[0], dtype=np.int64))
    if not len(asked) or not len(units):
        none = np.zeros(0, np.float32)
        blank = np.zeros(len(units), np.float32)
        return Matches(units, firsts, vectors, cosines, blank, asked[:0], none, none.reshape(0, len(numbers)))
    places, token_firsts = _ranges(index.token_starts, units)
    tokens = index.tokens[places]
    held = np.zeros(len(index.matcher.token_rarity), dtype=np.bool_)
    held[tokens] = True
    there, place_of = np.flatnonzero(held), (np.cumsum(held) - 1)[tokens]
    alike = np.asarray(index.matcher.token_vectors(asked) @ index.matcher.token_vectors(there).T, np.float32)
    best = np.maximum.reduceat(alike[:, place_of], token_firsts, axis=1)
    rarity = index.matcher.token_rarity[asked].astype(np.float32)
    shares = rarity / rarity.sum()
    by_passage = np.maximum.reduceat(best, firsts, axis=1)
    return Matches(units, firsts, vectors, cosines, shares @ best, asked, shares, by_passage)


def _ranges(
    starts: NDArray[np.int64], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return ``starts[c], …, starts[c + 1] - 1`` for each ``c`` of ``chosen``, and where each begins."""
    lengths = starts[chosen + 1] - starts[chosen]
    firsts = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts[chosen] - firsts, lengths), firsts
