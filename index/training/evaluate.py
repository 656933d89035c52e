"""Held-out ranking: does a plain question find its passage among all passages of its document?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.training.data import Document, Question, sentence_spans
from index.training.texts import TokenIds

SMALLEST_DOCUMENT = 20

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over questions, each 0 … 1."""

    hit_at_1: float
    hit_at_5: float
    mrr_at_10: float

    @classmethod
    def of(cls, ranks: Sequence[int]) -> Measures:
        """Average over the ranks (1 is best) of the right passages."""
        found = np.asarray(ranks)
        reciprocal = np.where(found <= 10, 1 / found, 0.0)
        return cls(float((found == 1).mean()), float((found <= 5).mean()), float(reciprocal.mean()))


@dataclass(frozen=True, slots=True)
class Report:
    """One encoder on the held-out questions, by passage alone and with the best sentence."""

    questions: int
    passage: Measures
    passage_and_sentence: Measures


def encode(texts: Iterable[str], tokenizer: Tokenizer, table: Floats) -> Floats:
    """Encode texts to unit rows (n, dimensions); a text without known tokens stays zero."""
    tokens = TokenIds.of(texts, tokenizer)
    sums = np.add.reduceat(table[tokens.flat], tokens.offsets[:-1], axis=0)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: Floats = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
    return unit


def evaluate(
    questions: Iterable[Question], documents: Mapping[str, Document], tokenizer: Tokenizer, table: Floats
) -> Report:
    """Rank the passages of each question's own document, of documents with at least 20 passages."""
    by_document: dict[str, list[Question]] = {}
    for question in questions:
        if len(documents[question.group].passages) >= SMALLEST_DOCUMENT:
            by_document.setdefault(question.group, []).append(question)
    passage_ranks: list[int] = []
    both_ranks: list[int] = []
    for group, asked in by_document.items():
        by_passage, by_sentence = _scores(asked, documents[group], tokenizer, table)
        places = {passage: place for place, passage in enumerate(documents[group].passages)}
        right = np.array([places[question.passage] for question in asked])
        passage_ranks += _ranks(by_passage, right)
        both_ranks += _ranks(by_passage + by_sentence, right)
    return Report(len(both_ranks), Measures.of(passage_ranks), Measures.of(both_ranks))


def _scores(
    asked: Sequence[Question], document: Document, tokenizer: Tokenizer, table: Floats
) -> tuple[Floats, Floats]:
    """Cosines with each passage and with the best sentence of each: two (questions, passages) arrays."""
    texts = list(document.passages.values())
    sentences = [[text[slice(*span)] for span in sentence_spans(text)] for text in texts]
    starts = np.cumsum([0, *map(len, sentences)])[:-1]
    vectors = encode((question.text for question in asked), tokenizer, table)
    by_passage = vectors @ encode(texts, tokenizer, table).T
    by_sentence = vectors @ encode((one for some in sentences for one in some), tokenizer, table).T
    return by_passage, np.maximum.reduceat(by_sentence, starts, axis=1)


def _ranks(scores: Floats, right: NDArray[np.int64]) -> list[int]:
    """Rank of the right passage of each question; equals count as better, so a constant scores nothing."""
    own = scores[np.arange(len(right)), right][:, None]
    return [int(rank) for rank in (scores >= own).sum(axis=1)]
