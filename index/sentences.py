"""Passages → sentences and clauses."""

from __future__ import annotations

import re

from index.records import Span

_SENTENCE = re.compile(r"[^。！？!?；;…]*(?:[。！？!?；;…]+[”’」』）)》]*|$)")
_CLAUSE = re.compile(r"[^，,。！？!?；;：:…]*(?:[，,。！？!?；;：:…]+[”’」』）)》]*|$)")
_SHORTEST_CLAUSE = 8


def split_sentences(text: str) -> list[Span]:
    """Cut ``text`` at 。！？； into spans that cover it in order, blank ones left out."""
    return _spans(_SENTENCE, text, 0, len(text))


def split_clauses(text: str, sentence: Span) -> list[Span]:
    """Cut a sentence at its commas too; a clause under 8 characters stays with the one before it."""
    clauses: list[Span] = []
    for clause in _spans(_CLAUSE, text, sentence.start, sentence.end):
        if clauses and clause.end - clause.start < _SHORTEST_CLAUSE:
            clauses[-1] = Span(clauses[-1].start, clause.end)
        else:
            clauses.append(clause)
    return clauses


def _spans(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    for match in pattern.finditer(text, start, end):
        found = match[0]
        left = len(found) - len(found.lstrip())
        if found.strip():
            spans.append(Span(match.start() + left, match.end()))
    return spans
