"""What a question names (places, years, lines and roads, titles), and which of it stands in no plan.

``qa/gazetteer`` holds the names by hand, one a line in one file a kind; lines that begin with ``#`` are
comments. ``合称.txt`` and ``线路.txt`` say where a railway or road runs: with its kind each is a name
(成渝高铁), those in ``线路.txt`` only so. Three files are no names: ``寻常词.txt`` has ordinary words that
no name may be cut out of, ``别名.tsv`` names of one thing (``name⇥other|other``), ``简称.tsv`` words that
speak of a thing without being its name (京津冀 of 北京).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.opened import Index
from index.records import Metadata
from index.terms import Bm25

FOLDER = Path(__file__).parent / "gazetteer"
JOINED, ROUTES, ORDINARY, SAME, SPOKEN = "合称.txt", "线路.txt", "寻常词.txt", "别名.tsv", "简称.tsv"
READ = 5
"""Passages that are read to see whether a name stands there as a name."""

# What a word costs when a text is cut; the cheapest way wins. A character by itself costs more than a word,
# so 西安排水 is 西安|排水; one of everyday grammar costs less, so 从化解 is 从|化解.
_NAME, _WORD, _PARTICLE, _CHARACTER = 100, 99, 110, 130
_NUMERALS = "一二三四五六七八九十"
_PARTICLES = (
    "的了是在有和与及或从为对由把被给让向到比将就也都还要能会可不没吗呢吧啊嘛这那哪我你他她它们咱谁很太更最再又"
    f"只个几多少去来上下里内外前后中等之以而则且但所并其该此各每两百千万亿{_NUMERALS}"
)

_RAIL = ("城际铁路", "高速铁路", "客运专线", "高铁", "铁路", "城际", "城铁", "客专", "动车", "磁悬浮")
_ROAD = ("高速公路", "高速", "公路")
_KIND = re.compile("|".join((*_RAIL, *_ROAD, "线")))
_METRO = re.compile("(.{2,})(?:地铁|轨道交通)")
_RIDES = re.compile("地铁|轨道交通")
_UNIT = re.compile(r"[市县区省州盟旗]|地区|[新矿林特]区|特别行政区|自治区|.*自治[州县旗]")
_ROAD_KINDS = {"G": "国道", "S": "省道", "X": "县道"}
_COUNTS = {
    str(n): (_NUMERALS[n // 10 - 1] if n > 19 else "")
    + ("十" if n > 9 else "")
    + (_NUMERALS[n % 10 - 1] if n % 10 else "")
    for n in range(1, 100)
}
_COUNTS |= {written: digits for digits, written in _COUNTS.items()}

_CJK = re.compile(r"[\u3400-\u9fff]+")
_RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+")
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YEAR = re.compile(r"(\d{4})年")

# Patterns stay text until a question has one of these marks: compiling them takes longer than asking.
_MARKS = re.compile(r"[\dA-Za-z《“「\"〇零第]|号线|[二三四五六七八]环|十.五")
_YEARS = (
    r"(?<![\d.])((?:19|20)\d\d)(?=年|[-—–~至到](?:20)?\d\d)",
    r"(?:(?<=[到至在于止\s])|^)(20[1-9]\d)(?=$|[\s，,。？?的能会要有可是])",
    r"([一二][九〇零][〇零一二三四五六七八九]{2})(?=年)",
    r"(?:(?<=[到至在于止从\s])|^)([12]\d|3[0-5])(?=年(?:[底末初]|[上下]半年|\d\d?月|[一二三四]季度))",
    r"(?<![长延满交加费干工作用贷款签住缴])[到至](2\d|3[0-5])(?=年(?!以|内|级|代|期|龄|的?时间|左右|[多间限]))",
)
_PLAN = rf"(?<![{_NUMERALS}])(十[一二三四五六七])五|第(十[一二三四五六七])个五年"
_ROADS = r"(?<!\d)\d{3}[国省县]道|[国省县]道[GSX]?\d{3}(?!\d)|(?<![A-Z\d])[GSX]\d{3}(?![A-Z\d])"
_GENERATION = r"(?<![A-Z\d.])([3-7])G(?![A-Z\d])"
_NUMBERED = (
    _ROADS,
    _GENERATION,
    r"(?<![A-Z\d])[GS]\d{1,4}(?![A-Z\d])",
    rf"(?:(?<![A-Z\d])[A-WYZ]\d{{0,2}}号?|(?<!\d)\d\d?号|(?<![{_NUMERALS}])[{_NUMERALS}]{{1,3}}号)线",
    rf"(?<![A-Z\d])(?:T\d|\d号|[{_NUMERALS}]号)航站楼",
    rf"第(?:[{_NUMERALS}]{{1,2}}|\d\d?)"
    r"(?:国际机场|机场|航站楼|跑道|水厂|污水处理厂|人民医院|医院|中学|高中|小学|实验小学|幼儿园|火车站|隧道)",
    r"[二三四五六七八]环(?=$|[路线边外内里以到快高改东西南北，,。？?\s])",
)
_MARKED = (
    r"《([^《》]{2,60})》",
    r"(?:(?<=叫)|(?<=名为)|(?<=所谓))[“「\"]([^“”「」\"]{2,15})[”」\"]",
    r"[“「\"]([^“”「」\"]{2,15})[”」\"](?=工程|计划|行动|项目|平台|品牌|奖|规划|方案|号|大桥|小镇|实验室)",
)


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Names, routes (names with their kind only), other words for each, and how a text is cut.

    ``costs`` are of words and of single characters; ``beginnings`` are the words' first two characters.
    """

    names: frozenset[str]
    routes: frozenset[str]
    others: dict[str, tuple[str, ...]]
    costs: dict[str, int]
    beginnings: frozenset[str]
    longest: int

    @classmethod
    def read(cls, folder: Path) -> Gazetteer:
        """Read the files of ``folder``."""
        kinds = (path for path in folder.glob("*.txt") if path.name not in (ROUTES, ORDINARY))
        names = frozenset(name for path in kinds for name in read_lines(path))
        routes = frozenset(read_lines(folder / ROUTES) + read_lines(folder / JOINED))
        same = [line.replace("\t", "|").split("|") for line in read_lines(folder / SAME)]
        others = {name: tuple(group) for group in same for name in group}
        for line in read_lines(folder / SPOKEN):
            name, _, words = line.partition("\t")
            others[name] = (*others.get(name, ()), *words.split("|"))
        costs = dict.fromkeys(read_lines(folder / ORDINARY), _WORD)
        costs.update(dict.fromkeys(names | routes, _NAME))
        beginnings = frozenset([word[:2] for word in costs])
        longest = max(map(len, costs))
        costs.update(dict.fromkeys(_PARTICLES, _PARTICLE))
        return cls(names, routes, others, costs, beginnings, longest)

    def find(self, run: str) -> Iterator[tuple[int, int]]:
        """Find the names in a run of Chinese characters: those on the cheapest way to cut it."""
        size, costs = len(run), self.costs
        heads = {start for start in range(size - 1) if run[start : start + 2] in self.beginnings}
        if not heads:
            return
        total, ends = [0] * (size + 1), list(range(1, size + 1))
        for start in range(size - 1, -1, -1):
            least = total[start + 1] + costs.get(run[start], _CHARACTER)
            if start in heads:
                for end in range(start + 2, min(size, start + self.longest) + 1):
                    cost = costs.get(run[start:end])
                    if cost is not None and cost + total[end] <= least:
                        least, ends[start] = cost + total[end], end
            total[start] = least
        start = 0
        while start < size:
            end = ends[start]
            word = run[start:end]
            kind = _KIND.match(run, end) if word in self.routes else None
            if kind or word in self.names:
                yield start, kind.end() if kind else end
            start = end


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file that are neither empty nor comments."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line and line[0] != "#"]


