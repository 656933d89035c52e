"""Question → candidate passages with their features."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Vectors
from qa.lexicon import Expansion, Lexicon, bundled_lexicon
from qa.matching import Matches, match

CANDIDATES = 50
"""Passages that each part of the search puts forward."""

HEADINGS = 0.5
"""What a word in the headings counts beside one in the body."""

FEATURES = (
    "bm25",  # BM25 of body and headings, as a share of what the question's terms could give
    "expanded",  # share of the question's plain words of which an official word stands there
    "coverage",  # share of the question's words, by IDF, that stand in body or headings
    "passage",  # cosine of question and passage
    "sentence",  # cosine of question and nearest sentence
    "clause",  # cosine of question and nearest clause or sentence
    "match",  # share of the question's tokens, by rarity, that the passage matches softly
    "clause_match",  # the same of its best clause or sentence
    "length",  # logarithm of the passage's length in characters
)

Among = NDArray[np.bool_] | None
"""``(passages,)``: which passages may be found; None for all."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question as an index sees it: its text, its terms with their IDF, and its vector ``(dim,)``."""

    text: str
    terms: tuple[str, ...]
    rarity: dict[str, float]
    vector: Vectors
    expansions: tuple[Expansion, ...]

    @classmethod
    def of(cls, index: Index, text: str, lexicon: Lexicon) -> Query:
        """Analyse ``text`` for ``index``."""
        terms = tuple(index.terms.terms(text))
        rarity = {term: index.body.inverse_frequency(term) for term in terms}
        return cls(text, terms, rarity, index.encoder.encode_queries([text])[0], lexicon.expand(text))


@dataclass(frozen=True, slots=True)
class Candidates:
    """Passage numbers ``(m,)`` ascending, their features ``(m, len(FEATURES))``, and what these come from.

    ``verbatim`` ``(m,)`` is true where every term of the question stands in body or headings.
    """

    query: Query
    numbers: NDArray[np.int64]
    features: NDArray[np.float64]
    verbatim: NDArray[np.bool_]
    matches: Matches

    def feature(self, name: str) -> NDArray[np.float64]:
        """Return one column by name."""
        return self.features[:, FEATURES.index(name)]


def find_candidates(
    index: Index, text: str, among: Among = None, lexicon: Lexicon | None = None
) -> Candidates:
    """Put forward the passages nearest to ``text`` by words and by vectors, and measure each.

    ``lexicon`` is by default the one that comes with the project.
    """
    query = Query.of(index, text, bundled_lexicon() if lexicon is None else lexicon)
    lexical = index.body.score(query.terms) + HEADINGS * index.headings.score(query.terms)
    numbers = _pool(index, lexical, query.vector, among)
    attainable = sum(query.rarity[term] for term in query.terms) or 1.0
    matches = match(index, text, query.vector, numbers)
    whole = np.where(index.units[matches.units, 3] == 0, matches.cosines, np.float32(-1))
    columns = [
        lexical[numbers] / attainable,
        _expanded(index, query, numbers),
        _coverage(index, query, numbers),
        index.passage_vectors.vectors(numbers) @ query.vector,
        matches.best(whole),
        matches.best(matches.cosines),
        matches.shares @ matches.tokens,
        matches.best(matches.soft),
        np.log1p(index.lengths[numbers]),
    ]
    features = np.stack(columns, axis=1).astype(np.float64)
    verbatim = _holding_each(index, query.rarity)[numbers] & bool(query.terms)
    return Candidates(query, numbers, features, verbatim, matches)


def _pool(index: Index, lexical: NDArray[np.float32], vector: Vectors, among: Among) -> NDArray[np.int64]:
    if among is not None:
        lexical = np.where(among, lexical, 0)
    best = np.argsort(-lexical, kind="stable")[:CANDIDATES]
    by_words = best[lexical[best] > 0]
    by_passage, _ = index.passage_vectors.search(vector, CANDIDATES, among)
    unit_among = None if among is None else among[index.units[:, 0]]
    units, _ = index.unit_vectors.search(vector, 4 * CANDIDATES, unit_among)
    by_unit = index.units[:, 0][units].astype(np.int64)
    return np.unique(np.concatenate((by_words, by_passage, by_unit))).astype(np.int64)


def _holding(index: Index, term: str) -> NDArray[np.int32]:
    return np.union1d(index.body.containing(term), index.headings.containing(term))


def _expanded(index: Index, query: Query, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    found = np.zeros(len(index))
    for expansion in query.expansions:
        said = np.zeros(len(index), dtype=np.bool_)
        for word in expansion.official:
            said |= _holding_each(index, {word[i : i + 2] for i in range(len(word) - 1)})
        found += said
    return np.asarray(found[numbers] / max(len(query.expansions), 1))


def _coverage(index: Index, query: Query, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    words = {word for word in index.terms.words(query.text) if len(word) > 1 or word.isascii()}
    covered = np.zeros(len(index))
    for word in words:
        covered[_holding(index, word)] += query.rarity[word]
    return np.asarray(covered[numbers] / (sum(query.rarity[word] for word in words) or 1.0))


def _holding_each(index: Index, terms: Iterable[str]) -> NDArray[np.bool_]:
    """Return ``(passages,)``: whether body or headings hold every one of ``terms``."""
    held = np.ones(len(index), dtype=np.bool_)
    for term in terms:
        has = np.zeros(len(index), dtype=np.bool_)
        has[_holding(index, term)] = True
        held &= has
        if not held.any():
            break
    return held


Retriever = Callable[[Index, str, Among], tuple[NDArray[np.int64], NDArray[np.float64]]]
"""Question text → passage numbers, best first, and their scores (higher is better)."""


def bm25(index: Index, text: str, among: Among = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rank by BM25 of the body alone."""
    scores = index.body.score(index.terms.terms(text)).astype(np.float64)
    found = np.flatnonzero(scores > 0 if among is None else (scores > 0) & among)
    order = found[np.argsort(-scores[found], kind="stable")]
    return order, scores[order]


def dense(index: Index, text: str, among: Among = None) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Rank by the cosine of question and passage alone."""
    query = index.encoder.encode_queries([text])[0]
    numbers, cosines = index.passage_vectors.search(query, len(index), among)
    return numbers, cosines.astype(np.float64)
