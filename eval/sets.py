"""Question sets in the BEIR layout.

::

    NAME/queries.jsonl      {"_id": …, "text": …, "metadata": {…}}, one a line
    NAME/qrels/test.tsv     query-id, corpus-id, score, with that header
    NAME/corpus.jsonl       {"_id": …, "title": …, "text": …}; absent where the corpus is the index itself

A query may say in ``metadata``: ``style``, ``type``, ``answer``, ``evidence``, and ``answerable: false``
where no passage answers it. Grade 2 is a passage that answers, grade 1 one that answers in part; a set
that knows no other grade than 1 means by it a passage that answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.records import PlanqaError

SETS = Path(__file__).parent / "sets"
_HEADER = ["query-id", "corpus-id", "score"]


@dataclass(frozen=True, slots=True)
class Query:
    """One question of a set."""

    id: str
    text: str
    style: str | None
    answerable: bool


@dataclass(frozen=True, slots=True)
class CorpusPassage:
    """One passage of a set that brings its own corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions and their judgements: query id → passage id → grade; ``corpus`` None: the index's own."""

    name: str
    folder: Path
    queries: tuple[Query, ...]
    qrels: dict[str, dict[str, int]]
    corpus: tuple[CorpusPassage, ...] | None

    @property
    def relevant_grade(self) -> int:
        """The grade from which on a passage answers."""
        return 2 if any(grade >= 2 for grades in self.qrels.values() for grade in grades.values()) else 1


def _fault(path: Path, line: int, what: str) -> PlanqaError:
    return PlanqaError(f"问题集文件“{path}”第 {line} 行{what}。请改正后重试。")


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and object of a JSONL file, each ``_id`` once and each ``text`` not empty."""
    seen: set[str] = set()
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
                key, text = row["_id"], row["text"]
            except (ValueError, KeyError, TypeError):
                raise _fault(path, number, "不是带 _id 和 text 的 JSON 对象") from None
            if not isinstance(key, str) or not key.strip() or any(c.isspace() for c in key):
                raise _fault(path, number, f"的 _id {key!r} 是空的或含空白")
            if key in seen:
                raise _fault(path, number, f"的 _id {key!r} 与前面重复")
            if not isinstance(text, str) or not text.strip():
                raise _fault(path, number, f"（{key}）的 text 是空的")
            seen.add(key)
            yield number, row


def _read_qrels(path: Path, queries: set[str]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8") as lines:
        if next(lines, "").rstrip("\r\n").split("\t") != _HEADER:
            raise _fault(path, 1, f"应是表头 {'⇥'.join(_HEADER)}")
        for number, line in enumerate(lines, 2):
            cells = line.rstrip("\r\n").split("\t")
            if not line.strip():
                continue
            if len(cells) != 3 or not cells[2].lstrip("-").isdecimal():
                raise _fault(path, number, "应是三栏：问题编号、段落编号、整数分级")
            query, passage, grade = cells
            if query not in queries:
                raise _fault(path, number, f"的问题 {query!r} 不在 queries.jsonl 里")
            if passage in qrels.setdefault(query, {}):
                raise _fault(path, number, f"重复判定了 {query!r} 与 {passage!r}")
            qrels[query][passage] = int(grade)
    return qrels


def read_set(name: str) -> QuestionSet:
    """Read a set by its name in ``eval/sets`` or by the path of its folder.

    Raises:
        PlanqaError: there is no such set, or a line of it is wrong (with file and line).
    """
    folder = SETS / name if (SETS / name).is_dir() else Path(name)
    queries_path, qrels_path = folder / "queries.jsonl", folder / "qrels" / "test.tsv"
    for path in (queries_path, qrels_path):
        if not path.is_file():
            known = "、".join(sorted(p.name for p in SETS.iterdir() if p.is_dir()))
            raise PlanqaError(f"问题集“{name}”缺少文件“{path}”。自带的问题集：{known}；也可给出文件夹。")
    queries = tuple(
        Query(
            row["_id"],
            row["text"],
            (row.get("metadata") or {}).get("style"),
            (row.get("metadata") or {}).get("answerable", True),
        )
        for _, row in _objects(queries_path)
    )
    qrels = _read_qrels(qrels_path, {query.id for query in queries})
    corpus_path = folder / "corpus.jsonl"
    corpus = None
    if corpus_path.is_file():
        corpus = tuple(
            CorpusPassage(row["_id"], row.get("title") or "", row["text"]) for _, row in _objects(corpus_path)
        )
        _check_passages(qrels, {passage.id for passage in corpus}, qrels_path)
    return QuestionSet(folder.name, folder, queries, qrels, corpus)


def check_against(questions: QuestionSet, passages: set[str]) -> None:
    """Hold a set to the passages of the index that it is asked to.

    Raises:
        PlanqaError: a judged passage is not there.
    """
    _check_passages(questions.qrels, passages, questions.folder / "qrels" / "test.tsv")


def _check_passages(qrels: dict[str, dict[str, int]], passages: set[str], path: Path) -> None:
    for query, grades in qrels.items():
        for passage in grades:
            if passage not in passages:
                with path.open(encoding="utf-8") as lines:
                    number = next(n for n, line in enumerate(lines, 1) if f"\t{passage}\t" in line)
                raise _fault(path, number, f"（{query}）的段落 {passage!r} 不在语料或索引里")
