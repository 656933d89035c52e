"""Lines → headings and paragraphs, each paragraph under the headings above it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.garbled import UNREADABLE
from index.repair import INVISIBLE, LINE_ENDS, SPACE

Line = tuple[int, int, str]
"""Start, end and text of a line that is not blank, white space at its ends excepted."""

_LINE = re.compile(rf"[^\s{INVISIBLE}](?:[^{LINE_ENDS}]*[^\s{INVISIBLE}])?")
EDITOR = re.compile(r"[（(【]?(?:[责責]任)?[编編][辑輯][:：]")
_CHINESE = "[一二三四五六七八九十百零〇两]+"
_NUMBER = "[一二三四五六七八九十百零〇两0-9]+"
_HEADINGS = (
    # level, what such a heading looks like; a lower level stands above a higher one
    (1, re.compile(rf"第{_NUMBER}[编篇編](?![、,，。])")),
    (1, re.compile(r"附[件录]\s*[一二三四五六七八九十0-9]*$")),
    (2, re.compile(rf"第{_NUMBER}章(?![、,，。])")),
    (3, re.compile(rf"第{_NUMBER}[节節](?![、,，。])")),
    (4, re.compile(rf"{_CHINESE}、")),
    (5, re.compile(rf"[（(]{_CHINESE}[）)]")),
    (6, re.compile(r"[0-9]+、")),
    (7, re.compile(r"[（(][0-9]+[）)]")),
)
_STATED = (4, 5)  # levels whose headings may end in a full stop
_SUBHEAD_LEVEL, _TERM_LEVEL, _BOX_LEVEL, _LEAD_IN_LEVEL = 8, 9, 10, 11  # the last two hold one paragraph
_MARKDOWN = re.compile(r"(#{1,6})\s+")
_HEADING_NUMBER = re.compile(rf"(?:第{_NUMBER}[编篇編章节節]|专栏\s*\d*)\s*")
_BOX = re.compile(r"专栏\s*\d*")
_TERM = re.compile(r"(?:\d+[.．、]|[\[［〔]\d+[\]］〕]).{1,30}[:：]$")
_LONGEST_HEADING, _LONGEST_STATED = 40, 60
_LONGEST_LEAD_IN = 16
_ENDS_SENTENCE = re.compile(r"[。！？!?；;：:，,、…|]$")
_BROKEN = re.compile(r"[、，,（(《“]$")
_BROKEN_WORD = re.compile(
    rf"[\u4e00-\u9fff，、；。（“][0-9A-Za-z.{LINE_ENDS}]{{0,8}}[0-9A-Za-z]$"
)  # PM ⏎ 2.5 ⏎ 浓度
_CONTINUATION = re.compile(r"[，、；：。）”]|是[:：]")  # no line begins like that
_WRITTEN = re.compile(rf"[\w{UNREADABLE}]")
_WORDS = re.compile(r"[^\W\d_]{2}")
_LEAD_IN = re.compile(rf"([^，,、；;：:。！？!?]{{2,{_LONGEST_LEAD_IN}}})。(?=\S)")
_ORDINAL = re.compile(rf"[（(]?{_CHINESE}(?:是|[、）)])")
_STATES = re.compile(r"[0-9０-９]|突破|完成|实现|增长|是|(?<![发通直])达(?!标)")
_TOPIC = re.compile(r"在.{2,30}方面[,，]")
_CONTINUES = re.compile(r"其中[,，]")
_CLOSES = re.compile(r"特此|附件|本[^，,。；;]{2,8}自[^，,。；;]{2,20}(?:施行|实施|实行|执行|生效)")
_CONTENTS = re.compile(r"目\s*[录次]")
_PAGE_NUMBER = re.compile(r"[\s.．…·]*\d*$")


def lines_of(text: str) -> Iterator[Line]:
    """Yield the lines of ``text`` that are not blank."""
    for match in _LINE.finditer(text):
        yield match.start(), match.end(), match[0]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One natural paragraph: where it lies in the reading text, and what stands above it.

    ``furniture`` marks what is no text of the plan: a table of contents, an editor's line, a
    line without a word.
    """

    start: int
    end: int
    heading_path: tuple[str, ...]
    context: str
    furniture: bool = False


