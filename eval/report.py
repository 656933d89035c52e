"""A question set's figures and failures as text and as one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from eval.measures import Row, Run, measures
from eval.sets import QuestionSet
from index.opened import Index

STYLES = {
    "colloquial": "口语",
    "formal": "书面",
    "keyword": "关键词",
    "typo": "错别字",
    "traditional": "繁体",
}
_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>{title}</title><style>
body{{font:16px/1.8 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;max-width:60rem;
margin:2rem auto;padding:0 1rem;color-scheme:light dark}}
table{{border-collapse:collapse}}td,th{{padding:.2rem .9rem;border-bottom:1px solid #8886;text-align:right}}
td:first-child,th:first-child{{text-align:left}}article{{border-top:1px solid #8886;margin-top:1.2rem}}
</style><h1>{title}</h1>{table}<h2>首条没有答对的问题（{failed}）</h2>{failures}</html>
"""


def as_markdown(tables: Mapping[str, Sequence[Row]]) -> str:
    """Print one line a retriever and group of questions."""
    names = list(measures(1))
    lines = [
        "| 检索方式 | 问题 | 数量 | " + " | ".join(names) + " |",
        "| --- | --- |" + " ---: |" * (1 + len(names)),
    ]
    for retriever, rows in tables.items():
        for row in rows:
            figures = " | ".join(f"{row.values[name]:.3f}" for name in names)
            group = STYLES.get(row.group, row.group)
            lines.append(f"| {retriever} | {group} | {row.questions} | {figures} |")
    return "\n".join(lines)


def write_html(
    path: Path,
    questions: QuestionSet,
    index: Index,
    tables: Mapping[str, Sequence[Row]],
    run: Run,
    values: dict[str, dict[str, float]],
) -> None:
    """Write figures, and every question whose first passage does not answer it with what was found."""
    numbers = {index.passage(number).id: number for number in range(len(index))}

    def shown(passage_id: str) -> str:
        return escape(index.passage(numbers[passage_id]).text[:160])

    failures = []
    for query in questions.queries:
        if query.id not in values or values[query.id]["hit@1"] == 1:
            continue
        right = [p for p, g in questions.qrels[query.id].items() if g >= questions.relevant_grade]
        found = [passage for passage, _ in run.get(query.id, [])[:3]]
        failures.append(
            f"<article><h3>{escape(query.id)} {escape(query.text)}</h3>"
            + "".join(f"<p>应为：{shown(p)}</p>" for p in right)
            + "".join(f"<p>第 {rank} 条：{shown(p)}</p>" for rank, p in enumerate(found, 1))
            + "</article>"
        )
    head, _, *body = as_markdown(tables).split("\n")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in (head, *body)]
    rows = ["".join(f"<td>{escape(cell)}</td>" for cell in line) for line in cells[1:]]
    table = (
        "<table><tr>"
        + "".join(f"<th>{escape(cell)}</th>" for cell in cells[0])
        + "</tr>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + "</table>"
    )
    title = escape(f"问题集 {questions.name} 的评测")
    page = _PAGE.format(title=title, table=table, failed=len(failures), failures="".join(failures))
    path.write_text(page, encoding="utf-8")
