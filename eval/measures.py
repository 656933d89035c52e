"""Runs and their measures, by ``ir_measures`` under its own names.

hit@k is Success@k, MRR@10 is RR@10. A judged question that is missing from a run scores 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import ir_measures
from ir_measures import RR, Measure, Qrel, ScoredDoc, Success, nDCG

from eval.sets import QuestionSet

Run = dict[str, list[tuple[str, float]]]
"""Query id → passage ids with their scores, best first, higher is better."""

ALL = "全部"


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of a group of questions, name → mean; ``questions`` is how many there are."""

    group: str
    questions: int
    values: dict[str, float]


def measures(relevant_grade: int) -> dict[str, Measure]:
    """Return the measures reported, by the name that people know."""
    return {
        "hit@1": Success(rel=relevant_grade) @ 1,
        "hit@5": Success(rel=relevant_grade) @ 5,
        "MRR@10": RR(rel=relevant_grade) @ 10,
        "nDCG@10": nDCG @ 10,
    }


def judge(questions: QuestionSet, run: Run) -> dict[str, dict[str, float]]:
    """Return query id → measure → value for every judged question."""
    named = measures(questions.relevant_grade)
    names = {measure: name for name, measure in named.items()}
    qrels = [Qrel(q, p, grade) for q, grades in questions.qrels.items() for p, grade in grades.items()]
    scored = [ScoredDoc(q, p, score) for q, found in run.items() for p, score in found]
    values: dict[str, dict[str, float]] = {query: {} for query in questions.qrels}
    for metric in ir_measures.iter_calc(list(named.values()), qrels, scored):
        values[metric.query_id][names[metric.measure]] = metric.value
    return values


def summarise(questions: QuestionSet, values: dict[str, dict[str, float]]) -> list[Row]:
    """Average over all questions, then by style (most questions first)."""
    styles: dict[str, list[str]] = {}
    for query in questions.queries:
        if query.id in values and query.style:
            styles.setdefault(query.style, []).append(query.id)
    groups = {ALL: list(values), **dict(sorted(styles.items(), key=lambda item: -len(item[1])))}
    names = measures(1)
    return [
        Row(group, len(ids), {name: sum(values[i][name] for i in ids) / len(ids) for name in names})
        for group, ids in groups.items()
        if ids
    ]


def write_trec_run(run: Run, path: Path, tag: str) -> None:
    """Write a run in TREC's format: query, Q0, passage, rank, score, tag."""
    with path.open("w", encoding="utf-8") as file:
        for query, found in run.items():
            for rank, (passage, score) in enumerate(found, 1):
                file.write(f"{query} Q0 {passage} {rank} {score!r} {tag}\n")