def _number_level(line: str) -> int | None:
    return next((level for level, pattern in _HEADINGS if pattern.match(line)), None)


def heading_level(line: str) -> int | None:
    """Return the level of a numbered or marked heading or a box; None for anything else.

    A cross-reference (按照第三章要求) does not begin with its number, and a list item or a clause
    ends like a sentence or holds one; none of them is a heading.
    """
    if mark := _MARKDOWN.match(line):
        return len(mark[1])
    if len(line) > _LONGEST_HEADING or _ENDS_SENTENCE.search(line) or "。" in line:
        return None
    return _BOX_LEVEL if _BOX.match(line) else _number_level(line)


def _level_in_place(previous: str, line: str, following: str) -> int | None:
    """Return the level of any heading, by its look and by the lines around it."""
    if (level := heading_level(line)) is not None:
        return level
    numbered = _number_level(line)
    if _TERM.match(line) and following and not _TERM.match(following) and not _number_level(following):
        return _TERM_LEVEL
    if _is_stated(previous, line, following, numbered):
        return _LEAD_IN_LEVEL if numbered is None else numbered
    return _SUBHEAD_LEVEL if numbered is None and _is_subhead(line, following) else None


def _is_stated(previous: str, line: str, following: str, level: int | None) -> bool:
    """A heading that ends in a full stop: states no fact, is no item of a list, and a paragraph follows."""
    if len(following) <= _LONGEST_HEADING // 2 or line.count("。") != 1 or not line.endswith("。"):
        return False
    if level is None:
        in_list = previous.endswith("。") and len(previous) <= _LONGEST_HEADING
        return len(following) > _LONGEST_HEADING and not in_list and bool(_lead_in(f"{line}…"))
    if level not in _STATED or len(line) > _LONGEST_STATED or re.search("[0-9]", line):
        return False
    return _number_level(previous) != level and _number_level(following) is None


def _lead_in(paragraph: str) -> str | None:
    """Return the topic that a paragraph begins with (``铁路。…``); None where it states something."""
    found = _LEAD_IN.match(paragraph)
    return found[1] if found and not _STATES.search(_ORDINAL.sub("", found[1], count=1)) else None


def _is_subhead(line: str, following: str) -> bool:
    """An unnumbered heading: short, words but no sentence, and a paragraph right below it."""
    if len(line) > 30 or _ENDS_SENTENCE.search(line) or _BROKEN.search(line) or "。" in line:
        return False
    if not _WORDS.search(line) or _CONTINUATION.match(following):
        return False
    return bool(_ENDS_SENTENCE.search(following)) or len(following) > _LONGEST_HEADING


def _heading_text(line: str) -> str:
    """Return a heading without mark and full stop, spaces inside it closed except after its number."""
    line = _MARKDOWN.sub("", line, count=1).removesuffix("。")
    number = _HEADING_NUMBER.match(line)
    name = number.end() if number else 0
    return line[:name] + SPACE.sub("", line[name:])


@dataclass(slots=True)
class _Heading:
    level: int
    text: str
    start: int
    end: int
    bare: bool = True  # nothing came below it yet


@dataclass(slots=True)
class _Walk:
    """The headings and the topic sentence in force at a line."""

    headings: list[_Heading] = field(default_factory=list)
    topic: str = ""

    @property
    def in_box(self) -> bool:
        return any(heading.level == _BOX_LEVEL for heading in self.headings)

    def path(self) -> tuple[str, ...]:
        """Return the heading path of the paragraph that stands here."""
        for heading in self.headings:
            heading.bare = False
        return tuple(heading.text for heading in self.headings)

    def close(self, level: int) -> Iterator[Paragraph]:
        """End the headings at ``level`` and below; one that nothing came below is a paragraph itself."""
        while self.headings and self.headings[-1].level >= level:
            heading = self.headings.pop()
            if heading.bare:
                yield Paragraph(heading.start, heading.end, self.path(), "")

    def open(self, level: int, start: int, end: int, line: str) -> Iterator[Paragraph]:
        """Put a heading, which lies at ``[start, end)``, in force."""
        yield from self.close(level)
        mark = _MARKDOWN.match(line)
        start += mark.end() if mark else 0
        self.headings.append(_Heading(level, _heading_text(line), start, end))
        if level < _BOX_LEVEL:
            self.topic = ""


