"""One question, asked of each plan on its own: what each says, side by side."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.opened import DocumentEntry
from index.records import PlanqaError
from qa.answer import Answer, Citation, describe
from qa.assistant import Assistant
from qa.ranking import scores
from qa.retrieval import dense, find_candidates
from qa.scope import Chip
from qa.understanding import Filters, Step, understand
from qa.verdict import WORDS

COLUMNS = 12
"""Plans in a comparison that names none."""

NOT_MENTIONED = "该规划未提及"


@dataclass(frozen=True, slots=True)
class Column:
    """A plan's own answer, with at most its best citation."""

    document: DocumentEntry
    answer: Answer

    @property
    def said(self) -> str:
        """The verdict as people read it."""
        return NOT_MENTIONED if self.answer.verdict == "none" else WORDS[self.answer.verdict]

    @property
    def citation(self) -> Citation | None:
        """What the plan says; None where it does not mention what is asked."""
        return None if self.answer.verdict == "none" else self.answer.citations[0]

    @property
    def nearest(self) -> Citation | None:
        """The nearest passage of a plan that does not mention what is asked."""
        return self.answer.citations[0] if self.citation is None and self.answer.citations else None

    def to_json(self) -> dict[str, Any]:
        """Return the column as the command line's contract has it."""
        return {
            "document": describe(self.document),
            "verdict": self.answer.verdict,
            "confidence": round(self.answer.confidence, 4),
            "citation": self.citation and self.citation.to_json(),
            "nearest": self.nearest and self.nearest.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The columns of a question, and how many plans more there are than columns.

    ``error`` says in Chinese why there was nothing to search for; None otherwise.
    """

    question: str
    columns: tuple[Column, ...]
    left_out: int = 0
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the comparison as the command line's contract has it."""
        return {
            "question": self.question,
            "columns": [column.to_json() for column in self.columns],
            "left_out": self.left_out,
            "error": self.error,
        }


@dataclass(frozen=True, slots=True)
class _Only(Filters):
    """Leaves the document with one id, although that may be part of another one's title."""

    def keep(self, entry: DocumentEntry) -> bool:
        return entry.id == self.document

    def with_chips(self, chips: Sequence[Chip]) -> Filters:
        return self  # they have chosen the columns


def compare(
    assistant: Assistant,
    question: str,
    documents: Sequence[str] = (),
    filters: Filters | None = None,
    earlier: Sequence[str] = (),
    without: Collection[Step] = (),
) -> Comparison:
    """Ask each of ``documents``, named by id, file or part of the title, in that order.

    Where none is named, all that ``filters`` and those in the question leave are asked, ordered by date
    and title; of more than ``COLUMNS``, those whose best passage is nearest. The question is read as
    ``Assistant.ask`` reads it.

    Raises:
        PlanqaError: there is nothing to search for, or a name or ``filters`` leave no document.
    """
    understood = understand(question, earlier, assistant.index, assistant.lexicon, without)
    wanted = filters or Filters()
    entries = choose(assistant, documents, wanted if documents else wanted.with_chips(understood.chips))
    shown = entries if documents else _nearest(assistant, understood.text, entries)
    columns = (
        Column(entry, assistant.ask(question, 1, _Only(entry.id), earlier, without)) for entry in shown
    )
    return Comparison(question, tuple(columns), len(entries) - len(shown))


def try_compare(
    assistant: Assistant,
    question: str,
    documents: Sequence[str] = (),
    filters: Filters | None = None,
    earlier: Sequence[str] = (),
    without: Collection[Step] = (),
) -> Comparison:
    """Compare; a question that cannot be searched gives a comparison with ``error``."""
    try:
        return compare(assistant, question, documents, filters, earlier, without)
    except PlanqaError as error:
        return Comparison(question, (), error=str(error))


def choose(
    assistant: Assistant, documents: Sequence[str] = (), filters: Filters | None = None
) -> tuple[DocumentEntry, ...]:
    """Return the documents that are meant: those named, in that order, or else all, by date and title.

    A name that is an id or a file means that document; any other all whose titles hold it.

    Raises:
        PlanqaError: a name fits no document, or ``filters`` leave none.
    """
    wanted = filters or Filters()
    assistant.among(wanted)
    kept = sorted((d for d in assistant.index.documents if wanted.keep(d)), key=_by_date)
    if not documents:
        return tuple(kept)
    chosen: dict[str, DocumentEntry] = {}
    for name in documents:
        named = Filters(name, wanted.region, wanted.year)
        assistant.among(named)  # a name that fits nothing is said with what there is
        exact = [entry for entry in kept if name in (entry.id, entry.file)]
        chosen |= {entry.id: entry for entry in exact or filter(named.keep, kept)}
    return tuple(chosen.values())


def _by_date(entry: DocumentEntry) -> tuple[bool, str, str]:
    date = entry.metadata.date
    return date is None, date or "", entry.metadata.title


def _nearest(
    assistant: Assistant, text: str, entries: tuple[DocumentEntry, ...]
) -> tuple[DocumentEntry, ...]:
    """Return at most ``COLUMNS`` of ``entries``, in their order, by the rank of their best passages."""
    if len(entries) <= COLUMNS:
        return entries
    index, ids = assistant.index, {entry.id for entry in entries}
    among = index.among(lambda entry: entry.id in ids)
    candidates = find_candidates(index, text, among, assistant.lexicon)
    ranked = candidates.numbers[np.argsort(-scores(candidates), kind="stable")]
    best = dict.fromkeys(index.document_of(int(n)).id for n in ranked)
    if len(best) < COLUMNS:  # the others have no candidate
        best |= dict.fromkeys(index.document_of(int(n)).id for n in dense(index, text, among)[0])
    nearest = list(best)[:COLUMNS]
    return tuple(entry for entry in entries if entry.id in nearest)
