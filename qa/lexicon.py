"""白话词表: plain words → official words, as text files that people can read, correct and extend.

One line an entry, ``plain⇥official|official``, in one file a policy field below ``qa/lexicon``; lines
that begin with ``#`` are comments. A file of one's own is added with ``--lexicon``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from index.records import PlanqaError

FOLDER = Path(__file__).parent / "lexicon"


@dataclass(frozen=True, slots=True)
class Expansion:
    """A plain word of the question, and the official words that are searched beside it."""

    plain: str
    official: tuple[str, ...]


class Lexicon:
    """Plain words with their official words."""

    def __init__(self, entries: dict[str, tuple[str, ...]]) -> None:
        """Take the entries: plain → official, the best first."""
        self._entries = {plain: "|".join(official) for plain, official in entries.items()}

    @classmethod
    def read(cls, paths: Iterable[Path]) -> Lexicon:
        """Read files of entries; of two entries for one plain word, the official words are joined.

        Raises:
            PlanqaError: a file cannot be read, or a line is no entry.
        """
        lexicon = cls({})
        for path in paths:
            for plain, official in _read(path):
                known = lexicon._entries.get(plain)
                lexicon._entries[plain] = f"{known}|{official}" if known else official
        return lexicon

    def __len__(self) -> int:
        """Return the number of plain words."""
        return len(self._entries)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._entries), default=0)

    def extend(self, path: Path) -> Lexicon:
        """Return this lexicon with the entries of a file, which come before its own."""
        extended = Lexicon.read([path])
        for plain, official in self._entries.items():
            own = extended._entries.get(plain)
            extended._entries[plain] = f"{own}|{official}" if own else official
        return extended

    def expand(self, text: str) -> tuple[Expansion, ...]:
        """Find the plain words of ``text``, in order; of those inside one another the longest."""
        found: list[tuple[int, int]] = []
        for start in range(len(text)):
            for end in range(min(len(text), start + self._longest), start + 1, -1):
                if text[start:end] in self._entries:
                    if not found or end > found[-1][1]:
                        found.append((start, end))
                    break
        words = dict.fromkeys(text[start:end] for start, end in found)
        return tuple(Expansion(word, self._official(word)) for word in words)

    def _official(self, plain: str) -> tuple[str, ...]:
        words = (word.strip() for word in self._entries[plain].split("|"))
        return tuple(dict.fromkeys(word for word in words if word))


def _read(path: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PlanqaError(f"词表“{path}”读不出来；请给出 UTF-8 文本文件。") from error
    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        plain, tab, official = line.partition("\t")
        if tab and plain.strip() and official.strip("| \r"):
            yield plain.strip(), official
        elif line.strip():
            raise PlanqaError(f"词表“{path}”第 {number} 行应是“白话⇥公文词|公文词”。请改正后重试。")


@cache
def bundled_lexicon() -> Lexicon:
    """Read the lexicon that comes with the project, once."""
    return Lexicon.read(sorted(FOLDER.glob("*.tsv")))
