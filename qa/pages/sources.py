"""The panel beside the chat, in HTML: what was cited, where it stands, how it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from index.opened import Index
from index.records import Metadata, Span
from qa.answer import Answer, Citation
from qa.pages.message import anchor, sureness
from qa.printing import REPAIRS, explain
from qa.verdict import WORDS, Verdict

OPEN = 5
"""Cards that are shown at once; the others are folded."""

_NOTES: dict[Verdict, str] = {
    "answered": "依据已在段落中标出，请以原文为准。",
    "related": "以下只是相关的段落，未必回答了问题；请对照原文判断。",
    "none": "以下只是意思最接近的段落，不是回答。",
}


def documents_list(index: Index) -> str:
    """List the documents of ``index`` with date and number of passages."""
    rows = []
    for entry in index.manifest.documents:
        metadata = Metadata(**entry["metadata"])
        facts = [metadata.date or "日期不详", *filter(None, (metadata.issuer, metadata.region))]
        facts.append(f"{entry['passages']} 段")
        if metadata.title_descriptive:
            facts.append("原文无题名，题名为整理时所拟")
        rows.append(
            f'<li><span class="title">《{_safe(metadata.title)}》</span>'
            f'<span class="facts">{_safe(" · ".join(facts))}</span></li>'
        )
    return f'<ul class="documents">{"".join(rows)}</ul>'


def welcome(index: Index) -> str:
    """Return the panel before the first question."""
    return (
        _head("提问后，这里列出引文：它在哪份规划的哪一章、哪一节，原文怎么写。")
        + "<h3>可以问的规划</h3>"
        + documents_list(index)
    )


def sources(answer: Answer, turn: int) -> str:
    """Return the panel of an answer: one card a citation, the best ``OPEN`` unfolded."""
    if not answer.citations:
        return _head("没有找到相近的段落。")
    asked = f'<p class="asked">问：{_safe(answer.question)}</p>'
    verdict = f"<strong>{WORDS[answer.verdict]}</strong>"
    if answer.verdict == "answered":
        verdict += f"（把握{sureness(answer.confidence)}，约 {answer.confidence:.0%}）"
    cards = [_card(citation, turn) for citation in answer.citations]
    folded = ""
    if len(cards) > OPEN:
        label = f"另外 {len(cards) - OPEN} 段相近的"
        folded = f'<details class="more"><summary>{label}</summary>{"".join(cards[OPEN:])}</details>'
    told = "".join(f'<p class="note">{_safe(explain(expansion))}</p>' for expansion in answer.expansions)
    return (
        _head(f"{verdict}。{_NOTES[answer.verdict]}", asked)
        + told
        + f'<div class="cards {answer.verdict}">{"".join(cards[:OPEN])}{folded}</div>'
    )


def _head(note: str, asked: str = "") -> str:
    return f'<h2 id="sources-title">引文与出处</h2>{asked}<p class="note">{note}</p>'


def _card(citation: Citation, turn: int) -> str:
    name = anchor(turn, citation.rank)
    metadata = citation.document.metadata
    *above, topic = citation.passage.heading_path or (metadata.title,)
    path = " › ".join((metadata.date or "日期不详", *above))
    return (
        f'<article class="citation" id="{name}" tabindex="-1" aria-labelledby="{name}-place">'
        f'<header id="{name}-place"><span class="number">[{citation.rank}]</span><div>'
        f'<span class="topic">{_safe(topic)}</span>'
        f'<span class="path"><span class="document">《{_safe(metadata.title)}》</span>'
        f"{_safe(path)}</span></div></header>"
        f'<p class="text">{_marked(citation.passage.text, citation.evidence)}</p>'
        f"{_source(citation)}</article>"
    )


def _marked(text: str, spans: Sequence[Span]) -> str:
    parts = []
    end = 0
    for span in sorted(spans, key=lambda span: span.start):
        parts += [_safe(text[end : span.start]), f"<mark>{_safe(text[span.start : span.end])}</mark>"]
        end = span.end
    return "".join((*parts, _safe(text[end:])))


def _source(citation: Citation) -> str:
    passage = citation.passage
    counts = Counter(repair.kind for repair in passage.repairs)
    repairs = "、".join(f"{REPAIRS[kind]} {count} 处" for kind, count in counts.items())
    facts = {
        "文件": citation.document.file,
        "位置": f"第 {passage.source_start}–{passage.source_end} 字符",
        "整理": repairs or "无，与原文一字不差",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{_safe(fact)}</dd>" for name, fact in facts.items())
    return (
        "<details><summary>原文</summary>"
        f'<blockquote class="verbatim">{_safe(passage.source_text)}</blockquote>'
        f"<dl>{rows}</dl></details>"
    )


def _safe(text: str) -> str:
    """Escape for HTML; a lone surrogate, which no response can carry, becomes a question mark."""
    return escape(text).encode("utf-8", "replace").decode()
