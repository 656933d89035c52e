"""Learn the weights of ranking, evidence and confidence: ``python -m qa.training``.

From plain questions on documents that the encoder given with ``--encoder`` was not trained on (the
hold-out run of ``python -m index.training``), each asked to its own document and every second one to
all of them. Figures are by
cross-validation over documents: no question is judged by weights that saw its document.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import click
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from tqdm import tqdm

from index.build import build_index
from index.encoder import StaticEncoder
from index.opened import Index
from index.records import Document, Metadata, Passage
from index.training import data
from qa.evidence import EVIDENCE_SIGNALS, evidence_signals
from qa.ranking import combine, standardise
from qa.retrieval import FEATURES, Candidates, find_candidates
from qa.verdict import SIGNALS, signals

Matrix = NDArray[np.float64]
_FOLDS = 5
_SMALLEST = 20  # passages of a document; among fewer, being first says little


@dataclass(frozen=True, slots=True)
class Question:
    """A plain question with the passage that answers it and where in that passage."""

    text: str
    group: str
    passage: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Example:
    """Alternatives ``(m, features)`` of which number ``right`` is the right one."""

    group: str
    features: Matrix
    right: int


def read_documents(source: Path) -> list[Document]:
    """Read the held-out documents that are long enough; those kept for testing stay unseen here too."""
    documents = []
    for group, found in sorted(data.documents(source).items()):
        if data.is_held_out(group) and not data.is_test(group) and len(found.passages) >= _SMALLEST:
            passages = tuple(
                Passage(key, group, (), text, 0, len(text), text) for key, text in found.passages.items()
            )
            documents.append(Document(group, group, "", "utf-8", Metadata(group), "", passages))
    return documents


def read_questions(source: Path, documents: list[Document]) -> list[Question]:
    """Read the plain questions on ``documents``."""
    numbers = {p.id: n for n, p in enumerate(p for document in documents for p in document.passages)}
    return [
        Question(asked.text, asked.group, numbers[asked.passage], asked.evidence_start, asked.evidence_end)
        for asked in data.questions(source)
        if asked.passage in numbers
    ]


def read_off_topic(source: Path, count: int) -> list[str]:
    """Read everyday questions (LCQMC) that no plan answers."""
    found: list[str] = []
    with gzip.open(source / "train" / "sentence_pairs.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            if row["source"].startswith("lcqmc") and re.search(r"吗|怎么|什么|多少|哪|谁", row["a"]):
                found.append(row["a"])
    step = max(len(found) // count, 1)
    return found[::step][:count]


def fit_choice(examples: list[Example], decay: float = 1e-3) -> Matrix:
    """Fit a linear score by listwise softmax: maximise the mean log share of the right alternative."""

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        total, slope = 0.0, np.zeros_like(weights)
        for example in examples:
            found = example.features @ weights
            share = np.exp(found - found.max())
            share /= share.sum()
            total -= np.log(share[example.right])
            slope += share @ example.features - example.features[example.right]
        count = len(examples)
        return total / count + decay * float(weights @ weights), slope / count + 2 * decay * weights

    start = np.zeros(examples[0].features.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B").x)


def fit_probability(inputs: Matrix, right: NDArray[np.bool_], decay: float = 1e-3) -> Matrix:
    """Fit a logistic regression; the last weight is the intercept."""
    table = np.column_stack((inputs, np.ones(len(inputs))))
    sign = np.where(right, 1.0, -1.0)

    def loss(weights: Matrix) -> tuple[float, Matrix]:
        margin = sign * (table @ weights)
        penalty = np.append(weights[:-1], 0.0)
        slope = -(table.T @ (sign / (1 + np.exp(margin)))) / len(sign) + 2 * decay * penalty
        return float(np.logaddexp(0, -margin).mean() + decay * penalty @ penalty), slope

    return np.asarray(minimize(loss, np.zeros(table.shape[1]), jac=True, method="L-BFGS-B").x)


def _fold(group: str) -> int:
    return crc32(group.encode()) % _FOLDS


def cross_validate(examples: list[Example]) -> tuple[float, float, float]:
    """Return hit@1, hit@5 and MRR@10 by weights that did not see the example's document."""
    ranks: list[int] = []
    for fold in range(_FOLDS):
        weights = fit_choice([e for e in examples if _fold(e.group) != fold])
        for example in (e for e in examples if _fold(e.group) == fold):
            found = example.features @ weights
            ranks.append(1 + int((found > found[example.right]).sum()))
    placed = np.array(ranks)
    reciprocal = np.where(placed <= 10, 1 / placed, 0)
    return float((placed <= 1).mean()), float((placed <= 5).mean()), float(reciprocal.mean())


