"""Imports run one way: index ← qa ← {app, eval}; rooms are small and named."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "index": {"index"},
    "qa": {"index", "qa"},
    "eval": {"index", "qa", "eval"},
    "app": {"index", "qa", "app"},
}
FILES = [
    ROOT / "app.py",
    *(p for room in ("index", "qa", "eval") for p in sorted((ROOT / room).rglob("*.py"))),
]
OURS = {"index", "qa", "eval", "app", "tests", "seeds"}


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_nothing_imports_what_lies_above_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0].removesuffix(".py")
    rooms = {name.split(".")[0] for name in imported(path)} & OURS
    assert rooms <= MAY_IMPORT[room]


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_rooms_are_small_and_edit_no_path(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= 320
    assert "sys.path" not in text
    assert "import eval\n" not in text


@pytest.mark.parametrize("module", ["qa.assistant", "qa.command_line", "eval.command_line", "app"])
def test_a_question_does_not_wait_for_torch_or_gradio(module: str) -> None:
    heavy = "{'torch', 'sentence_transformers', 'gradio', 'jieba'}"
    code = f"import sys, {module}; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert run.stdout.strip() == "set()"


def test_no_dev_question_stands_in_code_or_data_of_index_and_qa() -> None:
    import json

    lines = (ROOT / "eval" / "sets" / "seeds" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["text"] for line in lines]
    assert len(questions) == 150
    for room in ("index", "qa"):
        for path in (ROOT / room).rglob("*"):
            if path.suffix in {".py", ".json", ".toml", ".tsv", ".txt", ".css"} and path.is_file():
                text = path.read_text(encoding="utf-8")
                assert not [q for q in questions if q in text], path
