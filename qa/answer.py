"""What is given back: an answer is a verdict and numbered citations, nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from index.opened import DocumentEntry
from index.records import Passage, Repair, Span
from qa import citing
from qa.lexicon import Expansion
from qa.understanding import Step, Understood
from qa.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage in an answer; ``evidence`` are offsets into ``passage.text``.

    ``ordinal`` counts the passage inside the deepest numbered heading above it, from 1. ``also`` are
    citations that say the same, not shown by themselves.
    """

    rank: int
    score: float
    document: DocumentEntry
    passage: Passage
    evidence: tuple[Span, ...]
    ordinal: int
    also: tuple[Citation, ...] = ()

    def see_also(self, other: Citation) -> Citation:
        """Return this citation with another that says the same."""
        return replace(self, also=(*self.also, other))

    @property
    def evidence_text(self) -> str:
        """What the evidence says."""
        return "".join(self.passage.text[span.start : span.end] for span in self.evidence)

    @property
    def place(self) -> str:
        """Document › chapter › section › topic."""
        return " › ".join((f"《{self.document.metadata.title}》", *self.passage.heading_path))

    def to_json(self) -> dict[str, Any]:
        """Return the citation as the command line's contract has it."""
        text = self.passage.text
        return {
            "rank": self.rank,
            "passage_id": self.passage.id,
            "score": round(self.score, 4),
            "document": describe(self.document),
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
            "reference": {
                "gbt7714": citing.reference(self),
                "plain": citing.plain(self),
                "markdown": citing.markdown(self),
            },
            "also": [other.to_json() for other in self.also],
        }


def describe(document: DocumentEntry) -> dict[str, Any]:
    """Return a document as the command line's contract has it."""
    metadata = document.metadata
    return {
        "id": document.id,
        "title": metadata.title,
        "date": metadata.date,
        "issuer": metadata.issuer,
        "region": metadata.region,
        "file": document.file,
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
    citation. ``understood`` is what was searched, and how it came of what was typed; ``reasons`` say in
    Chinese what speaks against an answer.
    """

    question: str
    verdict: Verdict
    confidence: float
    elapsed_ms: float
    citations: tuple[Citation, ...]
    error: str | None = None
    expansions: tuple[Expansion, ...] = ()
    understood: Understood | None = None
    reasons: tuple[str, ...] = ()

    def after(self, elapsed_ms: float) -> Answer:
        """Return this answer with the time it took."""
        return replace(self, elapsed_ms=elapsed_ms)

    @property
    def steps(self) -> tuple[tuple[Step, str, str], ...]:
        """The steps taken in reading the question: name, what was done, how it is taken back."""
        return self.understood.steps() if self.understood else ()

    def to_json(self) -> dict[str, Any]:
        """Return the answer as the command line's contract has it."""
        understood = self.understood or Understood(self.question)
        carried = understood.carried
        return {
            "question": self.question,
            "verdict": self.verdict,
            "confidence": round(self.confidence, 4),
            "elapsed_ms": round(self.elapsed_ms, 2),
            "citations": [citation.to_json() for citation in self.citations],
            "error": self.error,
            "lexicon": [{"plain": e.plain, "official": list(e.official)} for e in self.expansions],
            "searched": understood.text,
            "follow_up": {"text": carried.text, "chip": carried.chip} if carried else None,
            "corrections": [{"typed": c.typed, "meant": c.meant} for c in understood.corrections],
            "filters": [{"kind": c.kind, "value": c.value, "said": c.said} for c in understood.chips],
            "reasons": list(self.reasons),
        }
