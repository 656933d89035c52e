r"""Mend Chinese that was decoded as GBK one byte out of step, where the mending can be proved.

Such a stretch begins where a byte was lost (``\ufffd``, ``?``), goes on with the right bytes paired
wrongly (``稀⑶鄭u`` is ``南、青島`` without its first byte), and ends where a single byte restores the
step. Every byte that survived must fit. A lost one is filled in only if the words around it stand
intact elsewhere in the same document and leave one choice; otherwise the place is shown as □.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from index.repair import LINE_ENDS, Edit, Reading

UNREADABLE = "□"
_LOST = -1  # stands for a byte that was lost
# Where cp936 puts GBK's user-defined pairs; U+E5E5 (A3A0) is an indent of many old pages, no damage.
_PRIVATE = "\ue000-\ue5e4\ue5e6-\ue765"
_LINE_END = re.compile(f"[{LINE_ENDS}]")
_START = re.compile(rf"(?:[?\ufffd](?:[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]{{1,6}}\))?)*[\ufffd{_PRIVATE}]")
_LOST_ANNOTATION = re.compile(r"\?[a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜ]{1,6}\)")
_WRITTEN = re.compile("[\u4e00-\u9fff，。、；：？！（）《》〈〉“”‘’—…·％０-９Ａ-Ｚａ-ｚ]")
_LONGEST = 60  # characters; out of step for longer than that, nothing is proved
_PROOF = 3  # intact characters that must stand beside a lost one


@cache
def _common() -> frozenset[str]:
    """The characters of everyday writing: the first levels of GB 2312 and of Big5."""
    levels = (("gb2312", 0xB0, 0xD7, 0xA1), ("big5", 0xA4, 0xC6, 0x40))
    return frozenset(
        bytes((lead, trail)).decode(encoding, "ignore")[:1]
        for encoding, first, last, low in levels
        for lead, trail in product(range(first, last + 1), range(low, 0xFF))
    ) - {""}


def is_nonsense(text: str) -> bool:
    """Tell whether ``text`` is bytes of another encoding: most of its Chinese is never written."""
    found = [c for c in text if c > "\x7f" and (c.isalpha() or "\ue000" <= c <= "\uf8ff") and c != "\ue5e5"]
    return len(found) > 3 and sum(c in _common() for c in found) < 0.6 * len(found)


@dataclass(frozen=True, slots=True)
class _Unit:
    """A few garbled characters and the byte strings that may lie behind them."""

    end: int
    options: tuple[tuple[int, ...], ...]
    closes: bool


def _bytes_of(character: str) -> bytes:
    code = ord(character)
    if 0xE000 <= code <= 0xE4C5:  # rows AA–AF and F8–FE, 94 columns from A1
        row, column = divmod(code - 0xE000, 94)
        return bytes((0xAA + row if row < 6 else 0xF8 + row - 6, 0xA1 + column))
    if 0xE4C6 <= code <= 0xE765:  # rows A1–A7, 96 columns from 40 without 7F
        row, column = divmod(code - 0xE4C6, 96)
        return bytes((0xA1 + row, 0x40 + column + (column >= 0x3F)))
    return character.encode("gbk")


def _units(text: str, start: int) -> Iterator[_Unit]:
    position = start
    while position < min(len(text), start + _LONGEST):
        character = text[position]
        if mark := _LOST_ANNOTATION.match(text, position):
            # The mark's opening bracket was swallowed with the lost byte.
            yield _Unit(mark.end(), ((_LOST,),), closes=False)
            position = mark.end()
            continue
        position += 1
        if character == "\ufffd":
            yield _Unit(position, ((_LOST,),), closes=True)
        elif character == "?":
            yield _Unit(position, ((0xA3, 0xBF), (_LOST,)), closes=False)
        elif "!" <= character <= "~":
            # A letter may have been a full-width one before somebody normalised the page.
            wide = (0xA3, ord(character) + 0x80)
            yield _Unit(position, ((ord(character),), wide), closes=character >= "@")
        else:
            try:
                yield _Unit(position, (tuple(_bytes_of(character)),), closes=False)
            except UnicodeEncodeError:
                return


def _decode(stream: tuple[int, ...]) -> list[str | tuple[int, int]] | None:
    """Pair ``stream`` two by two: characters, or the pair itself where a byte was lost."""
    if len(stream) % 2:
        return None
    pairs: list[str | tuple[int, int]] = []
    for lead, trail in zip(stream[::2], stream[1::2], strict=True):
        if lead == trail == _LOST:
            return None
        if _LOST in (lead, trail):
            if not _characters(lead, trail):
                return None
            pairs.append((lead, trail))
            continue
        try:
            character = bytes((lead, trail)).decode("gbk")
        except UnicodeDecodeError:
            return None
        if not _WRITTEN.match(character):
            return None
        pairs.append(character)
    return pairs


@cache
def _characters(lead: int, trail: int) -> str:
    leads = range(0x81, 0xFF) if lead == _LOST else (lead,)
    trails = range(0x40, 0xFF) if trail == _LOST else (trail,)
    found = []
    for a, b in product(leads, trails):
        try:
            character = bytes((a, b)).decode("gbk")
        except UnicodeDecodeError:
            continue
        if len(character) == 1 and "\u4e00" <= character <= "\u9fff":
            found.append(character)
    return "".join(found)


def _prove(pairs: list[str | tuple[int, int]], before: str, after: str, intact: str) -> str | None:
    """Fill the lost characters in from ``intact``; None where that leaves no or several choices."""
    around: list[str | tuple[int, int]] = [*before, *pairs, *after]
    first, last = len(before), len(before) + len(pairs)
    lost = [i for i in range(first, last) if not isinstance(around[i], str)]
    if lost:
        for known in range(8, _PROOF - 1, -1):
            for left in range(known + 1):
                low, high = lost[0] - left, lost[-1] + 1 + known - left
                if low < 0 or high > len(around):
                    continue
                pattern = "".join(
                    re.escape(item) if isinstance(item, str) else f"[{_characters(*item)}]"
                    for item in around[low:high]
                )
                matches = set(re.findall(pattern, intact))
                if len(matches) > 1:
                    return None
                if matches:
                    around[low:high] = list(matches.pop())
                    return "".join(str(item) for item in around[first:last])
        return None
    return "".join(str(item) for item in pairs)


def _mend(text: str, start: int, intact: str) -> tuple[int, str] | None:
    """Return the end of the stretch that begins at ``start`` and what it said, if that is proved."""
    before = _LINE_END.split(text[max(0, start - 8) : start])[-1]
    streams: list[tuple[int, ...]] = [()]
    for unit in _units(text, start):
        streams = [stream + option for stream in streams for option in unit.options][:64]
        if not unit.closes:
            continue
        after = _LINE_END.split(text[unit.end : unit.end + 8])[0]
        for stream in streams:
            pairs = _decode(stream)
            if pairs and (said := _prove(pairs, before, after, intact)) is not None:
                return unit.end, said
    return None


def mend_garbled(reading: Reading) -> Reading:
    """Mend what can be proved and show the rest as □; pronunciation marks must be gone already."""
    text = reading.text
    places = list(_START.finditer(text))
    if not places:
        return reading
    # A line with a lost byte proves nothing; every other line is intact.
    intact = "\n".join(line for line in _LINE_END.split(text) if not _START.search(line))
    edits: list[Edit] = []
    for _ in range(2):  # a place mended in the first round may prove another in the second
        edits, proved = _edits(text, places, intact)
        intact += "\n" + "\n".join(proved)
    return reading.edit(edits)


def _edits(text: str, places: list[re.Match[str]], intact: str) -> tuple[list[Edit], list[str]]:
    edits: list[Edit] = []
    proved: list[str] = []
    end = 0
    for place in places:
        if place.start() < end:
            continue
        mended = _mend(text, place.start(), intact)
        if mended is None:
            end = place.end()
            edits.append(Edit(place.start(), end, UNREADABLE, "unreadable"))
        else:
            end = mended[0]
            edits.append(Edit(place.start(), end, mended[1], "garbled"))
            line_start = max(text.rfind(character, 0, place.start()) for character in LINE_ENDS) + 1
            before, after = text[line_start : place.start()], _LINE_END.split(text[end:], maxsplit=1)[0]
            proved.append(before + mended[1] + after)
    return edits, proved
