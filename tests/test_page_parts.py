"""The parts of the page that need no browser: message, panel, examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document
from hypothesis import given
from hypothesis import strategies as st

from eval.sets import SETS
from index.build import build_index
from index.opened import Index
from qa.assistant import Assistant
from qa.pages.ask import EXAMPLES
from qa.pages.message import as_message, escape, sureness, unescape
from qa.pages.sources import OPEN, sources

WAY_TO_JINAN = "莱芜到济南的城际铁路什么时候通车？"
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
