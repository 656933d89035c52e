"""The nouns of the project; every other file speaks them.

Offsets are counted in characters of a decoded source file (``source_*``) or of a passage's
reading text (everything else), half-open as in Python slices.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""``(n, dim)`` float32, unit rows (a text without a known token is the zero row)."""

RepairKind = Literal["annotation", "simplified", "space", "line_break", "layout", "garbled", "unreadable"]


class PlanqaError(Exception):
    """A fault that the user can mend; its message, in Chinese, names the value and the next step."""


class WorkFailed(PlanqaError):
    """The input was right, but the work could not be done: a damaged index, a folder without room."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch ``text[start:end]``."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Repair:
    """One place where the reading text differs from the source.

    ``[start, end)`` lies in the reading text (empty where something was left out),
    ``[source_start, source_end)`` in the decoded source, which reads ``original`` there.
    """

    kind: RepairKind
    start: int
    end: int
    source_start: int
    source_end: int
    original: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One natural paragraph: what is retrieved and cited.

    ``source_text`` is ``decoded[source_start:source_end]``, verbatim; ``text`` is made from it by
    ``repairs``. ``context`` is the topic sentence that the passage continues (for search only): one
    that a paragraph with 其中 took up stays in force up to the next topic sentence, heading or plainly
    closing paragraph, since a report's later paragraphs continue it unsaid.
    """

    id: str
    document_id: str
    heading_path: tuple[str, ...]
    text: str
    source_start: int
    source_end: int
    source_text: str
    repairs: tuple[Repair, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Lines of a source that are not part of its text: site furniture, title and date lines."""

    reason: Literal["furniture", "title", "metadata"]
    source_start: int
    source_end: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a document beside its text; ``None`` where its source does not say."""

    title: str
    title_descriptive: bool = False
    date: str | None = None
    issuer: str | None = None
    region: str | None = None
    source: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One source file, read: its metadata, its decoded text and its passages in reading order."""

    id: str
    file: str
    sha256: str
    encoding: str
    metadata: Metadata
    decoded: str
    passages: tuple[Passage, ...]
    left_out: tuple[LeftOut, ...] = ()


class Encoder(Protocol):
    """Text → unit vector."""

    @property
    def name(self) -> str:
        """The name or path that loads this encoder again."""
        ...

    @property
    def fingerprint(self) -> str:
        """Hexadecimal digits that change when the vectors would."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a vector."""
        ...

    def encode_passages(self, texts: list[str]) -> Vectors:
        """Return the vectors of ``texts``, ``(n, dim)`` float32, unit rows."""
        ...

    def encode_queries(self, texts: list[str]) -> Vectors:
        """Return the vectors of questions, with the model's query prompt where it has one."""
        ...
