"""What a question asks for (time, money, amount, place, person, list), and whether a text gives it."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["time", "money", "amount", "place", "person", "list"]

KIND_NAMES: dict[Kind, str] = {
    "time": "时间",
    "money": "金额",
    "amount": "数量",
    "place": "地点",
    "person": "负责的人或单位",
    "list": "具体名单",
}
"""Kind → how it is called on screen."""

_ASKS: dict[Kind, re.Pattern[str]] = {
    "time": re.compile(
        r"哪几?一?年|几几年|何年|哪天|哪个?月|何时|什么时候|啥时候?|几时|多会儿|多久|几月|几号|几点|什么时间|时间表|期限|多长时间|(?<![一-龥]好)几年(?:能|才|可以|建|完|修|[？?]|$)|多少[年天]|多少时间|几年修"
        r"|(?:通车|开通|启用|开幕|完工|转场|开工|动工|建成|竣工|投产|投用|举办|报名|截止|发布)的?(?:时间|日期|年份)"
    ),
    "money": re.compile(
        r"多少(?:块?钱|元|资金|经费|补贴|补助|投资|[万亿](?!人|户|亩|吨|个))|(?:投资|补助|补贴|罚|罚款|收费?|奖励?|费用?)多少(?!个|条|座|家|人|公里)|几[块毛]|几个亿|[要得给补掏花投]多少(?!个|条|座|家|人|公里|时间|年|天|工夫)"
        r"|票价|价格(?!改革|形成|机制)|价钱|房价|造价|工资.{0,4}多少|门票|怎么收费|收费标准|什么价(?!值)|啥价|贵不贵|白送|掏钱|要钱|要不要钱|免不?免费|打几折|免费[吗不么嘛]"
    ),
    "amount": re.compile(
        r"多少|几[个条座所家项次成倍名千百万亿户人口届场批间处亩吨张台辆趟班]|几公里|多大|多长|多高|多宽|占比|百分之几|分数线|面积"
    ),
    "place": re.compile(
        r"哪里|哪儿|哪块|在哪|去哪|到哪|什么地方|啥地方|哪个?[区县市镇村街路]|何处|地址|选址"
    ),
    "person": re.compile(
        r"(?:是|叫|找|由|归|跟)谁|谁(?:是|当|牵头|负责|拍板)|哪位|哪个(?:部门|单位|领导|公司|医生)|哪家(?:单位|公司|企业)|[组院校市局]长是|负责人"
    ),
    "list": re.compile(r"哪些|哪几|哪种|哪类|都有啥|有啥|有什么|有哪|都包括|包括什么"),
}

_HOLDS: dict[Kind, re.Pattern[str]] = {
    "time": re.compile(
        r"\d{4}|\d+\s*个?[年月日天]|[一二三四五六七八九十两]+年|十[一二三四五]五|近期|远期|年[底内初中末]|[上下]半年|季度"
        r"|今年|明年|今后|每[年月]|小时|工作日"
    ),
    "money": re.compile(
        r"[\d一二三四五六七八九十百千万亿两]\s*[多余]?\s*[万亿]?\s*元|%|％|免费|全额|减半|免收"
    ),
    "amount": re.compile(
        r"(?<![A-Za-z\d.])\d[\d.,]*(?![\d.,]|\s*年|号|[A-Za-z]|\s*月|\s*日)"
        r"|[一二三四五六七八九十百千万亿两]+[个条座所家项次成元倍名户处]|翻[一两]?番"
    ),
    "place": re.compile(r".(?:市|区|县|镇|乡|村|街道|路|线|园|湖|河|山|城|沿线|周边|中心|窗口|平台)"),
    "person": re.compile(
        r"部门|政府|[委局厅办院会](?:[，。、）(（]|$)|公司|单位|由[^，。]{2,12}负责|牵头|主任|书记|组长"
    ),
    "list": re.compile(r"、[^，。；]*、|[（(][一二三]|一是|二是|(?<![高平同均])等(?!待|级|候)"),
}


_FUNCTION_WORDS = """
的 了 吗 呢 吧 啊 呀 么 嘛 是 在 有 和 与 跟 同 要 会 能 可以 怎么 怎样
怎么样 如何 咋 咋样 啥 什么 哪些 是不是 有没有 能不能 会不会 要不要 我 我们 咱
咱们 你 你们 他 他们 都 也 还 就 才 又 再 到 把 被 给 对 从 让 请问 想 知道
这 那 这个 那个 一个 个 不 没 没有 里 上 下 中 去 来 得 地 着 过 之 其 以
为 于 将 已 最 很 太 更 只 些 这些 那些 现在 以后 打算 准备 到底 究竟 说 写
提到 规定 提出 部署 表述 阐述 列出 明确 作出 作 何 哪 各 分别 关于 方面
规划 方案 行动方案 文件 文档 报告 通知 意见 内容 包括
"""
FUNCTION_WORDS = frozenset(_FUNCTION_WORDS.split())
"""Words that ask, join or name the plan itself: no passage need hold them to answer."""


def asked_kinds(question: str) -> tuple[Kind, ...]:
    """Return what ``question`` asks for; money is not an amount too."""
    kinds = [kind for kind, pattern in _ASKS.items() if pattern.search(question)]
    return tuple(kind for kind in kinds if kind != "amount" or "money" not in kinds)


def holds(text: str, kind: Kind) -> bool:
    """Tell whether ``text`` gives something of ``kind``."""
    return bool(_HOLDS[kind].search(text))
