"""What a question says of where to search: a document, its region or its year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from index.opened import DocumentEntry
from qa.names import FOLDER, read_lines

_LEVELS = (  # of what kind the lists of the gazetteer are; a later one has the last word
    ("thing", ("江河湖海", "高校", "机场港口", "景区", "企业", "通道桥隧", "山岛")),
    ("country", ("外国",)),
    ("cluster", ("区域",)),
    ("county", ("区县",)),
    ("city", ("城市",)),
    ("province", ("省份",)),
)

_SUFFIX = re.compile(r"(?:省|市|县|区|州|新区|特别行政区|(?:[回壮]族|维吾尔)?自治[区州])$")

PAPERS = "规划|方案|报告|文件|意见|通知|计划|文档"
"""Words for a document, as alternatives of a regular expression."""

_INSIDE = r"里[面头边]?(?!程)|中(?![国心学小药医央部型等外轴期层长])|上(?![海游市学网报])|内(?![蒙容部河需])"
_SCOPED = re.compile(
    rf"(?:在|根据|按照?)?(?:(?:《[^》]+》|[^,，。?]{{1,12}}?那[份版](?:{PAPERS})?)(?:{_INSIDE})?"
    rf"|(?:[0-9]{{2,4}}年的?)?[^,，。?]{{0,7}}?(?:{PAPERS})(?:里[面头边]?(?!程)|中(?![的国心学小药医央部型等外轴期层长])))[,，]?"
)

_TITLED = re.compile(rf"《(?P<name>[^》]+)》(?:{_INSIDE})?")
_PAPER = re.compile(rf"(?P<that>那[份版]|(?<=\d\d[年版])版?)?(?P<word>{PAPERS})?(?P<inside>{_INSIDE})?")
_YEAR = r"(?:(?:19|20)[0-9]{2}|[0-9]{2}(?=年))(?:年度?)?"
_SAID = re.compile(rf"(?P<before>{_YEAR})?版?的?(?P<name>.*?)的?(?P<after>{_YEAR})?(?P<of>版?的?)")
_VERB = re.compile(
    r"了|着|过|出|好|到|在|要|于|建|新|布局|打造|发展|修|开|投|完成|实施|推进|推广|引进|培育|目标|期|区|局|馆|图|师|红线|用地|许可"
    r"|人口|面积|编制|院|部门|会|生育|单列"
)
"""What follows 规划, 计划, 报告 where they are no document: a verb's object, a longer word."""

_COMPARES = re.compile(
    rf"(?:{PAPERS}|[份版》])[^,，。?？]{{0,3}}[和与跟同及、][^,，。?？]{{1,40}}(?:{PAPERS}|[份版》])"
    r".*(?:各|分别|都|比|区别|不同|异同|一样)"
)
"""A question about two plans, which is no filter even where only one of them is known."""

_OPENING = re.compile(
    r"(?:^|[\s,，。;；:：、?？!！(（]|在|请问|根据|按照?|依据|从|[查翻看问]看?|一下|知道|那么?|这|对)$"
)
_JOINED = re.compile(r"[0-9的到至\-—~什么哪]$")
_LINK = re.compile("[和与跟及、]$")
_ORDINARY = """政府工作 政府 工作 发展 建设 实施 专项 总体 相关 有关 最新 最近 整个 全部 所有 国家
    上级 省里 市里 我们 咱们 什么 哪些 哪个 哪份 一个 两个 这个 那个 这份 这些 那些 各个 长期 近期 远期
    五年 未来"""
