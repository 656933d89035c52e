"""A question as it was typed → as it was meant: wrong characters, put right by the words of the index.

A noisy channel: a word of the index takes the place of what was typed where it makes the question so
much more likely (jieba's word frequencies, the index's own counts) that a slip of the keyboard is the
better explanation. Weights were set on half of the plain questions that the encoder was trained on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from math import inf

from index.opened import Index
from index.sounds import LONGEST, Sounds, fold
from qa.lexicon import FOLDER

MOST = 2
"""Corrections of one question; a text that would need more is no slip, and stays as it is."""

_RUNS = re.compile(r"[\u4e00-\u9fff]+")
_QUOTED = re.compile(r"“[^”]*”|‘[^’]*’|\"[^\"]*\"|「[^」]*」|『[^』]*』|《[^》]*》")
# Natural logarithms: what a slip costs a character, and how much better a reading must be.
_SAME_SOUND, _LIKE_SOUND, _LIKE_SHAPE = 4.0, 7.0, 6.0
_BROKEN, _JOINED = 2.0, 0.5  # a neighbour that the typed character goes with, or the meant one
_ABBREVIATED = 6.0
_ENOUGH = 3.5
_MARGIN = 1.5  # over any other reading of the same characters

_PLACES = frozenset(
    "京津沪渝冀豫云滇辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕秦吉闽贵黔粤青藏川蜀宁琼港澳济杭甬舟温绍婺金衢台丽嘉湖"
    "潍宿徐连盐扬镇泰通锡常淮合芜蚌阜滁安庆亳郑洛汴许漯商信焦鹤濮石邢保沧衡廊承张包呼榆延咸渭汉成绵雅泸遵"
    "昆玉广深佛珠惠莞韶汕梅厦漳泉福龙九昌抚景鹰武襄荆宜黄恩怀岳益娄株长潭邵永郴临莱滨枣菏聊烟威日胶沈锦哈"
    "齐牡佳兰乌喀"
)
"""What places are called in the names of railways and roads: 甬舟, 潍宿 are no slips."""

_LOOK_ALIKES = """
未末 己已巳 土士 人入八 大太犬 天夫无 日曰目 千干于 午牛 王玉主 白自百 失矢 刀力刁 万方 斤斥 厂广 今令
名各 休体 由甲申田 贝见 鸟乌 免兔 侯候 拔拨 治冶 折拆析 券卷 微徽 崇祟 戍戌戊戎 晴睛情清请精 燥躁操澡
渴喝竭揭歇 很狠恨根跟 货贷 历厉 待侍持特 桩椿粧 莱菜 芜莞抚 璃漓离 城诚域 即既 往住注柱驻 低底抵 设没投
困因固团 圆园 间问闲阁 位拉泣 技枝 抗坑杭航 坏环杯怀 板扳版 苦若 茶荼 莫奠 恰洽给 浅线钱残 峡狭陕侠 孤狐弧
衰哀衷 宣宜 官宫 宇字 帅师 幻幼 延廷 弛驰 徒徙陡 抄炒吵秒 挣净争睁 捐损 换唤 授援缓 搏博膊 摸模 撒撤 敝敞
旅施 旱早 晓绕烧浇饶 杨扬汤场 桔结 桶捅通 梁粱 梨犁 棉绵锦 榜傍谤 毫亳豪 沙纱 泊泪拍伯 派脉 浦埔捕 漫慢馒
烂拦栏 狼浪娘粮 攻致 珍诊 畔伴 疾疫症 皿血 眠眼 督替 矿旷扩 破坡波玻 祥详洋 科料 租组阻祖 稳隐 竞竟
经径轻劲 络洛骆格 维淮推准堆 绿缘录 群裙 育肓 菅管 蓝篮监 虑虚 栽裁载戴 论轮沦 储诸猪 贫贪 贺货 赏尝常
趋超 践贱 迁近 运远 遗遣 郊效校较 部陪倍 闸匣 险检验捡脸 雪雷雹 频颁 颗棵课 鲁鱼 冀翼 辨辩辫 副幅福 密蜜
幕墓慕暮
"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A stretch of the question that is searched as ``meant``; ``start`` is its place in the question."""

    typed: str
    meant: str
    start: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """A word of the index in the place of what was typed at ``start``.

    ``edits`` are the places in the question with their new characters; ``score`` is how much likelier
    the question is so.
    """

    start: int
    meant: str
    edits: frozenset[tuple[int, str]]
    score: float

    def rivals(self, other: _Reading) -> bool:
        """Tell whether ``other`` puts the same characters right in another way."""
        places = {place for place, _ in self.edits}
        return not other.edits <= self.edits and any(place in places for place, _ in other.edits)