@cache
def gazetteer() -> Gazetteer:
    """Read the names that come with the project, once."""
    return Gazetteer.read(FOLDER)


def named(text: str) -> tuple[str, ...]:
    """Return the names in ``text``, in order and each once; of those inside one another the longest.

    Years are written 2035年, five-year plans 十五五; titles and quoted names come without their marks.
    """
    kept: dict[str, None] = {}
    reached = 0
    for start, end, name in sorted((*_patterns(text), *_listed(text)), key=lambda hit: (hit[0], -hit[1])):
        if start >= reached:
            kept[name] = None
            reached = end
    return tuple(kept)


def _listed(text: str) -> Iterator[tuple[int, int, str]]:
    find = gazetteer().find
    for run in _CJK.finditer(text):
        for start, end in find(run.group()):
            yield run.start() + start, run.start() + end, run.group()[start:end]


def _patterns(text: str) -> Iterator[tuple[int, int, str]]:
    if not _MARKS.search(text):
        return
    for pattern in _MARKED:
        for match in re.finditer(pattern, text):
            yield match.start(), match.end(), match[1]
    for pattern in _YEARS:
        for match in re.finditer(pattern, text):
            digits = match[1].translate(_DIGITS)
            yield match.start(), match.end(), f"{digits if len(digits) == 4 else f'20{digits}'}年"
    for match in re.finditer(_PLAN, text):
        yield match.start(), match.end(), f"{match[1] or match[2]}五"
    for pattern in _NUMBERED:
        for match in re.finditer(pattern, text, re.I):
            yield match.start(), match.end(), match.group().upper()