_EMPTY = re.compile(
    r"[\W_]|怎么(?:说|讲|写|提)?的?|[说讲写提]了?到?过?|内容|主要|有没有|有(?:什么|哪些)|什么|哪些|怎么样?|如何"
    r"|[呢吗的里中了是都]|请问"
)
_ELSEWHERE = re.compile("咱|[到来跟给往]这[边儿里]|[本我][省市县]|其他省|外省|各省|全国")
_BEGINNING = re.compile(r"(?:请问|问一下|我?想知道)?[,， ]*")
_NOT_OF_REGION = re.compile(
    "[省市区县州路街站港镇村和与跟及、到至比同或话菜人]|[^的今去]{0,3}?(?:大学(?![生毕])|学院)|大道|合作组织|冬奥|时间|卫视|证券|银行|白药|茅台|高速|铁路|[东南西北]路|半岛"
    "|(?<=[省市区])[委会府长民郊场内里级域]"
)
"""What goes on like this after a region's name is another name, or of two regions."""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter read from a question; ``said`` is the stretch of the question that says it.

    ``value`` is a document's id, a region as the index has it, or a year in four digits.
    """

    kind: Literal["document", "region", "year"]
    value: str
    said: str


@cache
def _levels() -> dict[str, str]:
    lists = ((level, FOLDER / f"{name}.txt") for level, names in _LEVELS for name in names)
    return {name: level for level, path in lists for name in read_lines(path)}


def place_level(name: str) -> str | None:
    """Return country, cluster, province or city (a county too) for a place, thing for another name."""
    level = _levels().get(name)
    return "city" if level == "county" else level


def split_scope(text: str) -> tuple[str, str]:
    """Return the leading 《…》里, 2016年那份 or 山东方案里 of ``text``, and the rest."""
    found = _SCOPED.match(text)
    return (found[0], text[found.end() :]) if found else ("", text)


def read_scope(text: str, documents: Sequence[DocumentEntry]) -> tuple[tuple[Chip, ...], str]:
    """Return the filters that ``text`` states and what is left of it to search for.

    Two filters of one kind with different values cannot both be obeyed: then neither is a filter.
    """
    if _COMPARES.search(text):
        return (), text
    found = [*_titled(text, documents), *_of_papers(text, documents)]
    if not any(chip.kind == "region" or chip.kind == "document" for chip in found):
        found += _opening_region(text, documents)
    values: dict[str, list[Chip]] = {}
    for chip in found:
        values.setdefault(chip.kind, []).append(chip)
    chips = tuple(said[0] for said in values.values() if len({chip.value for chip in said}) == 1)
    return chips, _without(text, [chip.said for chip in chips]) if chips else text


def _without(text: str, said: Sequence[str]) -> str:
    """Take ``said`` out where that leaves a question; else return the whole."""
    rest = text
    for stretch in said:
        rest = re.sub(rf"(?:在|根据|按照?|依据)?{re.escape(stretch)}的?", "", rest, count=1)
    rest = re.sub(r"^[\s,，:：]+|[\s,，]+(?=[?？]?$)", "", rest)
    return rest if len(_EMPTY.sub("", rest)) >= 2 else text


def _titled(text: str, documents: Sequence[DocumentEntry]) -> Iterator[Chip]:
    for found in _TITLED.finditer(text):
        fitting = _fitting(found["name"], "", documents) or _resembling(found["name"], documents)
        if len(fitting) == 1:
            yield Chip("document", fitting[0].id, found[0])


def _of_papers(text: str, documents: Sequence[DocumentEntry]) -> Iterator[Chip]:
    """Yield what is said of 那份, 规划, 方案 …: a year, a region, a part of one document's title."""
    end = 0
    for paper in _PAPER.finditer(text):
        if not (paper["that"] or paper["word"]) or paper.start() < end:
            continue
        clause = max(
            end, paper.start() - 30, *(text.rfind(mark, 0, paper.start()) + 1 for mark in ",，。;；?？》《")
        )
        sure = bool(paper["that"] or paper["inside"])
        if not sure and _VERB.match(text, paper.end()) and paper["word"] in ("规划", "计划", "报告", "通知"):
            continue
        for start in range(clause, paper.start()):
            if start != end + 1 and _LINK.search(text[:start]):
                continue  # of two places, the other of which is said of no document
            chips = _read(text, start, paper, documents, sure)
            if chips:
                yield from chips
                end = paper.end()
                break


def _read(
    text: str, start: int, paper: re.Match[str], documents: Sequence[DocumentEntry], sure: bool
) -> list[Chip]:
    said = _SAID.fullmatch(text, start, paper.start())
    ahead = text[:start]
    if not said or (_JOINED.search(ahead) if sure else not (_OPENING.search(ahead) or _LINK.search(ahead))):
        return []
    year, name, word = said["before"] or said["after"], said["name"], paper["word"] or ""
    stretch = text[start : paper.end()]
    chips = []
    if name:
        chips = _named(name, word, documents, stretch)
        if not chips:
            return []
    elif year and not (sure or said["of"] or word in ("方案", "报告", "文件", "意见")):
        return []  # 2025年规划多少公里
    if year:
        chips += _dated(re.sub(r"\D", "", year), documents, stretch)
    return chips


