"""Lines → furniture, headings and paragraphs, each paragraph under the headings above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.records import LeftOut, Span

_NUMBER = "[一二三四五六七八九十百零〇两0-9]+"
_HEADINGS = (
    # level, what such a heading looks like; a lower level stands above a higher one
    (1, re.compile(rf"第{_NUMBER}[编篇編](?![、,，。])")),
    (2, re.compile(rf"第{_NUMBER}章(?![、,，。])")),
    (3, re.compile(rf"第{_NUMBER}[节節](?![、,，。])")),
    (4, re.compile(rf"{_NUMBER}、")),
    (5, re.compile(rf"[（(]{_NUMBER}[）)]")),
)
_MARKDOWN = re.compile(r"(#{1,6})\s+")
_BOX = re.compile(r"专栏\s*\d*")
_BOX_LEVEL, _SUBHEAD_LEVEL = 9, 8
_LONGEST_HEADING = 40
_LONGEST_LEAD_IN = 16
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:，,、…|]$")
_BROKEN = re.compile(r"[、，,（(《“]$")
_LEAD_IN = re.compile(rf"([^，,、；;：:。！？!?]{{2,{_LONGEST_LEAD_IN}}})。(?=\S)")
_TOPIC = re.compile(r"在.{2,30}方面[,，]")
_CONTINUES = re.compile(r"其中[,，]")

_SITE_HEAD = re.compile(r"首[页頁].{0,30}正文$")
_META = re.compile(r"发布时间[:：]|發佈時間[:：]|\d{4}年\d{1,2}月\d{1,2}日.{0,20}[来來]源[:：]")
_EDITOR = re.compile(r"[（(【]?(?:[责責]任)?[编編][辑輯][:：]")
_EDGE_LINES = 6  # site furniture stands within so many lines of the top


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One natural paragraph: where it lies in the reading text, and what stands above it."""

    start: int
    end: int
    heading_path: tuple[str, ...]
    context: str


def _lines(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and text of every line that is not blank, white space at its ends excepted."""
    for match in re.finditer(r"[^\n]+", text):
        line = match[0].strip()
        if line:
            start = match.start() + match[0].index(line)
            yield start, start + len(line), line


def split_furniture(decoded: str) -> tuple[Span, tuple[LeftOut, ...]]:
    """Return where the text of a source begins and ends, and the lines outside it with the reason."""
    lines = list(_lines(decoded))
    left_out: list[LeftOut] = []
    first = 0
    head = lines[:_EDGE_LINES]
    for number, (start, end, line) in enumerate(head):
        if _SITE_HEAD.match(line):
            left_out.append(LeftOut("furniture", start, end))
        elif _META.match(line):
            left_out.append(LeftOut("metadata", start, end))
        elif (number == 0 or left_out) and _is_title(head[number:]):
            left_out.append(LeftOut("title", start, end))
        else:
            break
        first = number + 1
    last = next((n for n, (_, _, line) in enumerate(lines) if n >= first and _EDITOR.match(line)), len(lines))
    left_out += [LeftOut("furniture", start, end) for start, end, _ in lines[last:]]
    text = lines[first:last]
    return Span(text[0][0], text[-1][1]) if text else Span(0, 0), tuple(left_out)


def _is_title(lines: list[tuple[int, int, str]]) -> bool:
    """A title is short, unnumbered, and followed by a line of metadata or another line like it."""
    line = lines[0][2]
    if _level(line) or len(line) > _LONGEST_HEADING or _ENDS_SENTENCE.search(line):
        return False
    return len(lines) > 1 and bool(_META.match(lines[1][2]))


def _level(line: str) -> int | None:
    """Return the level of a numbered or marked heading; None for anything else.

    A cross-reference (按照第三章要求) does not begin with its number, and a list item or a clause
    ends like a sentence; neither is a heading.
    """
    if len(line) > _LONGEST_HEADING or _ENDS_SENTENCE.search(line):
        return None
    if mark := _MARKDOWN.match(line):
        return len(mark[1])
    return next((level for level, pattern in _HEADINGS if pattern.match(line)), None)


def _is_subhead(line: str, following: str | None) -> bool:
    """An unnumbered heading: short, no sentence, and a paragraph right below it."""
    if len(line) > 30 or _ENDS_SENTENCE.search(line) or "。" in line or following is None:
        return False
    return bool(_ENDS_SENTENCE.search(following)) or len(following) > _LONGEST_HEADING


@dataclass(slots=True)
class _Walk:
    """The headings and the topic sentence in force at a line."""

    headings: list[tuple[int, str]] = field(default_factory=list)
    topic: str = ""
    in_box: bool = False

    def open(self, level: int, heading: str) -> None:
        self.headings = [(above, text) for above, text in self.headings if above < level]
        self.headings.append((level, heading))
        self.in_box = level == _BOX_LEVEL
        if level != _BOX_LEVEL:
            self.topic = ""

    def close_box(self) -> None:
        self.headings = [(level, text) for level, text in self.headings if level != _BOX_LEVEL]
        self.in_box = False


def find_paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a reading text in order.

    A line that stops amid an enumeration is joined with the next one; a lead-in (``铁路。…``) is the
    last step of its paragraph's heading path; a box (专栏) holds the paragraph below its heading.
    """
    lines = list(_lines(text))
    walk = _Walk()
    number = 0
    while number < len(lines):
        start, end, line = lines[number]
        number += 1
        following = lines[number][2] if number < len(lines) else None
        if (level := _heading_level(line, following)) is not None:
            walk.open(level, _MARKDOWN.sub("", line))
            continue
        while number < len(lines) and _BROKEN.search(text[start:end]):
            end = lines[number][1]
            number += 1
        paragraph = text[start:end]
        path = tuple(heading for _, heading in walk.headings)
        if (lead_in := _LEAD_IN.match(paragraph)) and not walk.in_box:
            path = (*path, lead_in[1])
        following = lines[number][2] if number < len(lines) else ""
        if _TOPIC.match(paragraph) and _CONTINUES.match(following):
            walk.topic = ""
            yield Paragraph(start, end, path, "")
            walk.topic = paragraph
        else:
            yield Paragraph(start, end, path, walk.topic)
        if walk.in_box:
            walk.close_box()


def _heading_level(line: str, following: str | None) -> int | None:
    if _BOX.match(line) and len(line) <= _LONGEST_HEADING and not _ENDS_SENTENCE.search(line):
        return _BOX_LEVEL
    level = _level(line)
    if level is None and _is_subhead(line, following):
        return _SUBHEAD_LEVEL
    return level
