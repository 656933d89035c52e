"""Cited passage → the sentence that answers the question."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Passage, Span
from qa.ranking import weights
from qa.retrieval import Query, unit_cosines

_ASKS_WHEN = re.compile(r"哪一?年|几几年|何时|什么时候|啥时候|多久|几月|什么时间|期限")
_SAYS_WHEN = re.compile(r"\d{4}\s*年|[“\"]十[一二三四五]五[”\"]|近期|年底")
_ASKS_AMOUNT = re.compile(r"多少|几[个条座所家项次成元倍公里]|多大|多长|多高")
_SAYS_AMOUNT = re.compile(r"\d|[一二三四五六七八九十百千万亿]+[个条座所家项次成元倍]")


EVIDENCE_SIGNALS = ("cosine", "lexical", "kind")


def find_evidence(index: Index, number: int, passage: Passage, query: Query) -> list[Span]:
    """Return the sentence of passage ``number`` that answers ``query`` best, as offsets into its text."""
    spans, signals = evidence_signals(index, number, passage, query)
    if not spans:
        return []
    learned = weights()["evidence"]
    nearness = signals @ np.array([learned[name] for name in EVIDENCE_SIGNALS])
    return [spans[int(np.argmax(nearness))]]


def evidence_signals(
    index: Index, number: int, passage: Passage, query: Query
) -> tuple[list[Span], NDArray[np.float64]]:
    """Return the sentences of a passage and what speaks for each, ``(n, len(EVIDENCE_SIGNALS))``.

    ``cosine`` is nearness of meaning, ``lexical`` the share of the question's terms by IDF, ``kind`` 1
    where the sentence holds what is asked for (a time, an amount). A lead-in that only repeats the
    heading is no evidence while there is another sentence.
    """
    rows, cosines = unit_cosines(index, query.vector, number)
    whole = index.units[rows, 3] == 0
    lead_in = passage.heading_path[-1] + "。" if passage.heading_path else None
    found = [
        (index.unit_span(int(row)), float(cosine))
        for row, cosine in zip(rows[whole], cosines[whole], strict=True)
    ]
    telling = [(span, cosine) for span, cosine in found if passage.text[span.start : span.end] != lead_in]
    found = telling or found
    attainable = sum(query.rarity.values()) or 1.0
    table = []
    for span, cosine in found:
        sentence = passage.text[span.start : span.end]
        lower = sentence.lower()
        shared = sum(weight for term, weight in query.rarity.items() if term in lower)
        kind = (_ASKS_WHEN.search(query.text) and _SAYS_WHEN.search(sentence)) or (
            _ASKS_AMOUNT.search(query.text) and _SAYS_AMOUNT.search(sentence)
        )
        table.append((cosine, shared / attainable, float(bool(kind))))
    return [span for span, _ in found], np.array(table).reshape(-1, len(EVIDENCE_SIGNALS))