def _candidates(
    index: Index, questions: list[Question], among: dict[str, NDArray[np.bool_]]
) -> Iterator[tuple[Question, Candidates]]:
    for question in tqdm(questions, desc="检索", unit="问"):
        yield question, find_candidates(index, question.text, among[question.group])


def ranking_examples(found: list[tuple[Question, Candidates]]) -> list[Example]:
    """Return one example a question whose passage is among its candidates."""
    return [
        Example(q.group, standardise(c.features), int(np.flatnonzero(c.numbers == q.passage)[0]))
        for q, c in found
        if q.passage in c.numbers
    ]


def evidence_examples(index: Index, found: list[tuple[Question, Candidates]]) -> list[Example]:
    """Return one example a question: the sentences of the right passage, right the one that answers."""
    examples = []
    for question, candidates in tqdm(found, desc="依据", unit="问"):
        passage = index.passage(question.passage)
        spans, table = evidence_signals(index, question.passage, passage, candidates.query)
        overlap = [min(s.end, question.end) - max(s.start, question.start) for s in spans]
        if len(spans) > 1 and max(overlap) > 0:
            examples.append(Example(question.group, table, int(np.argmax(overlap))))
    return examples


def confidence_inputs(
    index: Index,
    found: list[tuple[Question, Candidates]],
    among: dict[str, NDArray[np.bool_]],
    off_topic: list[str],
    score: Callable[[Candidates], Matrix],
) -> tuple[Matrix, NDArray[np.bool_], list[str]]:
    """Return signals, whether the first citation was right, and the document of each case.

    Every question is asked as it is and with its answer taken out, every third also as a keyword of its
    answer; off-topic ones to every document.
    """
    rows: list[Matrix] = []
    right: list[bool] = []
    groups: list[str] = []

    def add(candidates: Candidates, group: str, passage: int | None) -> None:
        scores = score(candidates)
        rows.append(signals(candidates, scores))
        right.append(int(candidates.numbers[int(np.argmax(scores))]) == passage)
        groups.append(group)

    for number, (question, candidates) in enumerate(tqdm(found, desc="把握", unit="问")):
        add(candidates, question.group, question.passage)
        whole = among[question.group]
        without = whole & (np.arange(len(index)) != question.passage)
        add(find_candidates(index, question.text, without), question.group, None)
        if number % 3 == 0 and (keyword := _keyword(index, question, whole)):
            add(find_candidates(index, keyword, whole), question.group, question.passage)
            add(find_candidates(index, keyword, without), question.group, None)
    names = sorted(among)
    for number, text in enumerate(off_topic):
        group = names[number % len(names)]
        add(find_candidates(index, text, among[group]), group, None)
    return np.stack(rows), np.array(right), groups


def _keyword(index: Index, question: Question, among: NDArray[np.bool_]) -> str | None:
    """Return the longest word of the answer that no other passage of its document holds."""
    answer = index.passage(question.passage).text[question.start : question.end]
    own = [w for w in index.terms.words(answer) if among[index.body.containing(w)].sum() == 1]
    return max((word for word in own if len(word) > 1), key=len, default=None)


