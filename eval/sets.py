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
import re
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


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of every line of a UTF-8 file."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError:
                raise _fault(path, number, "不是 UTF-8 文本；请另存为 UTF-8") from None


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number and object of a JSONL file, each ``_id`` once, and a ``text`` or ``title`` in it."""
    seen: set[str] = set()
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            key, text = row["_id"], row["text"]
        except (ValueError, KeyError, TypeError):
            raise _fault(path, number, "不是带 _id 和 text 的 JSON 对象") from None
        if not isinstance(key, str) or not key.isprintable() or not key or " " in key:
            raise _fault(path, number, f"的 _id {key!r} 是空的，或含空白、控制字符")
        if key in seen:
            raise _fault(path, number, f"的 _id {key!r} 与前面重复")
        title = row.get("title") or ""
        if not isinstance(title, str):
            raise _fault(path, number, f"（{key}）的 title {title!r} 不是文字")
        if not isinstance(text, str) or not (text.strip() or title.strip()):
            raise _fault(path, number, f"（{key}）的 text 是空的")
        seen.add(key)
        yield number, row


def _read_qrels(path: Path, queries: set[str]) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    lines = _lines(path)
    if next(lines, (1, ""))[1].split("\t") != _HEADER:
        raise _fault(path, 1, f"应是表头 {'⇥'.join(_HEADER)}")
    for number, line in lines:
        cells = line.split("\t")
        if not line.strip():
            continue
        if len(cells) != 3 or not re.fullmatch(r"-?[0-9]{1,9}", cells[2]):
            raise _fault(path, number, "应是三栏：问题编号、段落编号、整数分级")
        query, passage, grade = cells
        if query not in queries:
            raise _fault(path, number, f"的问题 {query!r} 不在 queries.jsonl 里")
        if passage in qrels.setdefault(query, {}):
            raise _fault(path, number, f"重复判定了 {query!r} 与 {passage!r}")
        qrels[query][passage] = int(grade)
    if not qrels:
        raise PlanqaError(f"问题集文件“{path}”只有表头，没有一条判定，算不出指标。请补上判定后重试。")
    return qrels


def _query(path: Path, number: int, row: dict[str, Any]) -> Query:
    if not row["text"].strip():
        raise _fault(path, number, f"（{row['_id']}）的 text 是空的")
    metadata = row.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise _fault(path, number, f"（{row['_id']}）的 metadata {metadata!r} 不是 JSON 对象")
    style, answerable = metadata.get("style"), metadata.get("answerable", True)
    if not isinstance(style, str | None):
        raise _fault(path, number, f"（{row['_id']}）的 style {style!r} 不是文字")
    if not isinstance(answerable, bool):
        raise _fault(path, number, f"（{row['_id']}）的 answerable {answerable!r} 不是 true 或 false")
    return Query(row["_id"], row["text"], style, answerable)


def read_set(name: str) -> QuestionSet:
    """Read a set by its name in ``eval/sets`` or by the path of its folder.

    Raises:
        PlanqaError: there is no such set, or a line of it is wrong (with file and line).
    """
    own = sorted(path.name for path in SETS.iterdir() if path.is_dir())
    folder = SETS / name if name in own else Path(name).resolve()
    queries_path, qrels_path = folder / "queries.jsonl", folder / "qrels" / "test.tsv"
    for path in (queries_path, qrels_path):
        if not path.is_file():
            raise PlanqaError(
                f"问题集“{name}”缺少文件“{path}”。自带的问题集：{'、'.join(own)}；也可给出文件夹。"
            )
    queries = tuple(_query(queries_path, number, row) for number, row in _objects(queries_path))
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
                number = next(n for n, line in _lines(path) if f"\t{passage}\t" in line)
                raise _fault(path, number, f"（{query}）的段落 {passage!r} 不在语料或索引里")
