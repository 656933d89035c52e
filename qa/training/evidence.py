"""Which clause of the right passage answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from index.opened import Index
from qa.evidence import Clauses, choose_spans, clauses_of
from qa.retrieval import Candidates
from qa.training.fitting import FOLDS, Example, fit_choice, fold
from qa.training.questions import Question


@dataclass(frozen=True, slots=True)
class EvidenceCase:
    """A question and the clauses of its passage, ``length`` characters long; number ``right`` answers."""

    question: Question
    clauses: Clauses
    length: int
    right: int

    def example(self) -> Example:
        """Return the choice among the clauses."""
        return Example(self.question.group, self.clauses.signals, self.right)


def evidence_cases(index: Index, found: list[tuple[Question, Candidates]]) -> list[EvidenceCase]:
    """Return one case a question whose passage is among its candidates and has more than one clause."""
    cases = []
    for question, candidates in found:
        place = np.flatnonzero(candidates.numbers == question.passage)
        if not len(place):
            continue
        passage = index.passage(question.passage)
        clauses = clauses_of(index, candidates, int(place[0]), passage)
        overlap = [min(s.end, question.end) - max(s.start, question.start) for s in clauses.spans]
        if len(clauses.spans) > 1 and max(overlap) > 0:
            cases.append(EvidenceCase(question, clauses, len(passage.text), int(np.argmax(overlap))))
    return cases


def cross_validate(cases: list[EvidenceCase]) -> tuple[float, float]:
    """Return the share of cases whose evidence meets the answer, and what it covers of a passage (median)."""
    met: list[bool] = []
    covered: list[float] = []
    for part in range(FOLDS):
        weights = fit_choice([case.example() for case in cases if fold(case.question.group) != part])
        for case in (c for c in cases if fold(c.question.group) == part):
            spans = choose_spans(case.clauses, case.clauses.signals @ weights, case.length)
            met.append(any(s.start < case.question.end and case.question.start < s.end for s in spans))
            covered.append(sum(s.end - s.start for s in spans) / case.length)
    return float(np.mean(met)), float(np.median(covered))