def calibration(inputs: Matrix, right: NDArray[np.bool_], groups: list[str]) -> tuple[float, float]:
    """Return expected calibration error (10 bins) and AUROC, by cross-validation over documents."""
    folds = np.array([_fold(group) for group in groups])
    probability = np.zeros(len(right))
    for fold in range(_FOLDS):
        weights = fit_probability(inputs[folds != fold], right[folds != fold])
        own = folds == fold
        probability[own] = 1 / (1 + np.exp(-(inputs[own] @ weights[:-1] + weights[-1])))
    bins = np.minimum((probability * 10).astype(int), 9)
    error = sum(
        (bins == b).mean() * abs(probability[bins == b].mean() - right[bins == b].mean())
        for b in range(10)
        if (bins == b).any()
    )
    ranks = probability.argsort().argsort() + 1
    positive = int(right.sum())
    auroc = (ranks[right].sum() - positive * (positive + 1) / 2) / (positive * (len(right) - positive))
    return float(error), float(auroc)


def learn(index: Index, documents: list[Document], source: Path) -> dict[str, Any]:
    """Learn all weights and measure them."""
    questions = read_questions(source, documents)
    among: dict[str, NDArray[np.bool_]] = {
        document.id: index.among(lambda entry, own=document.id: entry.id == own)  # type: ignore[misc]
        for document in documents
    }
    found = list(_candidates(index, questions, among))
    everywhere = dict.fromkeys(among, np.ones(len(index), dtype=np.bool_))
    pooled = list(_candidates(index, questions[::2], everywhere))
    ranking, in_pool = ranking_examples(found), ranking_examples(pooled)
    weights = fit_choice(ranking + in_pool)
    evidence = evidence_examples(index, found)
    off_topic = read_off_topic(source, len(questions) // 3)
    inputs, right, groups = confidence_inputs(
        index, found, among, off_topic, lambda candidates: combine(candidates, weights)
    )
    sure = fit_probability(inputs, right)
    hit1, hit5, mrr = cross_validate(ranking)
    pool_hit1, pool_hit5, pool_mrr = cross_validate(in_pool)
    error, auroc = calibration(inputs, right, groups)
    return {
        "ranking": dict(zip(FEATURES, weights.round(4).tolist(), strict=True)),
        "evidence": dict(zip(EVIDENCE_SIGNALS, fit_choice(evidence).round(4).tolist(), strict=True)),
        "confidence": dict(zip((*SIGNALS, "intercept"), sure.round(4).tolist(), strict=True)),
        "measured": {
            "documents": len(documents),
            "questions": len(questions),
            "hit@1": round(hit1, 4),
            "hit@5": round(hit5, 4),
            "MRR@10": round(mrr, 4),
            "pool hit@1": round(pool_hit1, 4),
            "pool hit@5": round(pool_hit5, 4),
            "pool MRR@10": round(pool_mrr, 4),
            "evidence": round(cross_validate(evidence)[0], 4),
            "calibration_error": round(error, 4),
            "AUROC": round(auroc, 4),
        },
    }


@click.command()
@click.option(
    "--data", "source", type=click.Path(path_type=Path, exists=True), default=Path("../shared/data")
)
@click.option("--encoder", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--output", type=click.Path(path_type=Path), default=Path(__file__).parent / "weights.json")
def main(source: Path, encoder: Path, output: Path) -> None:
    """Learn ranking, evidence and confidence from questions that ENCODER has not seen.

    ENCODER is the folder that ``python -m index.training --hold-out`` wrote.
    """
    documents = read_documents(source)
    static = StaticEncoder(encoder, str(encoder))
    with tempfile.TemporaryDirectory() as folder:
        build_index(documents, static, Path(folder))
        learned = learn(Index(Path(folder), static), documents, source)
    text = json.dumps(learned, ensure_ascii=False, indent=1)
    output.write_text(text + "\n", encoding="utf-8")
    click.echo(text)


if __name__ == "__main__":
    main()
