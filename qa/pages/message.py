"""An answer as a message of the chat, in Markdown: the verdict, then places and evidence in few words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.answer import Answer, Citation
from qa.understanding import Step
from qa.verdict import WORDS, Verdict

SHOWN = 3
"""Citations in a message; the others stand in the panel only."""

_SURE = ((0.85, "很大"), (0.65, "较大"), (0.5, "一般"), (0.2, "不大"), (0.0, "很小"))
_FOUND = "找到相关段落，但"  # so begins a reason; the verdict says it already, or denies it
_NO_MORE: dict[Verdict, str] = {"none": "规划中没有再提到"}
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


def drop(turn: int, step: Step) -> str:
    """Name what takes a step of reading the chat's ``turn``-th question back."""
    return f"drop-{turn}-{step}"


def as_message(answer: Answer, turn: int) -> str:
    """Return the chat message: ``[n]`` leads to its card in the panel, other links take a step back."""
    chips = [f"*{escape(said)}* [{escape(back)}](#{drop(turn, step)})" for step, said, back in answer.steps]
    return "\n\n".join((*chips, *_said(answer), *_cited(answer, turn)))


def heading(answer: Answer) -> str:
    """Say the verdict: a reason that says the same, and of what, takes its place."""
    if answer.reasons and not answer.citations:
        return "没有可查的规划"  # the filters left none
    words = WORDS[answer.verdict]
    if answer.understood and answer.understood.carried and answer.understood.carried.more:
        words = _NO_MORE.get(answer.verdict, words)
    return next((reason for reason in answer.reasons if reason.startswith(words)), words)


def reasons(answer: Answer) -> str:
    """Say what else speaks against an answer, in whole sentences, without what ``heading`` says."""
    said = [reason for reason in answer.reasons if reason != heading(answer)]
    if answer.verdict == "none":
        said = [reason for reason in said if not reason.startswith(_FOUND)]
    return "".join(f"{reason.removeprefix(_FOUND).rstrip('。')}。" for reason in said)


def _said(answer: Answer) -> tuple[str, ...]:
    sure = sureness(answer.confidence)
    head = f"**{escape(heading(answer))}**"
    why = escape(reasons(answer))
    if not answer.citations:
        return head, why or "也没有找到相近的段落。"
    if answer.verdict == "answered":
        return (f"{head} · 把握{sure}",)
    if answer.verdict == "related":
        return head, f"{why}下面的段落能回答的把握{sure}，请对照原文判断。"
    return head, f"{why}下面只是意思最接近的段落，不是回答。"


def _cited(answer: Answer, turn: int) -> Iterator[str]:
    yield from (_citation(citation, turn) for citation in answer.citations[:SHOWN])
    left = answer.citations[SHOWN:]
    if left:
        yield f"[另有 {len(left)} 段，见「引文与出处」](#{anchor(turn, left[0].rank)})"


def _citation(citation: Citation, turn: int) -> str:
    text = citation.passage.text
    said = "……".join(text[span.start : span.end] for span in citation.evidence) or text
    short = said if len(said) <= _TOO_LONG else said[: _TOO_LONG - 1] + "…"
    link = f"[\\[{citation.rank}\\]](#{anchor(turn, citation.rank)})"
    return f"{link} {escape(short)}\n*{escape(citation.place)}*"