def _named(name: str, word: str, documents: Sequence[DocumentEntry], stretch: str) -> list[Chip]:
    fitting = [] if name in _ORDINARY.split() else _fitting(name, word, documents)
    if len(fitting) == 1:
        return [Chip("document", fitting[0].id, stretch)]
    own = [d.metadata for d in documents if d.metadata.region and _base(d.metadata.region) == _base(name)]
    regions = {metadata.region or "" for metadata in own}
    if not regions or not (_side_by_side(documents) or any(word in metadata.title for metadata in own)):
        return []
    return [Chip("region", regions.pop() if len(regions) == 1 else _base(name), stretch)]


def _dated(digits: str, documents: Sequence[DocumentEntry], stretch: str) -> list[Chip]:
    year = digits if len(digits) == 4 else f"20{digits}"
    if not any((d.metadata.date or "").startswith(year) for d in documents):
        titled = [d for d in documents if year in d.metadata.title]
        if titled or not re.search("那|版", stretch):  # 2030年的规划 may be one that looks to 2030
            return [Chip("document", titled[0].id, stretch)] if len(titled) == 1 else []
    return [Chip("year", year, stretch)]


def _fitting(name: str, word: str, documents: Sequence[DocumentEntry]) -> list[DocumentEntry]:
    """Return the documents whose title holds ``word`` and, in order, ``name`` (in pieces of two or more)."""
    forms = {name, _base(name), name.replace("的", "")}
    needed = "" if word in ("文件", "文档") else word
    return [
        d
        for d in documents
        if needed in d.metadata.title and any(_in_order(form, d.metadata.title) for form in forms)
    ]


@lru_cache(maxsize=10_000)
def _in_order(name: str, title: str) -> bool:
    if len(name) < 2 or name in title or name[:2] not in title:
        return len(name) > 1 and name in title
    return any(
        (at := title.find(name[:size])) >= 0 and _in_order(name[size:], title[at + size :])
        for size in range(len(name) - 2, 1, -1)
    )


def _resembling(name: str, documents: Sequence[DocumentEntry]) -> list[DocumentEntry]:
    """Return the documents of whose title ``name`` holds seven pairs of characters in ten."""

    def share(title: str) -> float:
        pairs = [title[i : i + 2] for i in range(len(title) - 1)]
        return sum(pair in name for pair in pairs) / max(len(pairs), 1)

    return [d for d in documents if share(d.metadata.title) >= 0.7]


def _base(region: str) -> str:
    short = _SUFFIX.sub("", region)
    return short if len(short) > 1 else region


def _side_by_side(documents: Sequence[DocumentEntry]) -> bool:
    """Tell whether the documents are of two regions or more, none of which may contain another."""
    regions = {d.metadata.region for d in documents if d.metadata.region}
    levels = {_levels().get(re.sub("^.{2,8}?(?:省|自治区)(?=.)", "", region)) for region in regions}
    return len({_base(region) for region in regions}) > 1 and levels in ({"city"}, {"province"})


def _opening_region(text: str, documents: Sequence[DocumentEntry]) -> list[Chip]:
    """Read a region that the question begins with, where all regions of the index stand side by side."""
    begin = _BEGINNING.match(text)
    start = begin.end() if begin else 0
    regions = {d.metadata.region for d in documents if d.metadata.region}
    named = next((base for base in map(_base, regions) if text.startswith(base, start)), None)
    if named is None or _ELSEWHERE.search(text) or not _side_by_side(documents):
        return []
    forms = sorted((region for region in regions if _base(region) == named), key=len)
    said = next((form for form in reversed(forms) if text.startswith(form, start)), named)
    longer = (text[start : start + size] for size in range(len(named) + 1, len(named) + 9))
    if any(place_level(name) and _base(name) != named for name in longer):
        return []  # 青海湖
    if _NOT_OF_REGION.match(text, start + len(said)):
        return []
    others = {_base(region) for region in regions} - {named}
    return [] if any(other in text for other in others) else [Chip("region", forms[0], said)]
