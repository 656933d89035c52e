"""Write the plain questions on documents that no training saw: ``python -m eval.plain DATA FOLDER``.

The shared questions on the test documents (``index.training.data.TEST_DOCUMENTS``), in one pool. The set
quotes other people's paragraphs, so it is written where it is needed and not kept in the project.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from index.training import data


def write(source: Path, folder: Path) -> int:
    """Write the set in the BEIR layout; return the number of its questions."""
    documents = [d for d in data.shared_documents(source).values() if data.is_test(d.group)]
    asked = [question for question in data.shared_questions(source) if data.is_test(question.group)]
    names = {key: f"p{n}" for n, key in enumerate(key for d in documents for key in d.passages)}
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(
        folder / "corpus.jsonl",
        [
            {"_id": names[key], "title": "", "text": text}
            for document in documents
            for key, text in document.passages.items()
        ],
    )
    _write_lines(
        folder / "queries.jsonl",
        [
            {"_id": f"q{number}", "text": question.text, "metadata": {"style": "colloquial"}}
            for number, question in enumerate(asked)
        ],
    )
    rows = [f"q{number}\t{names[question.passage]}\t1\n" for number, question in enumerate(asked)]
    text = "query-id\tcorpus-id\tscore\n" + "".join(rows)
    (folder / "qrels" / "test.tsv").write_text(text, encoding="utf-8")
    return len(asked)


def _write_lines(path: Path, rows: list[dict[str, object]]) -> None:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(lines, encoding="utf-8")


@click.command()
@click.argument("source", metavar="DATA", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("folder", type=click.Path(path_type=Path))
def main(source: Path, folder: Path) -> None:
    """Write the questions of DATA on test documents into FOLDER, for ``planqa eval FOLDER``."""
    click.echo(f"{write(source, folder)} 个问题，写在 {folder}", err=True)


if __name__ == "__main__":
    main()
