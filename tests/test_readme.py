"""What README says is what the program prints."""

from __future__ import annotations

import re
from pathlib import Path

from click import Context

from eval.measures import judge, summarise
from eval.report import as_markdown
from eval.runs import RETRIEVERS, make_run
from eval.sets import read_set
from index.opened import Index
from qa.assistant import Assistant
from qa.command_line import planqa
from qa.printing import as_text

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_score_table_is_the_printed_one(seeds_index: Index) -> None:
    questions = read_set("seeds")
    tables = {
        name: summarise(questions, judge(questions, make_run(questions, seeds_index, RETRIEVERS[name])))
        for name in ("hybrid", "dense", "bm25")
    }
    assert as_markdown(tables) in README
    overall = tables["hybrid"][0].values
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"{overall['hit@1']:.3f} / {overall['hit@5']:.3f}（混合，默认）" in changelog


def test_the_example_is_the_printed_one(assistant: Assistant) -> None:
    command = re.search(r'\$ planqa ask "(.*)" --top-k 1\n', README)
    assert command
    assert as_text(assistant.ask(command[1], top_k=1)) in README


def test_every_command_is_named() -> None:
    assert all(f"planqa {name}" in README for name in planqa.list_commands(Context(planqa)))


def test_the_file_map_names_every_room() -> None:
    for room in ("index", "qa", "eval"):
        for path in (ROOT / room).glob("*.py"):
            if path.name != "__init__.py":
                assert re.search(rf"^ +{path.name} ", README, re.M), path
        for path in (ROOT / room).iterdir():
            if path.is_dir() and path.name not in {"__pycache__", "sets"}:
                assert f"  {path.name}/" in README, path
    named = set(re.findall(r"^ +(\w+\.(?:py|json)) ", README, re.M))
    there = {p.name for room in ("index", "qa", "eval") for p in (ROOT / room).iterdir()}
    assert named <= there
