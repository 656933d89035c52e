"""An open index that answers questions."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import numpy as np

from index.opened import DocumentEntry, Index
from index.records import PlanqaError
from qa.answer import Answer, Citation
from qa.evidence import find_evidence
from qa.lexicon import Expansion, Lexicon, bundled_lexicon
from qa.question import search_text
from qa.ranking import scores
from qa.retrieval import Among, find_candidates
from qa.verdict import confidence, verdict

TOP_K = 10


@dataclass(frozen=True, slots=True)
class Filters:
    """What narrows a search; None leaves that side open."""

    document: str | None = None
    region: str | None = None
    year: int | None = None

    def keep(self, entry: DocumentEntry) -> bool:
        """Tell whether a document passes: by id, file or part of its title; part of its region; year."""
        metadata = entry.metadata
        wanted = self.document
        return (
            (wanted is None or wanted in (entry.id, entry.file) or wanted in metadata.title)
            and (self.region is None or self.region in (metadata.region or ""))
            and (self.year is None or (metadata.date or "").startswith(f"{self.year}-"))
        )


class Assistant:
    """Answers questions from one index."""

    def __init__(self, index: Index, lexicon: Lexicon | None = None) -> None:
        self.index = index
        self.lexicon = bundled_lexicon() if lexicon is None else lexicon

    def among(self, filters: Filters) -> Among:
        """Return the passages that ``filters`` leave.

        Raises:
            PlanqaError: they leave none.
        """
        if filters == Filters():
            return None
        kept = self.index.among(filters.keep)
        if not kept.any():
            asked = {"文档": filters.document, "地区": filters.region, "年份": filters.year}
            said = "、".join(f"{name}“{value}”" for name, value in asked.items() if value is not None)
            have = "；".join(
                f"{d.metadata.title}（编号 {d.id}，{d.metadata.region or '地区不详'}，"
                f"{d.metadata.date or '日期不详'}）"
                for d in self.index.documents[:10]
            )
            raise PlanqaError(f"没有符合{said}的规划文档。现有：{have}。")
        return kept

    def ask(self, question: str, top_k: int = TOP_K, filters: Filters | None = None) -> Answer:
        """Answer ``question`` with up to ``top_k`` citations.

        Raises:
            PlanqaError: there is nothing to search for, or ``filters`` leave nothing to search in.
        """
        started = perf_counter()
        text = search_text(question)
        candidates = find_candidates(self.index, text, self.among(filters or Filters()), self.lexicon)
        found = scores(candidates)
        probability = confidence(candidates, found)
        best = np.argsort(-found, kind="stable")[:top_k]
        citations = []
        for rank, position in enumerate(best, 1):
            number = int(candidates.numbers[position])
            passage = self.index.passage(number)
            evidence = find_evidence(self.index, number, passage, candidates.query)
            document = self.index.document_of(number)
            citations.append(Citation(rank, float(found[position]), document, passage, tuple(evidence)))
        told = _told(candidates.query.expansions, citations)
        elapsed = (perf_counter() - started) * 1000
        return Answer(question, verdict(probability), probability, elapsed, tuple(citations), expansions=told)

    def try_ask(self, question: str, top_k: int = TOP_K, filters: Filters | None = None) -> Answer:
        """Answer ``question``; a question that cannot be searched gives an answer with ``error``."""
        try:
            return self.ask(question, top_k, filters)
        except PlanqaError as error:
            return Answer(question, "none", 0.0, 0.0, (), str(error))


def _told(expansions: tuple[Expansion, ...], citations: list[Citation]) -> tuple[Expansion, ...]:
    """Keep the official words that stand in a citation: what the search made of a plain word."""
    texts = [citation.passage.text for citation in citations]
    kept = (
        Expansion(e.plain, tuple(word for word in e.official if any(word in text for text in texts)))
        for e in expansions
    )
    return tuple(expansion for expansion in kept if expansion.official)
