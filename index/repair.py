"""Recorded repairs: from the source as found to the text that is read, offset by offset.

A ``Reading`` is a text whose every character knows its place in the decoded source. Repairs are
edits of a reading; what they changed can be read off it again (``Reading.repairs``).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING

from index.records import Repair, RepairKind

if TYPE_CHECKING:
    from opencc import OpenCC

_CJK = "\u3400-\u9fff"
_PINYIN = re.compile(r"(?<=\S)\([a-zɑɡü]{0,5}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹḿ][a-zɑɡ]{0,4}\)")
LINE_ENDS = "\n\r\x0b\x0c\x85\u2028\u2029"
INVISIBLE = "\u200b\ufeff\ue5e5"  # white space that ``str.isspace`` does not know; U+E5E5 is GBK's A3A0
_BLANK = f" \t\u00a0\u3000{INVISIBLE}"
SPACE = re.compile(rf"(?<=[{_CJK}])[{_BLANK}]+(?=[{_CJK}0-9A-Za-z])|(?<=[0-9A-Za-z])[{_BLANK}]+(?=[{_CJK}])")
_LINE_BREAK = re.compile(rf"[{_BLANK}]*[{LINE_ENDS}][{_BLANK}{LINE_ENDS}]*")
_TABLE_EDGE = re.compile(r"\s*\|\s*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of reading text and the source it stands for; ``kind`` is None where they agree."""

    text: str
    source_start: int
    source_end: int
    kind: RepairKind | None = None

    def cut(self, at: int) -> tuple[Piece, Piece]:
        """Split after ``at`` characters; a piece of unequal lengths keeps its source on the left."""
        even = len(self.text) == self.source_end - self.source_start
        middle = self.source_start + at if even else self.source_end
        return (
            replace(self, text=self.text[:at], source_end=middle),
            replace(self, text=self.text[at:], source_start=middle),
        )


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``[start, end)`` of a reading's text by ``text``."""

    start: int
    end: int
    text: str
    kind: RepairKind


@dataclass(frozen=True, slots=True)
class Reading:
    """A text made of pieces that cover their stretch of the source in order and without a gap."""

    pieces: tuple[Piece, ...]
    starts: tuple[int, ...] = field(init=False, repr=False, compare=False)
    """Where each piece begins in the text."""

    def __post_init__(self) -> None:
        lengths = (len(piece.text) for piece in self.pieces[:-1])
        object.__setattr__(self, "starts", tuple(accumulate(lengths, initial=0)))

    @classmethod
    def of(cls, decoded: str, start: int, end: int) -> Reading:
        """Read ``decoded[start:end]`` as it stands."""
        return cls((Piece(decoded[start:end], start, end),))

    @property
    def text(self) -> str:
        """The reading text."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def source_span(self) -> tuple[int, int]:
        """First and last offset of the source that this reading covers."""
        return self.pieces[0].source_start, self.pieces[-1].source_end

    def edit(self, edits: Iterable[Edit]) -> Reading:
        """Return the reading with ``edits`` (in order, not overlapping) made."""
        done: list[Piece] = []
        rest = deque(self.pieces)
        position = 0
        for edit in edits:
            done += _take(rest, edit.start - position)
            covered = _take(rest, edit.end - edit.start)
            done.append(Piece(edit.text, covered[0].source_start, covered[-1].source_end, edit.kind))
            position = edit.end
        return Reading((*done, *rest))

    def slice(self, start: int, end: int) -> Reading:
        """Return the reading of ``text[start:end]``, with what was left out right after it."""
        if start >= end:
            return Reading(())
        first = bisect_right(self.starts, start) - 1
        last = bisect_left(self.starts, end)
        rest = deque(self.pieces[first:last])
        _take(rest, start - self.starts[first])
        taken = _take(rest, end - start)
        while not rest and last < len(self.pieces) and not self.pieces[last].text:
            taken.append(self.pieces[last])
            last += 1
        return Reading(tuple(taken))

    def repairs(self, decoded: str) -> tuple[Repair, ...]:
        """List the places where text and source differ; neighbours of one kind are one place."""
        found: list[Repair] = []
        position = 0
        for piece in self.pieces:
            end = position + len(piece.text)
            if piece.kind is not None:
                last = found[-1] if found else None
                start, source_start = position, piece.source_start
                if last and last.kind == piece.kind and last.source_end == source_start and last.end == start:
                    start, source_start = last.start, last.source_start
                    found.pop()
                original = decoded[source_start : piece.source_end]
                found.append(Repair(piece.kind, start, end, source_start, piece.source_end, original))
            position = end
        return tuple(found)


def _take(rest: deque[Piece], length: int) -> list[Piece]:
    taken: list[Piece] = []
    while length > 0:
        piece = rest.popleft()
        if len(piece.text) > length:
            piece, right = piece.cut(length)
            rest.appendleft(right)
        taken.append(piece)
        length -= len(piece.text)
    return taken


def remove(reading: Reading, pattern: re.Pattern[str], kind: RepairKind) -> Reading:
    """Leave out every match of ``pattern``."""
    return reading.edit(Edit(m.start(), m.end(), "", kind) for m in pattern.finditer(reading.text))


def remove_annotations(reading: Reading) -> Reading:
    """Leave out pronunciation marks: ``發(fā)展`` → ``發展``."""
    return remove(reading, _PINYIN, "annotation")


def tidy_paragraph(reading: Reading) -> Reading:
    """Join broken lines, close spaces around Chinese characters, drop the remains of a table's edge."""
    joined = remove(reading, _LINE_BREAK, "line_break")
    return remove(remove(joined, SPACE, "space"), _TABLE_EDGE, "layout")


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC  # its dictionaries are needed only where there is something to convert

    return OpenCC("t2s")


def simplify_text(text: str) -> str:
    """Return ``text`` in simplified characters, one for one."""
    return "".join(_simplify_line(line) for line in text.splitlines(keepends=True))


def _simplify_line(line: str) -> str:
    converted: str = _converter().convert(line)
    if len(converted) == len(line):
        return converted
    # OpenCC may change the length of a phrase; character by character it cannot.
    return "".join(_converter().convert(character)[:1] for character in line)


def is_traditional(text: str) -> bool:
    """Tell whether ``text`` is written in traditional characters (more than 5 % differ)."""
    characters = [c for c in text if "\u3400" <= c <= "\u9fff"]
    sample = "".join(characters[:4000])
    changed = sum(a != b for a, b in zip(sample, simplify_text(sample), strict=True))
    return changed > 0.05 * max(len(sample), 1)


def simplify(reading: Reading) -> Reading:
    """Return the reading in simplified characters; a mended place stays one repair."""
    simplified = simplify_text(reading.text)
    pieces: list[Piece] = []
    position = 0
    for piece in reading.pieces:
        new = simplified[position : position + len(piece.text)]
        position += len(piece.text)
        if piece.kind is not None or new == piece.text:
            pieces.append(replace(piece, text=new))
            continue
        for offset, (old_char, new_char) in enumerate(zip(piece.text, new, strict=True)):
            at = piece.source_start + offset
            kind: RepairKind | None = None if old_char == new_char else "simplified"
            last = pieces[-1] if pieces else None
            if last and last.kind == kind and last.source_end == at and (offset > 0):
                pieces[-1] = replace(last, text=last.text + new_char, source_end=at + 1)
            else:
                pieces.append(Piece(new_char, at, at + 1, kind))
    return Reading(tuple(pieces))
