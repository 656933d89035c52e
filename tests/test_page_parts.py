"""The parts of the page that need no browser: message, panel, examples."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document
from hypothesis import given
from hypothesis import strategies as st

from eval.sets import SETS
from index.build import build_index
from index.opened import Index
from qa.assistant import Assistant
from qa.citing import address
from qa.pages.ask import EXAMPLES
from qa.pages.message import as_message, escape, heading, sureness, unescape
from qa.pages.message import reasons as said_against
from qa.pages.sources import OPEN, sources
from qa.verdict import WORDS, Verdict

WAY_TO_JINAN = "莱芜到济南的城际铁路什么时候通车？"
RELATED = WORDS["related"]
LACKS = "找到相关段落，但没有给出金额"
NOWHERE = "规划中没有提到“杭州”"
HOSTILE = "<img src=x onerror=\"document.title='坏'\">"


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    lines = [line.strip() for line in text.encode("utf-8", "replace").decode().splitlines()]
    assert unescape(escape(text)) == "\n".join(line for line in lines if line)


@pytest.mark.parametrize(
    ("confidence", "word"),
    [(1.0, "很大"), (0.85, "很大"), (0.84, "较大"), (0.5, "一般"), (0.3, "不大"), (0.0, "很小")],
)
def test_confidence_is_said_in_words(confidence: float, word: str) -> None:
    assert sureness(confidence) == word


def test_markup_in_a_plan_is_shown_as_text(tmp_path: Path) -> None:
    text = f"道路。修路,修路,修路。{HOSTILE}"
    encoder = CountingEncoder()
    build_index([small_document("<b>坏</b>", text, "供水供电。")], encoder, tmp_path)
    answer = Assistant(Index(tmp_path, encoder)).ask("修路")
    panel = sources(answer, 1)
    assert "<img" not in panel
    assert "<b>" not in panel
    assert "&lt;img src=x" in panel
    assert not re.search(r"(?<!\\)[<>]", as_message(answer, 1))


def test_the_best_cards_are_open_and_the_others_folded(assistant: Assistant) -> None:
    panel = sources(assistant.ask(WAY_TO_JINAN), 1)
    shown, folded = panel.split('<details class="more">')
    assert shown.count("<article") == OPEN
    assert folded.count("<article") == 10 - OPEN


def test_no_example_is_a_question_of_the_development_set() -> None:
    lines = (SETS / "seeds" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["text"] for line in lines]
    assert len(asked) > 100
    for example in EXAMPLES:
        assert max(overlap(example, question) for question in asked) < 0.6


def overlap(one: str, other: str) -> float:
    """Return the shared pairs of characters, as a share of the shorter question's."""
    first, second = ({text[n : n + 2] for n in range(len(text) - 1)} for text in (one, other))
    return len(first & second) / min(len(first), len(second))


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_has_an_answer(assistant: Assistant, example: str) -> None:
    assert assistant.ask(example).verdict == "answered"


@pytest.mark.parametrize(
    ("earlier", "question", "verdict", "reasons", "head", "more"),
    [
        ([], "铁路", "answered", (), "规划中有", ""),
        ([], "铁路", "related", (), RELATED, ""),
        ([], "铁路", "related", (LACKS,), RELATED, "没有给出金额。"),
        ([], "铁路", "none", (), "规划中没有提到", ""),
        ([], "铁路", "none", (LACKS,), "规划中没有提到", ""),
        ([], "铁路", "none", (NOWHERE, LACKS), NOWHERE, ""),
        ([], "铁路", "related", (NOWHERE, LACKS), RELATED, f"{NOWHERE}。没有给出金额。"),
        (["铁路"], "还有别的吗", "none", (), "规划中没有再提到", ""),
    ],
)
def test_a_verdict_and_its_reasons_say_nothing_twice(
    assistant: Assistant,
    earlier: list[str],
    question: str,
    verdict: Verdict,
    reasons: tuple[str, ...],
    head: str,
    more: str,
) -> None:
    found = assistant.ask(question, earlier=earlier)
    answer = replace(found, verdict=verdict, reasons=reasons)
    assert (heading(answer), said_against(answer)) == (head, more)
    assert head in unescape(as_message(answer, 1))
    assert head in sources(answer, 1)


def test_filters_that_leave_nothing_are_no_verdict(assistant: Assistant) -> None:
    answer = assistant.ask("2019年那份规划怎么说铁路")
    assert heading(answer) == "没有可查的规划"
    assert said_against(answer).startswith("没有符合年份“2019”的规划文档。现有：")
    assert "。。" not in sources(answer, 1) + as_message(answer, 1)


def test_where_else_it_stands_is_told_below_a_card(assistant: Assistant) -> None:
    answer = assistant.ask(WAY_TO_JINAN)
    first, second = answer.citations[:2]
    panel = sources(replace(answer, citations=(first.see_also(second),)), 1)
    assert f'另见</p><ul class="also"><li>{address(second)}</li></ul>' in panel
    assert 'class="also"' not in sources(replace(answer, citations=(first,)), 1)