def missing_names(text: str, index: Index, among: NDArray[np.bool_] | None = None) -> tuple[str, ...]:
    """Return the names in ``text`` that stand nowhere in ``index``, or in its passages ``among``.

    A name stands in a passage, in what stands above it, or in its document's title, region, issuer or date;
    with or without its 市 or 县, and under another name of the same thing.
    """
    searched = _Searched(index, among)
    return tuple(name for name in named(text) if not searched.hold(name))


@dataclass(frozen=True, slots=True)
class _Searched:
    """The passages where names are looked for."""

    index: Index
    among: NDArray[np.bool_] | None

    def hold(self, name: str) -> bool:
        if year := _YEAR.fullmatch(name):
            return any(self._holding(field, year[1]).size for field in self._fields) or self._about(
                lambda metadata: year[1] in f"{metadata.date} {metadata.title}"
            )
        if metro := _METRO.fullmatch(name):
            return self._said(metro[1], lambda text: metro[1] in text and bool(_RIDES.search(text)))
        if (kind := _KIND.search(name)) and (route := name[: kind.start()]) in gazetteer().routes:
            kinds = next((kinds for kinds in (_RAIL, _ROAD) if kind[0] in kinds), ("",))
            return self._said(route, lambda text: route in text and any(kind in text for kind in kinds))
        forms = _forms(name)
        return any(self._said(form, partial(_is_said, form)) for form in forms) or self._about(
            lambda metadata: any(
                form in f"{metadata.title} {metadata.region} {metadata.issuer}" for form in forms
            )
        )

    def _said(self, form: str, says: Callable[[str], bool]) -> bool:
        """Tell whether a passage or what stands above it ``says`` so, or there are more than need be read."""
        for field in self._fields:
            held = self._holding(field, form)
            for number in held[:READ]:
                passage = self.index.passage(int(number))
                above = (*passage.heading_path, passage.context)
                if says(passage.text if field is self.index.body else "\n".join(above)):
                    return True
            if held.size > READ:
                return True
        return False

    @property
    def _fields(self) -> tuple[Bm25, Bm25]:
        return self.index.body, self.index.headings

    def _holding(self, field: Bm25, form: str) -> NDArray[np.int32]:
        """Return the passages that hold every term of ``form``: its numbers and its runs' bigrams."""
        runs = _RUNS.findall(form.lower())
        terms = [run for run in runs if len(run) == 1 or run.isascii()]
        terms += [run[i : i + 2] for run in runs if not run.isascii() for i in range(len(run) - 1)]
        postings = sorted((field.containing(term) for term in terms), key=len)
        held = postings[0] if postings else np.zeros(0, dtype=np.int32)
        for posting in postings[1:]:
            if not held.size:
                break
            held = np.intersect1d(held, posting, assume_unique=True)
        return held if self.among is None else held[self.among[held]]

    def _about(self, tells: Callable[[Metadata], bool]) -> bool:
        told = self.index.among(lambda entry: tells(entry.metadata))
        return bool((told if self.among is None else told & self.among).any())


def _forms(name: str) -> tuple[str, ...]:
    """Return the ways to write ``name``, itself first."""
    book = gazetteer()
    if name in book.names:
        ends = (end for end in range(len(name) - 1, 1, -1) if name[:end] in book.names)
        short = next((name[:end] for end in ends if _UNIT.fullmatch(name, end)), name)
        return (name, short, *book.others.get(name, ()), *book.others.get(short, ()))
    if plan := re.fullmatch(_PLAN, name):
        return name, f"第{plan[1]}个五年"
    number = re.search(rf"\d+|[{_NUMERALS}]+", name)
    if number and re.fullmatch(_GENERATION, name):
        return name, f"第{_COUNTS[number[0]]}代移动通信"
    if number and re.fullmatch(_ROADS, name):
        letter, kind = next(
            (letter, kind) for letter, kind in _ROAD_KINDS.items() if letter in name or kind in name
        )
        return name, f"{letter}{number[0]}", f"{number[0]}{kind}", f"{kind}{number[0]}"
    if number and number[0] in _COUNTS:
        return name, name.replace(number[0], _COUNTS[number[0]], 1)
    return (name,)


def _is_said(form: str, text: str) -> bool:
    """Tell whether ``form`` stands in ``text``, and not as a part of another word or number."""
    book = gazetteer()
    if form in book.names:
        runs = (run for run in _CJK.findall(text) if form in run)
        return any(form in run[start:end] for run in runs for start, end in book.find(run))
    numerals = "A-Za-z0-9" if form[0].isascii() else _NUMERALS if form[0] in _NUMERALS else ""
    before = f"(?<![{numerals}])" if numerals else ""
    after = r"(?![A-Za-z0-9])" if form[-1].isascii() else ""
    return re.search(before + re.escape(form) + after, text, re.I) is not None
