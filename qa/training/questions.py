"""Documents that an encoder has not seen, and what is asked of them, answered or not."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Document, Metadata, Passage
from index.training import data

SMALLEST = 20  # passages of a document; among fewer, being first says little


@dataclass(frozen=True, slots=True)
class Question:
    """A plain question with the passage that answers it and where in that passage."""

    text: str
    group: str
    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question that its document does not answer, written for that document by hand.

    ``kind``: ``aspect`` (of a thing in it, something that it does not say), ``absent`` (not in it at all),
    ``place`` (another place or project), ``time`` (another year), ``off`` (no plan would say).
    """

    text: str
    group: str
    kind: str


def as_document(found: data.Document) -> Document:
    """Return a document of the training data as an index takes it."""
    passages = tuple(
        Passage(key, found.group, (), text, 0, len(text), text) for key, text in found.passages.items()
    )
    return Document(found.group, found.group, "", "utf-8", Metadata(found.group), "", passages)


def read_documents(source: Path) -> list[Document]:
    """Read the held-out documents that are long enough; those kept for testing stay unseen here too."""
    return [
        as_document(found)
        for group, found in sorted(data.documents(source).items())
        if data.is_held_out(group) and not data.is_test(group) and len(found.passages) >= SMALLEST
    ]


def read_questions(source: Path, documents: list[Document]) -> list[Question]:
    """Read the plain questions on ``documents``."""
    numbers = {p.id: n for n, p in enumerate(p for document in documents for p in document.passages)}
    return [
        Question(asked.text, asked.group, numbers[asked.passage], asked.evidence_start, asked.evidence_end)
        for asked in data.questions(source)
        if asked.passage in numbers
    ]


def read_unanswerable(documents: list[Document]) -> list[Unanswerable]:
    """Read the questions that ``documents`` do not answer."""
    groups = {document.id for document in documents}
    lines = (Path(__file__).parent / "unanswerable.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return [Unanswerable(text, group, kind) for group, kind, text in rows if group in groups]


def read_off_topic(source: Path, count: int) -> list[str]:
    """Read everyday questions (LCQMC) that no plan answers."""
    found: list[str] = []
    with gzip.open(source / "train" / "sentence_pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["source"].startswith("lcqmc") and re.search(r"吗|怎么|什么|多少|哪|谁", row["a"]):
                found.append(row["a"])
    step = max(len(found) // count, 1)
    return found[::step][:count]


def read_off_topic_by_hand() -> list[str]:
    """Read everyday questions and nonsense written for this project."""
    return (Path(__file__).parent / "off_topic.txt").read_text(encoding="utf-8").splitlines()


def keyword(index: Index, question: Question, among: NDArray[np.bool_]) -> str | None:
    """Return the longest word of the answer that no other passage of its document holds."""
    answer = index.passage(question.passage).text[question.start : question.end]
    own = [w for w in index.terms.words(answer) if among[index.body.containing(w)].sum() == 1]
    return max((word for word in own if len(word) > 1), key=len, default=None)
