"""The panel beside the chat, in HTML: what was cited, where it stands, how it was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape

from index.opened import Index
from index.records import Metadata, Span
from qa.answer import Answer, Citation
from qa.citing import address, markdown, plain, position, reference
from qa.comparison import Column, Comparison
from qa.pages.message import anchor, drop, heading, reasons, sureness
from qa.printing import REPAIRS, explain
from qa.verdict import Verdict

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


def sources(answer: Answer, turn: int, compared: bool = False) -> str:
    """Return the panel of an answer: one card a citation, the best ``OPEN`` unfolded.

    ``compared`` offers to ask each plan on its own.
    """
    asked = _asked(answer, turn)
    verdict = f"<strong>{_safe(heading(answer))}</strong>"
    why = _safe(reasons(answer))
    if not answer.citations:
        return _head(f"{verdict}。{why or '也没有找到相近的段落。'}", asked)
    if answer.verdict == "answered":
        verdict += f"（把握{sureness(answer.confidence)}，约 {answer.confidence:.0%}）"
    cards = [_card(citation, turn) for citation in answer.citations]
    folded = ""
    if len(cards) > OPEN:
        label = f"另外 {len(cards) - OPEN} 段相近的"
        folded = f'<details class="more"><summary>{label}</summary>{"".join(cards[OPEN:])}</details>'
    told = "".join(f'<p class="note">{_safe(explain(expansion))}</p>' for expansion in answer.expansions)
    each = f'<p class="ways"><a href="#compare-{turn}">逐份规划对比</a></p>' if compared else ""
    return (
        _head(f"{verdict}。{why}{_NOTES[answer.verdict]}", asked)
        + told
        + each
        + f'<div class="cards {answer.verdict}">{"".join(cards[:OPEN])}{folded}</div>'
    )


def _asked(answer: Answer, turn: int) -> str:
    chips = "".join(
        f'<li class="chip">{_safe(said)}<a href="#{drop(turn, step)}"'
        f' aria-label="{_safe(f"{back}（{said}）")}">{_safe(back)}</a></li>'
        for step, said, back in answer.steps
    )
    row = f'<ul class="chips" aria-label="按这样的理解查找">{chips}</ul>' if chips else ""
    return f'<p class="asked">问：{_safe(answer.question)}</p>{row}'


def columns(comparison: Comparison, turn: int) -> str:
    """Return the panel of a comparison: one column a plan, with its best citation or 该规划未提及."""
    cells = "".join(_column(column, number) for number, column in enumerate(comparison.columns, 1))
    left = f"另有 {comparison.left_out} 份规划没有列出。" if comparison.left_out else ""
    asked = f'<p class="asked">问：{_safe(comparison.question)}</p>'
    note = _safe(comparison.error or f"同一个问题，逐份规划各问一次。{left}")
    back = f'<p class="ways"><a href="#{anchor(turn, 0)}">回到引文</a></p>'
    return f'{_head(note, asked)}{back}<div class="plans">{cells}</div>'


def _column(column: Column, number: int) -> str:
    metadata = column.document.metadata
    name = f"plan-{number}"
    head = (
        f'<h3 id="{name}"><span class="document">《{_safe(metadata.title)}》</span></h3>'
        f'<p class="path">{_safe(metadata.date or "日期不详")}</p>'
        f'<p class="verdict">{_safe(column.said)}</p>'
    )
    citation = column.citation
    said = ""
    if citation is not None:
        said = (
            f'<p class="path">{_safe(position(citation))}</p>'
            f'<p class="text">{_marked(citation.passage.text, citation.evidence)}</p>'
        )
    return f'<section class="plan {column.answer.verdict}" aria-labelledby="{name}">{head}{said}</section>'


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
        f'<span class="path"><span class="document">《{_safe(metadata.title)}》</span> '
        f"{_safe(path)}</span></div></header>"
        f'<p class="text">{_marked(citation.passage.text, citation.evidence)}</p>'
        f"{_also(citation)}{_source(citation)}{_references(citation)}</article>"
    )


def _also(citation: Citation) -> str:
    places = "".join(f"<li>{_safe(address(other))}</li>" for other in citation.also)
    return f'<p class="also">另见</p><ul class="also">{places}</ul>' if places else ""


def _references(citation: Citation) -> str:
    texts = {
        "带出处的引文": plain(citation),
        "GB/T 7714": reference(citation),
        "Markdown": markdown(citation),
    }
    rows = "".join(
        f'<dt>{name}</dt><dd><span class="copied">{_safe(text)}</span>'
        f'<button type="button" class="copy" aria-label="复制{name}">复制</button></dd>'
        for name, text in texts.items()
    )
    return f'<details><summary>引用</summary><dl class="references">{rows}</dl></details>'


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