def correct(text: str, index: Index, known: Collection[str] = ()) -> tuple[str, tuple[Correction, ...]]:
    """Return ``text`` (of ``search_text``) with its wrong characters put right, and what was put right.

    The text keeps its length. Words of jieba's dictionary, plain words of the lexicon, those of ``known``
    and what stands in quotation marks are left alone, and pairs of characters that the index holds.
    """
    corrected = text
    spans: list[tuple[int, int]] = []
    for _ in range(MOST + 1):
        reading = _best_reading(corrected, index, known)
        if reading is None:
            return corrected, tuple(Correction(text[a:b], corrected[a:b], a) for a, b in spans)
        start, end = reading.start, reading.start + len(reading.meant)
        corrected = corrected[:start] + reading.meant + corrected[end:]
        met = [span for span in spans if span[0] < end and start < span[1]]
        whole = (min([start, *(a for a, _ in met)]), max([end, *(b for _, b in met)]))
        spans = sorted([*(span for span in spans if span not in met), whole])
    return text, ()


def _best_reading(text: str, index: Index, known: Collection[str]) -> _Reading | None:
    """Return the best reading that is good enough and has no rival that is nearly as good."""
    found = [r for run in _RUNS.finditer(text) for r in _readings(run.group(), run.start(), index)]
    if not any(reading.score >= _ENOUGH for reading in found):
        return None
    alone = _left_alone(text, known)
    found = [r for r in found if alone.isdisjoint(range(r.start, r.start + len(r.meant)))]
    found = [r for r in found if not _is_said(text, r)]
    for reading in sorted(found, key=lambda r: (-r.score, r.start, r.meant)):
        if reading.score < _ENOUGH:
            break
        near = (r for r in found if r.score > reading.score - _MARGIN)
        if not any(reading.rivals(other) for other in near):
            return reading
    return None


def _left_alone(text: str, known: Collection[str]) -> set[int]:
    """Return the places in ``text`` that are known to be meant as they were typed."""
    spans = [match.span() for match in _QUOTED.finditer(text)]
    for word in known:
        spans += [match.span() for match in re.finditer(re.escape(word), text)]
    return {place for start, end in spans for place in range(start, end)}


def _is_said(text: str, reading: _Reading) -> bool:
    """Tell whether the lexicon's words hold the pairs of a character that ``reading`` would change."""
    end = reading.start + len(reading.meant)
    for place, _ in reading.edits:
        pairs = [text[i : i + 2] for i in (place - 1, place) if reading.start <= i < end - 1]
        if all(map(_is_plain_speech, pairs)):
            return True
    return False


@lru_cache(maxsize=4096)
def _is_plain_speech(pair: str) -> bool:
    return pair in _plain_speech()


