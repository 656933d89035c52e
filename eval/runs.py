"""Question set + index + retriever → run."""

from __future__ import annotations

import json
from hashlib import sha256

from platformdirs import user_cache_path
from tqdm import tqdm

from eval.measures import Run
from eval.sets import QuestionSet
from index.build import Progress, build_index
from index.encoder import load_encoder
from index.opened import Index
from index.records import Document, Metadata, Passage, PlanqaError
from index.repair import Reading, is_traditional, simplify, simplify_text
from qa.question import search_text
from qa.ranking import hybrid
from qa.retrieval import Retriever, bm25, dense

DEPTH = 100
RETRIEVERS: dict[str, Retriever] = {"hybrid": hybrid, "dense": dense, "bm25": bm25}


def corpus_index(questions: QuestionSet, encoder_name: str, say: Progress) -> Index:
    """Open the index of a set's own corpus, built once per corpus and encoder (in the user's cache).

    Raises:
        PlanqaError: the set has no corpus, or the encoder cannot be loaded.
    """
    if questions.corpus is None:
        raise PlanqaError(f"问题集“{questions.name}”没有自己的语料；请用 --index 给出索引。")
    encoder = load_encoder(encoder_name)
    digest = sha256((questions.folder / "corpus.jsonl").read_bytes())
    digest.update(json.dumps([encoder.fingerprint]).encode())
    directory = user_cache_path("planqa") / "sets" / digest.hexdigest()[:16]
    try:
        return Index(directory, encoder)
    except PlanqaError:
        say(f"正在为问题集“{questions.name}”的 {len(questions.corpus)} 段语料建索引……")
    passages = tuple(
        _passage(questions.name, p.id, p.title, p.text if p.text.strip() else p.title)
        for p in questions.corpus
    )
    document = Document(
        questions.name, questions.name, digest.hexdigest(), "utf-8", Metadata(questions.name), "", passages
    )
    build_index([document], encoder, directory, say)
    return Index(directory, encoder)


def _passage(document: str, key: str, title: str, found: str) -> Passage:
    """Read a corpus passage as a plan is read: in simplified characters, with its repairs."""
    reading = Reading.of(found, 0, len(found))
    if is_traditional(found):
        reading = simplify(reading)
    headings = (simplify_text(title),) if title else ()
    return Passage(key, document, headings, reading.text, 0, len(found), found, reading.repairs(found))


def make_run(questions: QuestionSet, index: Index, retriever: Retriever) -> Run:
    """Ask every judged question; the best ``DEPTH`` passages each.

    A question that cannot be searched is missing from the run.
    """
    run: Run = {}
    for query in tqdm(questions.queries, desc="评测", unit="问", disable=None):
        if query.id not in questions.qrels:
            continue
        try:
            text = search_text(query.text)
        except PlanqaError:
            continue
        numbers, scores = retriever(index, text, None)
        run[query.id] = [
            (index.passage(int(number)).id, float(score))
            for number, score in zip(numbers[:DEPTH], scores[:DEPTH], strict=True)
        ]
    return run
