"""Make the seeds' question set: ``python -m eval.seeds ../shared/data/dev``.

Its authors quoted paragraphs; here each quotation is found among the passages that the index holds now,
by the character pairs that both share, so that joined lines and mended characters do not matter.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from eval.sets import SETS
from index.opened import Index
from index.records import Passage
from index.repair import simplify_text
from index.seeds import open_seeds

_SHARED = 0.8  # of a quotation's character pairs


def _pairs(text: str) -> set[str]:
    plain = re.sub(r"[^\u4e00-\u9fff0-9A-Za-z]", "", simplify_text(text))
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


def find_passage(quotation: str, file: str, passages: Iterable[tuple[str, Passage]]) -> Passage | None:
    """Return the one passage of ``file`` that holds ``quotation``; None for a heading or furniture."""
    pairs = _pairs(quotation)
    shares = [(len(pairs & _pairs(p.text)) / len(pairs), p) for name, p in passages if name == file]
    share, passage = max(shares, key=lambda item: item[0])
    return passage if share >= _SHARED else None


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def convert(data: Path, index: Index, folder: Path) -> list[str]:
    """Write the set; return what could not be placed (in Chinese)."""
    passages = [(index.document_of(n).file, index.passage(n)) for n in range(len(index))]
    queries: list[dict[str, Any]] = []
    qrels: list[tuple[str, str, int]] = []
    unplaced: list[str] = []
    for row in _rows(data / "questions.jsonl"):
        metadata = {key: row[key] for key in ("type", "style", "answer", "evidence")}
        queries.append({"_id": row["id"], "text": row["question"], "metadata": metadata})
        grades: dict[str, int] = {}
        for key, grade in (("relevant", 2), ("partly_relevant", 1)):
            for quoted in row[key]:
                passage = find_passage(quoted["paragraph"], quoted["document"], passages)
                if passage is None:
                    unplaced.append(f"{row['id']}({key}):{quoted['paragraph'][:30]}")
                else:
                    grades.setdefault(passage.id, grade)
        qrels += [(row["id"], passage_id, grade) for passage_id, grade in grades.items()]
    for row in _rows(data / "unanswerable.jsonl"):
        metadata = {"kind": row["kind"], "answerable": False}
        queries.append({"_id": row["id"], "text": row["question"], "metadata": metadata})
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(query, ensure_ascii=False) + "\n" for query in queries)
    (folder / "queries.jsonl").write_text(lines, encoding="utf-8")
    table = "".join(f"{query}\t{passage}\t{grade}\n" for query, passage, grade in qrels)
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n" + table, encoding="utf-8")
    return unplaced


@click.command()
@click.argument("data", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(data: Path) -> None:
    """Work out the passage ids of the questions in DATA and write ``eval/sets/seeds``."""
    for line in convert(data, open_seeds(), SETS / "seeds"):
        click.echo(f"没有对应的段落（标题或题名）：{line}", err=True)


if __name__ == "__main__":
    main()
