"""An answer as a message of the chat, in Markdown: the verdict, then places and evidence in few words."""

from __future__ import annotations

import re

from qa.answer import Answer, Citation
from qa.verdict import WORDS

SHOWN = 3
"""Citations in a message; the others stand in the panel only."""

_SURE = ((0.85, "很大"), (0.65, "较大"), (0.5, "一般"), (0.2, "不大"), (0.0, "很小"))
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_TOO_LONG = 90  # characters of a sentence in a message


def sureness(confidence: float) -> str:
    """Say a confidence in words."""
    return next(word for least, word in _SURE if confidence >= least)


def escape(text: str) -> str:
    """Return Markdown that shows ``text`` as it is: no markup, picture or link comes of it."""
    lines = (line.strip() for line in text.encode("utf-8", "replace").decode().splitlines())
    return "\n".join(_PUNCTUATION.sub(r"\\\1", line) for line in lines if line)


def unescape(markdown: str) -> str:
    """Return the text that ``escape`` made ``markdown`` of."""
    return _ESCAPED.sub(r"\1", markdown)


def anchor(turn: int, rank: int) -> str:
    """Name the card of citation ``rank`` in the answer to the chat's ``turn``-th question (from 1)."""
    return f"citation-{turn}-{rank}"


def as_message(answer: Answer, turn: int) -> str:
    """Return the chat message: ``[n]`` leads to its card in the panel."""
    sure = sureness(answer.confidence)
    heading = f"**{WORDS[answer.verdict]}**"
    if not answer.citations:
        return f"{heading}\n\n也没有找到相近的段落。"
    if answer.verdict == "answered":
        said = f"{heading} · 把握{sure}"
    elif answer.verdict == "related":
        said = f"{heading}\n\n下面的段落能回答的把握{sure}，请对照原文判断。"
    else:
        said = f"{heading}\n\n下面只是意思最接近的段落，不是回答。"
    paragraphs = [said, *(_citation(citation, turn) for citation in answer.citations[:SHOWN])]
    left = len(answer.citations) - SHOWN
    if left > 0:
        paragraphs.append(f"[另有 {left} 段，见「引文与出处」](#{anchor(turn, SHOWN + 1)})")
    return "\n\n".join(paragraphs)


def _citation(citation: Citation, turn: int) -> str:
    text = citation.passage.text
    said = "……".join(text[span.start : span.end] for span in citation.evidence) or text
    short = said if len(said) <= _TOO_LONG else said[: _TOO_LONG - 1] + "…"
    link = f"[\\[{citation.rank}\\]](#{anchor(turn, citation.rank)})"
    return f"{link} {escape(short)}\n*{escape(citation.place)}*"
