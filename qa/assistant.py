"""An open index that answers questions."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import reduce
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import PlanqaError
from qa.answer import Answer, Citation
from qa.duplicates import Wording
from qa.evidence import find_evidence
from qa.lexicon import Expansion, Lexicon, bundled_lexicon
from qa.ranking import scores
from qa.retrieval import Among, Candidates, find_candidates
from qa.understanding import Filters, Step, Understood, understand
from qa.verdict import Against, confidence, signals, verdict

TOP_K = 10
_OF_EACH = re.compile(
    r"[两各每几](?:份|个|部)(?:规划|方案|报告|文件|文档|计划)|[两各]份(?:[都里中]|分别|怎么|各)|两地的?规划|规划都|规划分别"
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
            titles = {d.id: d.metadata.title for d in self.index.documents}
            document = titles.get(filters.document or "", filters.document)
            asked = {"文档": document, "地区": filters.region, "年份": filters.year}
            said = "、".join(f"{name}“{value}”" for name, value in asked.items() if value is not None)
            have = "；".join(
                f"《{d.metadata.title}》"
                f"（{d.metadata.region or '地区不详'}，{d.metadata.date or '日期不详'}）"
                for d in self.index.documents[:10]
            )
            raise PlanqaError(f"没有符合{said}的规划文档。现有：{have}。")
        return kept

    def ask(
        self,
        question: str,
        top_k: int = TOP_K,
        filters: Filters | None = None,
        earlier: Sequence[str] = (),
        without: Collection[Step] = (),
    ) -> Answer:
        """Answer ``question`` with up to ``top_k`` citations.

        ``earlier`` are the questions before it in the conversation, as typed, oldest first; the steps in
        ``without`` are not taken when it is read.

        Raises:
            PlanqaError: there is nothing to search for, or ``filters`` leave nothing to search in.
        """
        started = perf_counter()
        own = filters or Filters()
        self.among(own)
        without = {*without, *own.sides()}  # what the caller narrows, the question does not
        understood = understand(question, earlier, self.index, self.lexicon, without)
        try:
            among = self.among(own.with_chips(understood.chips))
        except PlanqaError as nothing_left:
            elapsed = (perf_counter() - started) * 1000
            reasons = (str(nothing_left),)
            return Answer(question, "none", 0.0, elapsed, (), understood=understood, reasons=reasons)
        left, shown = among, 0
        if understood.carried and understood.carried.more:
            left, shown = self._beyond(self._answered(understood.text, earlier, without), among, top_k)
        answer = self._answer(question, understood, top_k, among, left, shown)
        return answer.after((perf_counter() - started) * 1000)

    def try_ask(
        self,
        question: str,
        top_k: int = TOP_K,
        filters: Filters | None = None,
        earlier: Sequence[str] = (),
        without: Collection[Step] = (),
    ) -> Answer:
        """Answer ``question``; a question that cannot be searched gives an answer with ``error``."""
        try:
            return self.ask(question, top_k, filters, earlier, without)
        except PlanqaError as error:
            return Answer(question, "none", 0.0, 0.0, (), error=str(error))

    def _answer(
        self, question: str, understood: Understood, top_k: int, among: Among, left: Among, shown: int
    ) -> Answer:
        """Answer by what is ``left`` of the passages ``among``, the first numbered ``shown`` + 1."""
        candidates = find_candidates(self.index, understood.text, left, self.lexicon)
        if not len(candidates.numbers):
            ended = ("找到的段落都已列出，没有更多了",) if shown else ()
            return Answer(question, "none", 0.0, 0.0, (), understood=understood, reasons=ended)
        found = scores(candidates)
        groups = self._groups(candidates, found, top_k)
        citations = self._citations(candidates, found, groups, shown)
        against = Against.of(self.index, understood.text, citations[0].evidence_text, among)
        speaking = signals(self.index, candidates, found, against)
        told = _told(candidates.query.expansions, citations)
        said, sure = verdict(speaking), confidence(speaking)
        reasons = against.reasons() if said != "answered" else ()
        return Answer(question, said, sure, 0.0, tuple(citations), None, told, understood, reasons)

    def _groups(self, candidates: Candidates, found: NDArray[np.float64], top_k: int) -> list[list[int]]:
        """Choose the candidates to cite, best first; behind each those that say the same."""
        order = np.argsort(-found, kind="stable")
        if _OF_EACH.search(candidates.query.text):
            order = self._each_document_first(candidates, order)
        groups: list[list[int]] = []
        said: list[Wording] = []
        for position in order.tolist():
            words = Wording.of(self.index.passage(int(candidates.numbers[position])).text)
            twin = next((n for n, other in enumerate(said) if words.same(other)), None)
            if twin is not None:
                groups[twin].append(position)
            elif len(groups) == top_k:
                break
            else:
                groups.append([position])
                said.append(words)
        return groups

    def _citations(
        self, candidates: Candidates, found: NDArray[np.float64], groups: list[list[int]], shown: int
    ) -> list[Citation]:
        """Cite the first of each group; the others, which say the same, go under its 另见."""
        citations: list[Citation] = []
        for rank, group in enumerate(groups, shown + 1):
            cited: list[Citation] = []
            for position in group:
                number = int(candidates.numbers[position])
                passage = self.index.passage(number)
                evidence = tuple(find_evidence(self.index, candidates, position, passage))
                document, ordinal = self.index.document_of(number), self.index.ordinal(number)
                cited.append(Citation(rank, float(found[position]), document, passage, evidence, ordinal))
            citations.append(reduce(Citation.see_also, cited))
        return citations

    def _each_document_first(self, candidates: Candidates, order: NDArray[np.int64]) -> NDArray[np.int64]:
        """Put the best passage of each document before the others: the question asks of several plans."""
        seen: set[str] = set()
        firsts = []
        for position in order:
            document = self.index.document_of(int(candidates.numbers[position])).id
            if document not in seen:
                seen.add(document)
                firsts.append(int(position))
        rest = [int(position) for position in order if int(position) not in set(firsts)]
        return np.array(firsts + rest, dtype=np.int64)

    def _answered(self, again: str, earlier: Sequence[str], without: Collection[Step]) -> list[str]:
        """Return the texts searched since ``again`` was first asked, which may have had 吗 or ？ at its end.

        Turns that asked nothing (谢谢, ？？？) lie between.
        """
        texts: list[str] = []
        for end in range(len(earlier) - 1, -1, -1):
            with suppress(PlanqaError):
                said = understand(earlier[end], earlier[:end], self.index, self.lexicon, without)
                if said.carried and said.carried.more:
                    texts.append(again)
                elif said.text.startswith(again):
                    return [said.text, *texts]
        return [again, *texts]

    def _beyond(self, texts: Sequence[str], among: Among, top_k: int) -> tuple[Among, int]:
        """Return what is left of the passages ``among`` after ``texts`` were answered, and the last number.

        What an answer shows depends on what was left for it, so the answers are gone through again.
        """
        left = np.ones(len(self.index), dtype=np.bool_) if among is None else among.copy()
        shown = 0
        for text in texts:
            candidates = find_candidates(self.index, text, left, self.lexicon)
            if not len(candidates.numbers):
                break
            groups = self._groups(candidates, scores(candidates), top_k)
            left[candidates.numbers[[position for group in groups for position in group]]] = False
            shown += len(groups)
        return left, shown


def _told(expansions: tuple[Expansion, ...], citations: list[Citation]) -> tuple[Expansion, ...]:
    """Keep the official words that stand in a citation: what the search made of a plain word."""
    texts = [citation.passage.text for citation in citations]
    kept = (
        Expansion(e.plain, tuple(word for word in e.official if any(word in text for text in texts)))
        for e in expansions
    )
    return tuple(expansion for expansion in kept if expansion.official)
