"""Answers and summaries as people read them in a terminal."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.citing import position, quotation
from qa.verdict import WORDS

if TYPE_CHECKING:  # an answer is printed without what only a build needs
    from index.reading import Failure
    from index.records import Document
    from index.store import Manifest
    from qa.answer import Answer, Citation
    from qa.comparison import Column, Comparison
    from qa.lexicon import Expansion

REPAIRS = {
    "annotation": "去掉注音",
    "simplified": "繁体转简体",
    "space": "去掉多余空格",
    "line_break": "接上断行",
    "layout": "去掉版式残留",
    "garbled": "修复乱码",
    "unreadable": "无法辨认（□）",
}
_NEVER_FIRST = frozenset("，,。、；;：:！!？?”’）)》】")  # on a line
_LEFT_OUT = {"furniture": "网页页眉页脚", "title": "题名行", "metadata": "日期来源行"}


def as_text(answer: Answer) -> str:
    """Print an answer: the verdict, then each citation with its place and 【its evidence】."""
    lines = [said for _, said, _ in answer.steps]
    lines.append(f"{WORDS[answer.verdict]}（把握 {answer.confidence:.0%}）")
    lines += answer.reasons
    lines += [explain(expansion) for expansion in answer.expansions]
    if not answer.citations:
        lines.append("没有找到相近的段落。")
    for citation in answer.citations:
        lines += ["", *_citation(citation)]
    return "\n".join(lines)


def comparison_as_text(comparison: Comparison) -> str:
    """Print a comparison: for each plan its date and verdict, then the place and the evidence."""
    lines: list[str] = []
    for column in comparison.columns:
        lines += [*_column(column), ""]
    if comparison.left_out:
        lines.append(f"另有 {comparison.left_out} 份规划没有列出；要比较哪几份，请用 --document 指定。")
    return "\n".join(lines).rstrip()


def _column(column: Column) -> list[str]:
    metadata = column.document.metadata
    head = f"《{metadata.title}》" + (f"（{metadata.date}）" if metadata.date else "")
    if column.citation is None:
        return [head, f"    {column.said}"]
    return [
        head,
        f"    {column.said}（把握 {column.answer.confidence:.0%}）",
        f"    {position(column.citation)}",
        *("    " + line for line in _wrap(quotation(column.citation), 88)),
    ]


def explain(expansion: Expansion) -> str:
    """Say what a plain word was also searched by."""
    return f"「{expansion.plain}」也按{'、'.join(f'「{word}」' for word in expansion.official)}查找"


def _citation(citation: Citation) -> list[str]:
    text = citation.passage.text
    for span in sorted(citation.evidence, key=lambda span: -span.start):
        text = f"{text[: span.start]}【{text[span.start : span.end]}】{text[span.end :]}"
    date = citation.document.metadata.date
    head = f"[{citation.rank}] {citation.place}" + (f"（{date}）" if date else "")
    return [head, *("    " + line for line in _wrap(text, 88))]


def _wrap(text: str, columns: int) -> list[str]:
    lines, line, width = [], "", 0
    for character in text:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width + wide > columns and character not in _NEVER_FIRST:
            lines.append(line)
            line, width = "", 0
        line += character
        width += wide
    return [*lines, line]


def build_summary(
    manifest: Manifest, documents: Sequence[Document], failures: Sequence[Failure]
) -> dict[str, Any]:
    """Say what was read, repaired, left out and skipped, and what the index holds now."""
    read = {document.id for document in documents}
    return {
        "documents": [
            {
                **{key: entry[key] for key in ("id", "file", "encoding", "passages", "repairs")},
                "title": entry["metadata"]["title"],
                "left_out": dict(Counter(reason for reason, _, _ in entry["left_out"])),
            }
            for entry in manifest.documents
            if entry["id"] in read
        ],
        "skipped": [{"file": failure.file, "reason": failure.reason} for failure in failures],
        "index": {**manifest.counts, "encoder": manifest.encoder["name"]},
    }


def summary_as_text(summary: dict[str, Any], directory: Path | None) -> str:
    """Print what ``build_summary`` says."""
    lines = []
    for document in summary["documents"]:
        lines.append(f"收入 {document['file']}：《{document['title']}》{document['passages']} 段")
        repairs = "、".join(f"{REPAIRS[kind]} {count} 处" for kind, count in document["repairs"].items())
        left_out = "、".join(f"{_LEFT_OUT[why]} {count} 行" for why, count in document["left_out"].items())
        lines += [f"    修复：{repairs}"] if repairs else []
        lines += [f"    不入正文：{left_out}"] if left_out else []
    lines += [f"跳过 {skipped['file']}：{skipped['reason']}" for skipped in summary["skipped"]]
    counts = summary["index"]
    where = f"“{directory}”" if directory else ""
    lines.append(
        f"索引{where}现有 {counts['documents']} 份文档、{counts['passages']} 段；"
        f"向量模型：{counts['encoder']}。"
    )
    return "\n".join(lines)