def find_paragraphs(text: str) -> Iterator[Paragraph]:
    """Yield the paragraphs of a reading text in order.

    A line that stops amid an enumeration is joined with the next one; a lead-in (``铁路。…``) is the
    last step of its paragraph's heading path; a box (专栏) holds the paragraph below its heading; a
    heading with nothing below it is a paragraph.
    """
    lines = _whole_numbers(list(lines_of(text)))
    contents = _contents(lines)
    walk = _Walk()
    number = 0
    while number < len(lines):
        start, end, line = lines[number]
        if number in contents or (EDITOR.match(line) and len(line) <= _LONGEST_HEADING):
            yield Paragraph(start, end, (), "", furniture=True)
            number += 1
            continue
        previous = lines[number - 1][2] if number else ""
        number += 1
        if (level := _level_in_place(previous, line, _line(lines, number))) is not None:
            yield from walk.open(level, start, end, line)
            continue
        while number < len(lines) and _goes_on(text[start:end], lines[number][2]):
            end = lines[number][1]
            number += 1
        if not _WRITTEN.search(text, start, end):
            yield Paragraph(start, end, (), "", furniture=True)
            continue
        yield _paragraph(walk, text, start, end, _line(lines, number))
        yield from walk.close(_BOX_LEVEL)
    yield from walk.close(0)


def _whole_numbers(lines: list[Line]) -> list[Line]:
    """Join a bracket that stands alone with the number that it opens on the next line."""
    whole: list[Line] = []
    for start, end, line in lines:
        if whole and whole[-1][2] in ("（", "(") and _number_level(whole[-1][2] + line):
            opened, _, bracket = whole.pop()
            whole.append((opened, end, bracket + line))
        else:
            whole.append((start, end, line))
    return whole


def _line(lines: list[Line], number: int) -> str:
    return lines[number][2] if number < len(lines) else ""


def _goes_on(paragraph: str, following: str) -> bool:
    """Tell whether the next line continues a paragraph that stops amid an enumeration, word or sentence."""
    if _CONTINUATION.match(following):
        return not re.search(r"[。！？]$", paragraph)
    broken_word = len(paragraph) > _LONGEST_HEADING and _BROKEN_WORD.search(paragraph)
    return bool(_BROKEN.search(paragraph) or broken_word) and heading_level(following) is None


def _paragraph(walk: _Walk, text: str, start: int, end: int, following: str) -> Paragraph:
    paragraph = text[start:end]
    path = walk.path()
    if not walk.in_box and (lead_in := _lead_in(paragraph)):
        path = (*path, _heading_text(lead_in))
    if _CLOSES.match(paragraph):
        walk.topic = ""
    context = walk.topic
    if _TOPIC.match(paragraph) and _CONTINUES.match(following):
        walk.topic, context = paragraph, ""
    return Paragraph(start, end, path, context)


def _contents(lines: list[Line]) -> range:
    """Return which lines are a table of contents: below 目录, as long as each line comes again."""
    first = next((number for number, (_, _, line) in enumerate(lines) if _CONTENTS.fullmatch(line)), None)
    if first is None or first + 1 == len(lines):
        return range(0)
    names = [_PAGE_NUMBER.sub("", "".join(line.split())) for _, _, line in lines]
    end = first + 1
    while end < len(lines) and (not names[end] or names[end] in names[end + 1 :]):
        if names[end] == names[first + 1] and end > first + 1:
            break  # the text itself begins here
        end += 1
    return range(first, end) if end > first + 1 else range(0)
