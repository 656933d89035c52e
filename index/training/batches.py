"""How texts are put together: batches of pairs from one source, batches of questions with whole documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from index.training.data import Document, Pair, Question, sentence_spans
from index.training.texts import Indices, TextPool

QUESTIONS_TOGETHER = 32


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Texts that belong together, row by row, as numbers of the pool."""

    left: Indices
    right: Indices


@dataclass(frozen=True, slots=True)
class PairSource:
    """All pairs of one source."""

    left: Indices
    right: Indices

    @classmethod
    def of(cls, pairs: Iterable[Pair], pool: TextPool) -> PairSource:
        """Number the texts of the pairs."""
        numbers = np.array([(pool.number(pair.left), pool.number(pair.right)) for pair in pairs], np.int64)
        return cls(numbers[:, 0], numbers[:, 1])

    def batches(self, size: int, random: np.random.Generator) -> Iterator[PairBatch]:
        """Shuffle and cut; a rest of less than a quarter of a batch is left out."""
        order = random.permutation(len(self.left))
        for start in range(0, len(order) - size // 4, size):
            chosen = order[start : start + size]
            yield PairBatch(self.left[chosen], self.right[chosen])


@dataclass(frozen=True, slots=True)
class DocumentTexts:
    """One document, or several side by side: passages, sentences, questions and where their answers are.

    Texts are numbers of the pool; `…_passages` and `…_sentences` are places in the two lists.
    """

    passages: Indices
    sentences: Indices
    sentence_passages: Indices
    questions: Indices
    question_passages: Indices
    question_sentences: Indices
    question_clauses: Indices

    @classmethod
    def of(cls, document: Document, questions: Sequence[Question], pool: TextPool) -> DocumentTexts:
        """Number the texts; the right sentence is the one that shares most with the evidence."""
        places = {name: place for place, name in enumerate(document.passages)}
        spans = [sentence_spans(text) for text in document.passages.values()]
        firsts = np.cumsum([0, *map(len, spans)])
        pairs = zip(document.passages.values(), spans, strict=True)
        rows = [
            (
                pool.number(asked.text),
                place := places[asked.passage],
                firsts[place] + _best_span(spans[place], asked.evidence_start, asked.evidence_end),
                pool.number(document.passages[asked.passage][asked.evidence_start : asked.evidence_end]),
            )
            for asked in questions
        ]
        columns = np.array(rows, np.int64).T
        return cls(
            np.array([pool.number(text) for text in document.passages.values()], np.int64),
            np.array([pool.number(text[a:b]) for text, some in pairs for a, b in some], np.int64),
            np.repeat(np.arange(len(spans)), [len(some) for some in spans]),
            *columns,
        )


def document_sources(
    questions: Iterable[Question], documents: Mapping[str, Document], pool: TextPool
) -> list[DocumentTexts]:
    """Gather the questions under their documents."""
    asked: dict[str, list[Question]] = {}
    for question in questions:
        asked.setdefault(question.group, []).append(question)
    return [DocumentTexts.of(documents[group], some, pool) for group, some in asked.items()]


def document_batches(
    sources: Sequence[DocumentTexts], size: int, random: np.random.Generator
) -> Iterator[DocumentTexts]:
    """Pack questions, each with its whole document, into batches of `size` or more; the rest is left out."""
    parts: list[tuple[DocumentTexts, Indices]] = []
    for source in sources:
        order = random.permutation(len(source.questions))
        parts += [(source, part) for part in np.array_split(order, -(-len(order) // QUESTIONS_TOGETHER))]
    waiting: list[tuple[DocumentTexts, Indices]] = []
    for number in random.permutation(len(parts)):
        waiting.append(parts[number])
        if sum(len(part) for _, part in waiting) >= size:
            yield _join(waiting)
            waiting = []


def _join(parts: Sequence[tuple[DocumentTexts, Indices]]) -> DocumentTexts:
    passage_shifts = np.cumsum([0, *(len(source.passages) for source, _ in parts)])
    sentence_shifts = np.cumsum([0, *(len(source.sentences) for source, _ in parts)])
    shifted = list(zip(parts, passage_shifts, sentence_shifts, strict=False))
    return DocumentTexts(
        np.concatenate([source.passages for source, _ in parts]),
        np.concatenate([source.sentences for source, _ in parts]),
        np.concatenate([source.sentence_passages + shift for (source, _), shift, _ in shifted]),
        np.concatenate([source.questions[part] for source, part in parts]),
        np.concatenate([source.question_passages[part] + shift for (source, part), shift, _ in shifted]),
        np.concatenate([source.question_sentences[part] + shift for (source, part), _, shift in shifted]),
        np.concatenate([source.question_clauses[part] for source, part in parts]),
    )


def _best_span(spans: Sequence[tuple[int, int]], start: int, end: int) -> int:
    shared = [min(end, span[1]) - max(start, span[0]) for span in spans]
    return shared.index(max(shared))
