"""A question after others: what it leaves unsaid is carried over from them, by rule.

Pieces of a question say what it is about (subject, place, people, year) or what it asks (什么时候, 费用).
Without the first it takes those before; a mere 那莱芜呢 takes the rest. In doubt nothing is carried over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from index.records import PlanqaError
from qa.question import LONGEST, search_text
from qa.scope import PAPERS, place_level, split_scope

Words = Callable[[str], list[str]]  # cuts a text into jieba's search-mode words

_KINDS = {
    "ask": """什么时候 啥时候 何时 哪年 哪一年 哪天 几月 几年 几时 多久 多长时间 多少 几 几个 几条 几所 几家
        多大 多长 多远 哪 哪里 哪儿 何处 什么地方 啥地方 哪些地方 哪个地方 哪些 哪个 哪几个 哪家 哪种 谁
        谁来 为什么 为啥 怎么 怎么样 怎样 怎么办 咋 咋样 如何 什么 什么样 啥 有没有 是不是 能不能 要不要
        是否 能否 吗 么 没有 没 不 不是 不能 不会 会不会 可不可以 行不行 算不算 谁来管 由谁来""",
    "auxiliary": """能 能够 会 要 可以 应该 应 得 该 将 将会 将要 准备 需要 需 想 愿意 是 有 都 也 还 再 就
        才 已 已经 目前 现在 将来 以后 大概 大约 一共 总共 共 具体 主要 重点 分别 到底 究竟 最 最终 最快
        最早 真的 快 很 更 先 过 着 了 一下 吧 来 去 我 我们 咱 咱们 老百姓 自己 一个 一些 些 个 条 座 家 种
        项 所 人 好 其他 其它 另外 别的 有人 还有 还要 就是 还是 才能""",
    "outcome": """建 修 盖 做 搞 弄 办 干 管 找 花 出 投 算 领 交 拿 补 叫 属 归 通 走 变 达 说 讲 提 写 发
        开 用 靠 建成 建好 建完 修好 修通 修建 通车 开通 开工 完工 动工 竣工 完成 投产 运营 开放 开业 开始
        启动 实现 达到 负责 牵头 出钱 申请 申报 办理 报名 领取 参加 享受 位于 经过 包括 规定 依托""",
    "action": "建设 发展 推进 推动 实施 落实 规划 布局 安排 解决 开展 加强 支持 鼓励 打造 建立 完善",
    "deed": """改造 治理 保护 扶持 整治 监管 扩建 升级 转移 结算 报销 引进 培育 推广 开发 共享 保障 管理
        培训 培养 招商 监测 搬迁 拆迁 补偿 防治 修复 转型 淘汰 压减 对接 合作""",
    "facet": """时间 日期 期限 地点 位置 地址 目标 任务 措施 办法 要求 标准 条件 材料 流程 手续 步骤 规模
        面积 长度 费用 成本 预算 价格 原因 理由 目的 意义 好处 作用 影响 效果 进度 情况 内容 比例 资金 投资
        补贴 补助 钱 负责人 优惠 项目 工程 政策 路线 车站 部门 单位 机构 重点项目 地方 问题""",
    "class": "企业 公司 厂家 城市 高校 大学 学校 医院 地区 区域 领域 产品 产业 行业 平台 基地 园区 制度 机制",
    "people": """老人 老年人 孩子 儿童 小孩 学生 大学生 农民 农民工 残疾人 外地人 本地人 居民 市民 退役军人
        妇女 青年 年轻人 青少年 职工 工人 老师 教师 医生 失业人员 退休人员 毕业生 个体户 灵活就业人员""",
    "year": "今年 去年 明年 前年 后年 十三五 十四五 十五五",
    "link": "的 和 与 及 或 到 在 从 对 向 由 给 跟 同 把 被 让 以 按 往 比 之 为 里 中 上 内 下 于",
}
"""Kind → words. An ``action`` says little (建设), a ``deed`` much; a ``class`` is a subject or asked for."""

_KIND = {word: kind for kind, said in _KINDS.items() for word in said.split()}
_ABOUT = frozenset({"place", "people", "year", "subject"})
_VERBS = frozenset({"outcome", "action", "deed"})
_OWNED = re.compile("补[贴助]|资金|政策|项目|工程|机构")  # 养老补贴, 公路项目 are subjects
_YEAR = re.compile(r"(?:19|20)[0-9]{2}年?(?:[底初末内]|以前|之前|前)?")
_WHEN = re.compile("什么时[候间]|啥时|何[时年]|哪一?[年天]|几[年月点时]|多久")
_FILLING = re.compile(r"[\W_的]")
_TAIL = re.compile(r"[\s?？!！。.…~,，;；:：]+$")
_PARTICLE = re.compile("(?:(?:的话)?[呢啊呀吧嘛哦哈]+|的话)$")
_COURTESY = re.compile(
    r"(?:[多感]?谢|那?算了|那?就好|不对|不是这个|没有|是[吗么]|真的[吗么]?|不?可以[吗么]?|明白|知道|懂|收到|再见|可以|不错|[好的嗯哦行了你您啦]|ok|\W|_)*"
)
_LEAD = re.compile(
    "(?:那么|哦|噢|嗯|好的|请问|(?:再|顺便)?(?:问|打听)一?下|我?[还再]?想(?:知道|问|了解)(?:一下|下)?|对了|另外"
    "|帮我?[查看找](?:一下|下)?|麻烦|谢谢|接着|所以|但是|不过|可是|具体(?:来说)?(?=.))[,，、 ]*"
)
_SWITCH = re.compile("还有|[如要][果是]是?|至于|[换改]成|不是[^,，是]{1,8}[,，]?而?是|我[是要]?[问说指]的?是")
_SAME = re.compile("(?:也[^,，]{0,2}[吗么]|有[吗么]|有没有|是?[一这]样[吗么]|[行能会]吗)$")
_OTHER = "(?:别|其他|其它|另外|更多)的?"
_THINGS = "(?:方面|内容|措施|地方|规定|说法|段落|例子|做法|要求|东西|项目|工程|政策|企业|单位|目标)?"
_MORE = re.compile(
    f"(?:除此之外|除了这[些个])?,?还有(?:没有)?(?:{_OTHER})?{_THINGS}(?:[吗么呢没]|没有|(?:什么|哪些|啥){_THINGS})?"
    f"|{_OTHER}{_THINGS}(?:[呢吗]|[都还]?有(?:吗|哪些|什么|没有))|有(?:没有)?{_OTHER}{_THINGS}[吗么呢]?|更多|接着说"
    "|除此之外呢?|除了这[些个]呢|[再多][来说给找列看]我?[几一两些点]+[个条段些点]?|继续说?|下一[个条段]|然后呢"
    "|[就只]有?这些吗?|没有?(?:别的|其他)?了吗"
)
_PRONOUN = re.compile(
    "(?:上面|前面|刚才|刚刚|之前)(?:所?[说提讲问谈][到过起]?的?|的|[这那])[个条些]?|上述|其中的?|它们?|[他她]们?"
    "|[这那](?:件?事儿?|[两几]?[个条座项家所片种类些段件批笔处])|这样做?|这么[做办搞]|前者|后者|那[里儿边]|当地|[这那]个?地方"
    "|这(?![几年次月周天一二三四五六七八九十0-9两回时阵会份学季里儿边])|[该此其]"
)
_LACKING = re.compile("(?!.*(?:什么(?!时)|哪些|多少)).*(?:通车|开[通工]|建成|[建修](?:[好在到了吗]|$))")


@dataclass(frozen=True, slots=True)
class Carried:
    """The whole question to search for, what the chip says, and whether more than was shown is asked for."""

    text: str
    chip: str
    more: bool


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    kind: str


_Pieces = list[_Piece]
_Found = tuple[str, str, str] | None  # the whole question, and the two parts of the chip


def follow_up(question: str, earlier: Sequence[str], words: Words) -> Carried | None:
    """Return what ``question`` means after ``earlier`` (as typed, oldest first); None: it needs nothing."""
    before, carried = "", None
    for typed in (*earlier, question):
        try:
            text = _TAIL.sub("", search_text(typed))
        except PlanqaError:
            text = ""
        courtesy = _COURTESY.fullmatch(text)
        carried = _resolve(text, before, words) if before and not courtesy else None
        if not courtesy:
            before = carried.text if carried else _PARTICLE.sub("", text)
    return carried


def _resolve(text: str, before: str, words: Words) -> Carried | None:
    said = _LEAD.sub("", text)
    pronoun = _pronoun(tokens := _tokens(said, words))
    then = tokens[:1] == ["那"] and not (pronoun and pronoun.start() == 0)
    said = said[1:] if then else said
    if _MORE.fullmatch(said):
        return Carried(before, f"接着问：{before} · 还有别的", True)
    (scope, rest), (new_scope, asked) = split_scope(before), split_scope(said)
    if new_scope and not _PARTICLE.sub("", asked):
        return Carried(new_scope + rest, f"接着问：{new_scope} · {rest}", False)
    found = _of_pronoun(pronoun, rest, words) if pronoun else _swapped(asked, then, rest, words)
    if not (pronoun or found):
        found = _of_subject(asked, rest, words)
    if not found or len(found[0]) > LONGEST or _FILLING.sub("", found[0]) == _FILLING.sub("", asked):
        return None
    return Carried((new_scope or scope) + found[0], f"接着问：{found[1]} · {found[2]}", False)


def _joined(pieces: Iterable[_Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def _kind(stretch: str) -> str | None:
    known = "year" if _YEAR.fullmatch(stretch) else _KIND.get(stretch)
    level = None if known else place_level(stretch)
    return known or ("subject" if level == "thing" else level and "place")


def _tokens(text: str, words: Words) -> list[str]:
    """Return the longest words of a search-mode cut and the single characters between: all of ``text``."""
    vocabulary, tokens = sorted(words(text), key=len, reverse=True), list[str]()
    while text:
        found = next((word for word in vocabulary if text.lower().startswith(word)), text[0])
        tokens.append(text[: len(found)])
        text = text[len(found) :]
    return tokens


def _pieces(text: str, words: Words) -> _Pieces:
    """Cut ``text`` into pieces by the longest words of the tables; subjects that 的 or 和 joins are one."""
    tokens, cut = _tokens(text, words), list[_Piece]()
    while tokens:
        sizes = range(min(5, len(tokens)), 0, -1)
        size = next((n for n in sizes if _kind("".join(tokens[:n]))), 1)
        word = "".join(tokens[:size])
        cut.append(_Piece(word, _kind(word) or ("subject" if word.isalnum() else "mark")))
        del tokens[:size]
    found: _Pieces = []
    for n, piece in enumerate(cut):
        after = next((other.kind for other in cut[n + 1 :] if other.kind != "link"), "ask")
        kind = _by_position(piece.kind, found, after)
        joints = {"subject": '的和与及、·-—“”"()', "place": "和与及、"}.get(kind, "")
        size = int(bool(joints and found and found[-1].kind == kind))
        if joints and len(found) > 1 and found[-1].text in joints and found[-2].kind == kind:
            size = 2
        start = len(found) - size
        found[start:] = [_Piece(_joined(found[start:]) + piece.text, kind)]
    return found


def _by_position(kind: str, found: _Pieces, after: str) -> str:
    """Tell verbs and facets that are part of a name (运营中心, 投资平台) from those that ask."""
    before = [piece.kind for piece in found if piece.kind not in ("link", "mark")][-1:] or ["ask"]
    if kind in _VERBS:
        asks = before[0] in ("ask", "auxiliary", "outcome", "facet")
        return kind if asks or (kind == "outcome" and after in ("ask", "auxiliary")) else "subject"
    if kind in ("facet", "class"):
        asked_for = kind == "facet" or (bool(found) and before[0] == "ask")
        return "facet" if asked_for and after not in ("subject", "class") else "subject"
    return kind


def _topic(core: _Pieces, question: str = "") -> str:
    """Return what ``core`` is about, less what ``question`` says again: deeds, times."""
    timed = bool(_YEAR.search(question) or _WHEN.search(question))
    topic = links = ""
    for piece in core:
        owned = piece.kind == "deed" or (_OWNED.fullmatch(piece.text) and topic and not links)
        own = piece.kind in _ABOUT and not (timed and piece.kind == "year")
        if own or (owned and piece.text not in question):
            topic += (links if topic else "") + piece.text
        links = links + piece.text if piece.kind in ("link", "mark") else ""
    return topic or _joined(piece for piece in core if piece.kind == "facet")


def _pronoun(tokens: list[str]) -> re.Match[str] | None:
    """Return the pronoun of a question, if no subject stands before it."""
    starts = [0, *accumulate(map(len, tokens))]
    for start, token in zip(starts, tokens, strict=False):
        found = _PRONOUN.match("".join(tokens), start)
        if found and found.end() in starts:
            return found
        if token != "那" and _kind(token) in {None, "class", *_ABOUT}:
            return None
    return None


def _of_pronoun(found: re.Match[str], rest: str, words: Words) -> _Found:
    """Put what the question before is about in the place of 它, 这条铁路, 其中, 前者."""
    core, asked, word = _pieces(rest, words), found.string, found[0]
    ahead, after = asked[: found.start()].removeprefix("那"), asked[found.end() :]
    meant, taken = _meant(word, _tokens(after, words), core, asked)
    after = after[taken:]
    if not meant or len(asked) > 20 or re.search("[我咱你]们?$", ahead):
        return None
    if word in ("前者", "后者") and not _PARTICLE.sub("", after):
        return _swapped(meant + "呢", False, rest, words)
    if word.startswith("其中") and (swapped := _swapped(after, False, rest, words)):
        return swapped
    after = _PARTICLE.sub("", after)
    asks = {piece.kind for piece in _pieces(ahead + after, words)} & {"ask", "facet", *_VERBS}
    return (ahead + meant + after, meant, (ahead + after).removeprefix("的")) if asks else None


def _meant(word: str, after: list[str], core: _Pieces, asked: str) -> tuple[str, int]:
    """Return what a pronoun stands for, and how many characters behind it name that again (这条·铁路)."""
    topic = _topic(core, asked)
    if word[-1] in "里儿边地方":
        places = [piece.text for piece in core if piece.kind == "place"]
        return (places[0] if len(places) == 1 else ""), 0
    if word in ("前者", "后者"):
        pair = re.split("和|与|以及|及|、|还是", topic)
        return (pair[word == "后者"] if len(pair) == 2 else ""), 0
    if word.startswith(("他", "她", "它", "其中", "这样", "这么")) or "事" in word:
        return ("" if word[0] in "他她" and all(p.kind != "people" for p in core) else topic), 0
    taken = 0
    for token in after:
        shared = token[-1] in topic and _kind(token) in (None, "subject", "class")
        if not (token in topic if token in PAPERS.split("|") else shared or _kind(token) == "facet"):
            break
        taken += len(token)
    following = (_kind(after[0]) or "subject") if after else "ask"
    own = following in ("class", *_ABOUT) or after[:1] == ["规划"] or word in ("该", "此")
    return ("" if own and not taken else topic), taken


def _swapped(asked: str, then: bool, rest: str, words: Words) -> _Found:
    """Put the place, people, year or subject of 那莱芜呢 in the place of what is of its kind before."""
    switch = _SWITCH.match(asked)
    said = asked[switch.end() :] if switch else asked
    named = _PARTICLE.sub("", said)
    same = _SAME.search(named) or (re.search("(?:又|会)?[怎咋]么?样$", named) if then else None)
    if not (same or named != said or then or (switch and switch[0] != "还有")):
        return None
    named = named[: same.start()] if same else named
    pieces = _pieces(named, words) if len(named) <= 14 else []
    kinds = {piece.kind for piece in pieces} - {"link", "mark"}
    kinds -= {"facet"} if pieces and pieces[-1].text in rest else set()
    if not kinds or not kinds <= ({"place", "people"} if same else _ABOUT):
        return None
    core = new = _pieces(rest, words)
    if "subject" in kinds and (re.search("[,;。?!]", rest) or (named[-1] == "的" and "的" not in rest)):
        return None  # which clause's subject, and 城区的 what?
    if kinds == {"year"} and not any(piece.kind == "year" for piece in core) and _WHEN.search(rest):
        return _topic(core) + named, _topic(core), named
    put: _Pieces = []
    for kind in ("place", "people", "year", "subject"):
        at = [n for n, piece in enumerate(pieces) if piece.kind == kind]
        if at and new:
            text, ahead = _joined(pieces[at[0] : at[-1] + 1]), pieces[at[0] - 1].text if at[0] else ""
            if not any(piece.kind == kind for piece in core):
                text = {"year": ahead + text, "people": text + "的" * named.endswith("的")}.get(kind, text)
            if kind == "subject" and named.endswith("的"):
                text += "".join("".join(p.text.partition("的")[1:]) for p in core if p.kind == kind)
            put.append(_Piece(text, kind))
            new = _put(new, put[-1], ahead, words)
    stays = "".join("…" if piece in put else piece.text for piece in new).strip("…").removeprefix("的")
    return (_joined(new), named.removesuffix("的"), stays) if _FILLING.sub("", stays) else None


def _put(core: _Pieces, new: _Piece, ahead: str, words: Words) -> _Pieces:
    """Put ``new`` in the place of the piece of its kind, or where it would stand; nothing: in doubt."""
    at = [n for n, piece in enumerate(core) if piece.kind == new.kind]
    if not at and new.kind == "subject":
        at = [n for n, piece in enumerate(core) if _KIND.get(piece.text) == "class"]  # 有哪些·企业
    if not at:
        last = max((n for n, piece in enumerate(core) if piece.kind == "place"), default=-1)
        subject = next((n for n, piece in enumerate(core) if piece.kind == "subject"), last + 1)
        first = subject if new.kind in ("people", "subject") else 0
        return [*core[:first], new, *core[first:]]
    if len(at) > 1 and new.kind == "place":
        led = [n for n in at if n and core[n - 1].text == ahead] if ahead in ("到", "从", "在") else []
        at = led or [n for n in at if place_level(core[n].text) == place_level(new.text)] or at
    elif len(at) == 2 and any(p.kind == "ask" or p.text in "会要能将" for p in core[at[0] : at[1]]):
        at = at[:1]  # 高校·会到莱芜·办学
    old, last_new = _tokens(core[at[0]].text, words), _tokens(new.text, words)[-1]
    verb = len(old) > 1 and _KIND.get(old[-1]) in _VERBS and _KIND.get(last_new) not in _VERBS
    kept = [_Piece(old[-1], "subject")] if verb and new.kind == "subject" else []
    return [*core[: at[0]], new, *kept, *core[at[0] + 1 :]] if len(at) == 1 < len("".join(old)) else []


def _of_subject(asked: str, rest: str, words: Words) -> _Found:
    """Put what the question before is about before one that says only what it asks (什么时候建成, 费用呢)."""
    bare = _PARTICLE.sub("", asked)
    pieces = _pieces(bare, words)
    kinds, own = {piece.kind for piece in pieces}, {piece.kind for piece in pieces} & _ABOUT
    moving = own == {"place"} and _LACKING.match(bare)
    facets = kinds == {"facet"} and bare != asked
    if not (facets or ("ask" in kinds and (own <= {"year"} or moving))) or (own and "facet" in kinds):
        return None
    core = _pieces(rest, words)
    if moving:
        place = next(piece for piece in pieces if piece.kind == "place")
        core = _put(core, place, "", words) if {"subject", "people"} & {p.kind for p in core} else []
        bare = bare.replace(place.text, "", 1).removeprefix("在")
    topic = _topic(core, bare)
    return (topic + "的" * facets + bare, topic, bare) if len(topic) > 1 else None
