"""What is given back: an answer is a verdict and numbered citations, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from index.opened import DocumentEntry
from index.records import Passage, Repair, Span
from qa.lexicon import Expansion
from qa.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage in an answer; ``evidence`` are offsets into ``passage.text``."""

    rank: int
    score: float
    document: DocumentEntry
    passage: Passage
    evidence: tuple[Span, ...]

    @property
    def place(self) -> str:
        """Document › chapter › section › topic."""
        return " › ".join((f"《{self.document.metadata.title}》", *self.passage.heading_path))

    def to_json(self) -> dict[str, Any]:
        """Return the citation as the command line's contract has it."""
        metadata = self.document.metadata
        text = self.passage.text
        return {
            "rank": self.rank,
            "passage_id": self.passage.id,
            "score": round(self.score, 4),
            "document": {
                "id": self.document.id,
                "title": metadata.title,
                "date": metadata.date,
                "issuer": metadata.issuer,
                "region": metadata.region,
                "file": self.document.file,
            },
            "heading_path": list(self.passage.heading_path),
            "text": text,
            "evidence": [
                {"start": span.start, "end": span.end, "text": text[span.start : span.end]}
                for span in self.evidence
            ],
            "source_start": self.passage.source_start,
            "source_end": self.passage.source_end,
            "source_text": self.passage.source_text,
            "repairs": [_repair(repair) for repair in self.passage.repairs],
        }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "kind": repair.kind,
        "start": repair.start,
        "end": repair.end,
        "source_start": repair.source_start,
        "source_end": repair.source_end,
        "original": repair.original,
    }


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict with its confidence and the nearest passages, best first, whatever the verdict.

    ``error`` says in Chinese why there was nothing to search for; None otherwise. ``expansions`` are the
    plain words of the question that were also searched by official words, with those that stand in a
    citation.
    """

    question: str
    verdict: Verdict
    confidence: float
    elapsed_ms: float
    citations: tuple[Citation, ...]
    error: str | None = None
    expansions: tuple[Expansion, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as the command line's contract has it."""
        return {
            "question": self.question,
            "verdict": self.verdict,
            "confidence": round(self.confidence, 4),
            "elapsed_ms": round(self.elapsed_ms, 2),
            "citations": [citation.to_json() for citation in self.citations],
            "error": self.error,
            "lexicon": [{"plain": e.plain, "official": list(e.official)} for e in self.expansions],
        }
