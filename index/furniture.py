"""What a web page puts around a plan: navigation, title, date, editor. Left out of the text, and recorded."""

from __future__ import annotations

import re
from typing import Literal

from index.garbled import is_nonsense
from index.records import LeftOut, Span
from index.structure import EDITOR, Line, heading_level, lines_of

_DAY = r"\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}日?"
_SITE_HEAD = re.compile(
    r"首[页頁].{0,30}正文|"
    r"(?:下[载載]|打印|全屏|收藏|加大|[还還]原|[减減]小|[大中小]|首[页頁]|[您你]的位置|[当當]前位置|"
    r"[【\[]?字[号體体]|[阅閱][读讀][量数]?|[浏瀏][览覽][量次][数數]?|分享到?)[:：】\s\d]*"
)
_SITE_FOOT = re.compile(
    r"[（(【]?(?:相关(?:报道|文档|链接|新闻|阅读)|分享到?.{0,10}|收藏|打印(?:本页)?|关闭(?:窗口|本页)?|返回顶部|"
    r"扫一扫.{0,20}|》》.{0,20}《《|[来來]源[:：].{0,20})[:：）)】]?"
)
_META = re.compile(
    r"发布时间[:：]|發佈時間[:：]|\d{4}年\d{1,2}月\d{1,2}日.{0,20}[来來]源[:：]|"
    rf"(?:[发發][布佈表])?(?:[时時][间間]|日期)[:：].{{0,20}}$|[来來]源[:：].{{0,20}}$|{_DAY}(?:\s+[\d:：]+)?$|"
    rf"[—―（(]{{0,2}}\s*(?:\d|[〇○零一二三四五六七八九]){{4}}年.{{2,7}}日在?[^。]{{0,60}}$|.{{0,20}}[会會][议議]上$|"
    r".{0,20}(?:[省市县縣区區州盟旗][长長]|主席)\s+\w{1,8}(?:[\s·]+\w{1,8})?$"
)
_SENTENCE = re.compile(r"[。！？；]")
_UNFINISHED = re.compile(r"[:：>＞]$")  # a label whose value, a path whose next step, is the next line
_EDGE_LINES = 40  # site furniture stands within so many lines of the top
_LONGEST_TITLE = _LONGEST_EDITOR = 40


def split_furniture(decoded: str) -> tuple[Span, tuple[LeftOut, ...]]:
    """Return where the text of a source begins and ends, and the lines outside it with the reason."""
    lines = list(lines_of(decoded))
    left_out: list[LeftOut] = []
    for number, (start, end, _) in enumerate(lines[:_EDGE_LINES]):
        reason = _head_reason(lines, number, left_out)
        if reason is None:
            break
        left_out.append(LeftOut(reason, start, end))
    first = len(left_out)
    last = _text_end(lines, first)
    left_out += [LeftOut("furniture", start, end) for start, end, _ in lines[last:]]
    text = lines[first:last]
    return Span(text[0][0], text[-1][1]) if text else Span(0, 0), tuple(left_out)


def _head_reason(
    lines: list[Line], number: int, above: list[LeftOut]
) -> Literal["furniture", "title", "metadata"] | None:
    """Say what a line at the top is, if no text of the plan; everything ``above`` it is none either."""
    line = lines[number][2]
    if _SITE_HEAD.fullmatch(line) or EDITOR.match(line) or not re.search(r"\w", line):
        return "furniture"
    if _META.match(line):
        return "metadata"
    if _is_title(lines[number:]) or any(
        line == lines[n][2] for n, x in enumerate(above) if x.reason == "title"
    ):
        return "title"
    previous = lines[number - 1][2] if number else ""
    goes_on = _UNFINISHED.search(previous) or line == previous
    return "furniture" if goes_on and len(line) <= _LONGEST_TITLE and not _is_text(line) else None


def _is_title(lines: list[Line]) -> bool:
    """A title is short, unnumbered, no sentence, and followed by a line of metadata."""
    line = lines[0][2]
    if heading_level(line) or len(line) > _LONGEST_TITLE or re.search(r"[。！？!?；;：:，,、…|]$", line):
        return False
    return len(lines) > 1 and bool(_META.match(lines[1][2]))


def _text_end(lines: list[Line], first: int) -> int:
    """Return how many lines there are before the editor's line, or other furniture, at the foot."""
    end = len(lines)
    for number in range(len(lines) - 1, first - 1, -1):
        line = lines[number][2]
        if EDITOR.match(line) and len(line) <= _LONGEST_EDITOR:
            end = number
        elif _is_text(line):
            break
    while end > first and (
        _SITE_FOOT.fullmatch(lines[end - 1][2]) or not re.search(r"\w", lines[end - 1][2])
    ):
        end -= 1
    return end


def _is_text(line: str) -> bool:
    """Tell a heading or a readable sentence from what stands below an editor's line."""
    if heading_level(line) is not None:
        return True
    return (bool(_SENTENCE.search(line)) or len(line) > _LONGEST_EDITOR) and not is_nonsense(line)