@cache
def _plain_speech() -> str:
    """Read the lines of the bundled lexicon, once: ordinary words that no dictionary has."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.tsv")))


def _readings(run: str, offset: int, index: Index) -> Iterator[_Reading]:
    """Find the words of ``index`` that may have been meant in ``run``, which begins at ``offset``."""
    strange = [not _holds(index, run[i : i + 2]) for i in range(len(run) - 1)]
    if not any(strange):
        return
    sounds = index.sounds
    before, after = _likelihoods(run, sounds)
    choices = [_syllables(character, sounds) for character in run]
    for start in range(len(run) - 1):
        window = strange[start : start + LONGEST - 1]
        if not any(window):
            continue
        least = window.index(True) + 2
        for meant, log_share in sounds.hear(choices[start : start + LONGEST], least):
            end = start + len(meant)
            changed = [i for i in range(start, end) if run[i] != meant[i - start]]
            if not changed or not all(any(strange[max(i - 1, start) : min(i + 1, end - 1)]) for i in changed):
                continue
            likelier = before[start] + log_share + after[end] - before[-1]
            if likelier - _SAME_SOUND < _ENOUGH - _MARGIN or sounds.is_word(run[start:end]):
                continue
            slip = _slip(run[start:end], meant, sounds)
            score = likelier - slip + _fit(run, start, meant, strange, index)
            if score > _ENOUGH - _MARGIN:
                edits = frozenset((offset + i, meant[i - start]) for i in changed)
                yield _Reading(offset + start, meant, edits, score)


def _holds(index: Index, pair: str) -> bool:
    """Tell whether two characters stand side by side in a passage, a heading or the dictionary."""
    return pair in index.body.vocabulary or pair in index.headings.vocabulary or index.sounds.is_word(pair)


def _likelihoods(run: str, sounds: Sounds) -> tuple[list[float], list[float]]:
    """Return the log-likelihood of the best cut of ``run[:i]`` and of ``run[i:]``, for every i."""
    size = len(run)
    before = [0.0] + [-inf] * size
    after = [-inf] * size + [0.0]
    words = [sounds.words_at(run, start) for start in range(size)]
    for start in range(size):
        for end, log_share in words[start]:
            before[end] = max(before[end], before[start] + log_share)
    for start in reversed(range(size)):
        after[start] = max(log_share + after[end] for end, log_share in words[start])
    return before, after


def _slip(typed: str, meant: str, sounds: Sounds) -> float:
    """Return what typing ``typed`` for ``meant`` costs; infinite where it is no slip."""
    cost = 0.0
    shapes = 0
    for was, should in zip(typed, meant, strict=True):
        if was == should:
            continue
        heard, said = sounds.readings(was), sounds.readings(should)
        if not set(heard).isdisjoint(said):
            cost += _SAME_SOUND
        elif not set(map(fold, heard)).isdisjoint(map(fold, said)):
            cost += _LIKE_SOUND
        elif should in _look_alikes().get(was, ()):
            cost += _LIKE_SHAPE
            shapes += 1
        else:
            return inf
    if shapes > 1:
        return inf
    abbreviated = len(typed) == 2 and _PLACES.issuperset(typed)
    return cost + _ABBREVIATED * abbreviated


def _fit(run: str, start: int, meant: str, strange: list[bool], index: Index) -> float:
    """Return how much better the changed ends of ``meant`` go with their neighbours."""
    fit = 0.0
    end = start + len(meant)
    if start and run[start] != meant[0]:
        fit += _JOINED * _holds(index, run[start - 1] + meant[0]) - _BROKEN * (not strange[start - 1])
    if end < len(run) and run[end - 1] != meant[-1]:
        fit += _JOINED * _holds(index, meant[-1] + run[end]) - _BROKEN * (not strange[end - 1])
    return fit


def _syllables(character: str, sounds: Sounds) -> set[str]:
    """Return how ``character`` and those that look like it sound, folded."""
    alike = (character, *_look_alikes().get(character, ()))
    return {fold(reading) for one in alike for reading in sounds.readings(one)}


@cache
def _look_alikes() -> dict[str, set[str]]:
    table: dict[str, set[str]] = {}
    for group in _LOOK_ALIKES.split():
        for character in group:
            table.setdefault(character, set()).update(group)
    return table
