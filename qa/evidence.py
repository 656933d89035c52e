"""Cited passage → the words of it that answer the question: one or two spans.

The clause that answers best is found first; it brings its sentence with it, or as much of a long one as
leaves the rest of the passage unmarked. A second span follows where another sentence answers almost as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Passage, Span
from qa.asked import asked_kinds, holds
from qa.ranking import weights
from qa.retrieval import Candidates

EVIDENCE_SIGNALS = ("clause", "sentence", "match", "lexical", "kind", "list", "begins", "leads")
"""What speaks for a clause: its cosine and its sentence's; the share of the question's tokens that it
matches, and of its terms that it holds; whether it holds what is asked for (a time, an amount, a place …) or
a list where one is asked for; whether it begins a sentence, and whether that is the passage's first."""

FIRST_SHARE, SECOND_SHARE = 0.4, 0.2
"""Of the passage, what the two spans may cover, a single clause excepted."""

SECOND_BEHIND = 1.0
"""How far the second span's score may lie behind the first's."""


@dataclass(frozen=True, slots=True)
class Clauses:
    """The clauses of a passage in order, each with the number of its sentence; ``signals`` ``(n, …)``."""

    spans: tuple[Span, ...]
    sentences: tuple[int, ...]
    signals: NDArray[np.float64]


def find_evidence(index: Index, candidates: Candidates, place: int, passage: Passage) -> list[Span]:
    """Return the one or two spans of candidate ``place`` that answer best, as offsets into its text."""
    clauses = clauses_of(index, candidates, place, passage)
    if not clauses.spans:
        return []
    learned = weights()["evidence"]
    scores = clauses.signals @ np.array([learned[name] for name in EVIDENCE_SIGNALS])
    return choose_spans(clauses, scores, len(passage.text))


def choose_spans(clauses: Clauses, scores: NDArray[np.float64], length: int) -> list[Span]:
    """Return the best clause with as much of its sentence as may be, and perhaps another; in text order."""
    best = int(np.argmax(scores))
    first = _grow(clauses, scores, best, FIRST_SHARE * length)
    others = [n for n, span in enumerate(clauses.spans) if span.end <= first.start or span.start >= first.end]
    if others:
        second = max(others, key=lambda n: scores[n])
        left = (FIRST_SHARE + SECOND_SHARE) * length - (first.end - first.start)
        fits = clauses.spans[second].end - clauses.spans[second].start <= left
        if fits and scores[second] >= scores[best] - SECOND_BEHIND:
            return _joined(first, _grow(clauses, scores, second, min(SECOND_SHARE * length, left), first))
    return [first]


def _grow(
    clauses: Clauses, scores: NDArray[np.float64], start: int, room: float, taken: Span | None = None
) -> Span:
    """Widen clause ``start`` inside its sentence, to the better neighbour first, within ``room``."""
    low = high = start
    while True:
        options = []
        for n in (low - 1, high + 1):
            if 0 <= n < len(clauses.spans) and clauses.sentences[n] == clauses.sentences[start]:
                span = clauses.spans[n]
                from_, to = min(span.start, clauses.spans[low].start), max(span.end, clauses.spans[high].end)
                free = taken is None or span.end <= taken.start or span.start >= taken.end
                if free and to - from_ <= room:
                    options.append((scores[n], n))
        if not options:
            return Span(clauses.spans[low].start, clauses.spans[high].end)
        chosen = max(options)[1]
        low, high = min(low, chosen), max(high, chosen)


def _joined(first: Span, second: Span) -> list[Span]:
    """Put two spans in order; what touches is one."""
    before, after = sorted((first, second), key=lambda span: span.start)
    return [Span(before.start, after.end)] if before.end == after.start else [before, after]


def clauses_of(index: Index, candidates: Candidates, place: int, passage: Passage) -> Clauses:
    """Return the clauses of candidate ``place`` and what speaks for each.

    A lead-in that only repeats the heading is no evidence while there is another sentence.
    """
    own = candidates.matches.of_passage(place)
    rows = candidates.matches.units[own]
    units, part = index.units[rows, 1:3].tolist(), index.units[rows, 3].tolist()
    cosines, soft = candidates.matches.cosines[own], candidates.matches.soft[own]
    query = candidates.query
    attainable = sum(query.rarity.values()) or 1.0
    kinds = asked_kinds(query.text)
    lead_in = passage.heading_path[-1] + "。" if passage.heading_path else None
    spans: list[Span] = []
    sentences: list[int] = []
    table: list[tuple[float, ...]] = []
    sentence = -1
    for n, (start, end) in enumerate(units):
        if part[n] == 0:
            sentence, whole = sentence + 1, n
            if n + 1 < len(units) and part[n + 1] == 1:
                continue  # its clauses follow
        text = passage.text[start:end]
        if text == lead_in and len(units) > 1:
            continue
        lower = text.lower()
        shared = sum(weight for term, weight in query.rarity.items() if term in lower)
        spans.append(Span(start, end))
        sentences.append(sentence)
        table.append(
            (
                float(cosines[n]),
                float(cosines[whole]),
                float(soft[n]),
                shared / attainable,
                float(any(kind != "list" and holds(text, kind) for kind in kinds)),
                float("list" in kinds and holds(text, "list")),
                float(n == whole or n == whole + 1),
                float(sentence == 0),
            )
        )
    return Clauses(
        tuple(spans), tuple(sentences), np.array(table, np.float64).reshape(-1, len(EVIDENCE_SIGNALS))
    )
