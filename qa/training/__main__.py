"""Learn the weights of ranking, evidence and confidence: ``python -m qa.training``.

From plain questions on documents that the encoder given with ``--encoder`` was not trained on (the
hold-out run of ``python -m index.training``), each asked to its own document and every third one to
all of them; evidence and confidence from plans alone, without the laws. Figures are by
cross-validation over documents: no question is judged by weights that saw its document, except that the
ranking and the evidence under the confidence are those learned from all.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from index.build import build_index
from index.encoder import StaticEncoder
from index.opened import Index
from index.records import Document
from index.training import data
from qa.evidence import EVIDENCE_SIGNALS, choose_spans, clauses_of
from qa.ranking import combine, standardise
from qa.retrieval import FEATURES, Candidates, find_candidates
from qa.training import confidence
from qa.training.evidence import cross_validate, evidence_cases
from qa.training.fitting import Example, Matrix, fit_choice, ranks
from qa.training.questions import (
    Question,
    keyword,
    read_documents,
    read_off_topic,
    read_off_topic_by_hand,
    read_questions,
    read_unanswerable,
)
from qa.verdict import ANSWERED, ON_TOPIC, SIGNALS, Against, signals

Among = dict[str, NDArray[np.bool_]]


def ranking_examples(found: list[tuple[Question, Candidates]]) -> list[Example]:
    """Return one example a question whose passage is among its candidates."""
    return [
        Example(q.group, standardise(c.features), int(np.flatnonzero(c.numbers == q.passage)[0]))
        for q, c in found
        if q.passage in c.numbers
    ]


class Learner:
    """An index of unseen documents and what is learned from it."""

    def __init__(self, index: Index, documents: list[Document], source: Path) -> None:
        """Take the index that holds just ``documents``; ``source`` is the data folder."""
        self.index = index
        self.documents = documents
        self.source = source
        self.among: Among = {
            document.id: index.among(lambda entry, own=document.id: entry.id == own)  # type: ignore[misc]
            for document in documents
        }
        self.questions = read_questions(source, documents)
        self.found = self._find(self.questions, self.among)
        everywhere = dict.fromkeys(self.among, np.ones(len(index), dtype=np.bool_))
        self.pooled = self._find(self.questions[::3], everywhere)

    def learn(self) -> dict[str, Any]:
        """Learn all weights and measure them."""
        own, pool = ranking_examples(self.found), ranking_examples(self.pooled)
        ranking = fit_choice(own + pool)
        plans = [(q, c) for q, c in self.found if not data.is_law(q.group)]
        cases = evidence_cases(self.index, plans)
        evidence = fit_choice([case.example() for case in cases])
        sure = self._confidence_cases([question for question, _ in plans], ranking, evidence)
        met, covered = cross_validate(cases)
        return {
            "ranking": _named(FEATURES, ranking),
            "evidence": _named(EVIDENCE_SIGNALS, evidence),
            "confidence": {
                model: _named((*SIGNALS, "intercept"), confidence.fit(model, sure))
                for model in get_args(confidence.Model)
            },
            "measured": {
                "documents": len(self.documents),
                "questions": len(self.questions),
                **_hits("", ranks([e for e in own if not data.is_law(e.group)], own)),
                **_hits("law ", ranks([e for e in own if data.is_law(e.group)], own)),
                **_hits("pool ", ranks(pool, pool)),
                "evidence": round(met, 4),
                "evidence_share": round(covered, 4),
                **_sureness(sure),
            },
        }

    def _find(self, questions: list[Question], among: Among) -> list[tuple[Question, Candidates]]:
        asked = tqdm(questions, desc="检索", unit="问")
        return [(q, find_candidates(self.index, q.text, among[q.group])) for q in asked]

    def _confidence_cases(self, found: list[Question], ranking: Matrix, evidence: Matrix) -> confidence.Cases:
        """Ask every question as it is and without its answer, every third also as a keyword; the others."""
        rows: list[tuple[Matrix, bool, str, str]] = []

        def add(text: str, among: NDArray[np.bool_], group: str, kind: str, right: int | None = None) -> None:
            candidates = find_candidates(self.index, text, among)
            scores = combine(candidates, ranking)
            first = int(np.argmax(scores))
            number = int(candidates.numbers[first])
            passage = self.index.passage(number)
            clauses = clauses_of(self.index, candidates, first, passage)
            spans = choose_spans(clauses, clauses.signals @ evidence, len(passage.text))
            said = "".join(passage.text[span.start : span.end] for span in spans)
            against = Against.of(self.index, candidates.query.text, said, among)
            rows.append((signals(self.index, candidates, scores, against), number == right, group, kind))

        for number, question in enumerate(tqdm(found, desc="把握", unit="问")):
            group, right = question.group, question.passage
            whole = self.among[group]
            without = whole & (np.arange(len(self.index)) != right)
            add(question.text, whole, group, "asked", right)
            add(question.text, without, group, "taken out")
            if number % 3 == 0 and (word := keyword(self.index, question, whole)):
                add(word, whole, group, "keyword", right)
                add(word, without, group, "taken out")
        names = sorted({question.group for question in found})
        off = read_off_topic(self.source, len(found) // 3)
        others = [(text, names[n % len(names)], "off") for n, text in enumerate(off)]
        by_hand = read_off_topic_by_hand()
        others += [(text, names[n % len(names)], "off by hand") for n, text in enumerate(by_hand)]
        others += [
            (one.text, one.group, "off by hand" if one.kind == "off" else one.kind)
            for one in read_unanswerable(self.documents)
        ]
        for text, group, kind in tqdm(others, desc="没有答案的", unit="问"):
            add(text, self.among[group], group, kind)
        return confidence.Cases.of(rows)


def _named(names: tuple[str, ...], values: Matrix) -> dict[str, float]:
    return dict(zip(names, values.round(4).tolist(), strict=True))


def _hits(prefix: str, placed: NDArray[np.int64]) -> dict[str, float]:
    reciprocal = np.where(placed <= 10, 1 / placed, 0)
    found = {"hit@1": (placed <= 1).mean(), "hit@5": (placed <= 5).mean(), "MRR@10": reciprocal.mean()}
    return {prefix + name: round(float(value), 4) for name, value in found.items()}


def _sureness(cases: confidence.Cases) -> dict[str, Any]:
    on_topic = confidence.cross_validate("on_topic", cases)
    probability = on_topic * confidence.cross_validate("answers", cases)
    table = confidence.reliability(cases, probability)
    kinds = np.array(cases.kinds)
    unnamed = cases.inputs[:, SIGNALS.index("missing")] > 0
    answered = probability >= ANSWERED
    return {
        "calibration_error": round(confidence.calibration_error(table), 4),
        "reliability": [[round(value, 3) for value in row] for row in table],
        "AUROC": {
            kind: round(confidence.auroc(probability[kinds == "asked"], probability[kinds == kind]), 3)
            for kind in confidence.SHARES
            if kind not in ("asked", "keyword")
        },
        "answered": confidence.by_kind(cases, answered),
        "none": confidence.by_kind(cases, ~answered & ((on_topic < ON_TOPIC) | unnamed)),
    }


@click.command()
@click.option(
    "--data", "source", type=click.Path(path_type=Path, exists=True), default=Path("../shared/data")
)
@click.option("--encoder", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path(__file__).parents[1] / "weights.json")
def main(source: Path, encoder: Path, output: Path) -> None:
    """Learn ranking, evidence and confidence from questions that ENCODER has not seen.

    ENCODER is the folder that ``python -m index.training --hold-out`` wrote.
    """
    documents = read_documents(source)
    static = StaticEncoder(encoder, str(encoder))
    with tempfile.TemporaryDirectory() as folder:
        build_index(documents, static, Path(folder))
        learned = Learner(Index(Path(folder), static), documents, source).learn()
    text = json.dumps(learned, ensure_ascii=False, indent=1)
    output.write_text(text + "\n", encoding="utf-8")
    click.echo(text)


if __name__ == "__main__":
    main()
