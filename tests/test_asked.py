"""What questions ask for, and what texts give."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.asked import FUNCTION_WORDS, KIND_NAMES, Kind, asked_kinds, holds

ASKED: dict[Kind, list[str]] = {
    "time": [
        "城际铁路哪一年通车",
        "城际铁路哪年建成",
        "充电桩什么时候能用上",
        "莱芜候机楼何时完工",
        "啥时候能坐上高铁",
        "新路几时能走",
        "R1线几月开通",
        "哪天开始报名",
        "公交改造要等多久",
        "创业培训的报名截止日期",
        "地铁的开通时间",
        "方案是什么时间发布的",
    ],
    "money": [
        "城际铁路票价多少",
        "去机场坐一趟多少钱",
        "修这条路要花多少",
        "候机楼投资多少钱",
        "创业给多少补贴",
        "莱芜的房价多少",
        "景区门票贵不贵",
        "充电桩怎么收费",
        "接种疫苗要钱吗",
        "老师工资涨多少",
    ],
    "amount": [
        "高速要修多少公里",
        "建多少个充电桩",
        "城际铁路有多长",
        "要开几条线路",
        "清洁能源占比多少",
        "增长百分之几",
        "产业园面积多大",
        "有几所学校",
        "培训多少人",
    ],
    "place": [
        "会展中心建在哪儿",
        "充电桩在哪里",
        "到哪办社保",
        "科创城选址",
        "物流园在哪个区",
        "去什么地方看病",
    ],
    "person": [
        "城际铁路谁负责",
        "水源地归谁管",
        "办证找谁",
        "是哪个部门负责的",
        "牵头单位是谁",
        "这个项目是哪家公司做的",
        "领导小组组长是什么人",
    ],
    "list": [
        "支持哪些企业",
        "特色农产品都有啥",
        "养老有什么政策",
        "哪类企业能上市",
        "公共服务包括什么",
        "济南跟哪些大学合作",
    ],
}

HELD: dict[Kind, list[str]] = {
    "time": [
        "争取2020年实现通车运营",
        "争取五年内建成",
        "结合“十五五”规划编制",
        "近期实施公路改造",
        "每年举办一次展会",
        "今年年底前完工",
        "申请后10个工作日办结",
    ],
    "money": [
        "总投资120亿元",
        "每人每月补助80元",
        "五百万元",
        "两千多元",
        "对济莱银行汇取款等业务免收异地手续费",
        "按30%给予补贴",
    ],
    "amount": [
        "明确了6个方面的重点任务",
        "新建二十所学校",
        "培育十家龙头企业",
        "规模翻一番",
        "开通三条线路",
    ],
    "place": [
        "在明水经济技术开发区建设汽车产业集群园区",
        "建成莱芜城市候机楼",
        "在莱芜雪野湖片区建设示范区",
        "由济南中心城区经章丘对接莱芜",
    ],
    "person": [
        "由市发展改革委负责",
        "市卫生健康委牵头",
        "省政府办公厅印发",
        "各部门要密切配合",
        "领导小组组长由副市长担任",
    ],
    "list": [
        "依托珅诺基、朗润医疗、耀华医药、菁华药业等骨干型企业",
        "支持济南、青岛、烟台等市打造未来产业先导区",
        "一是加快建设，二是加强管理",
        "（一）加强领导（二）落实责任",
    ],
}

LACKED: list[tuple[str, Kind]] = [
    ("尽快启动济莱城际铁路建设", "time"),
    ("加快建设智能电网", "time"),
    ("降低银行卡收费标准", "money"),
    ("争取2020年实现通车运营", "money"),
    ("明确了6个方面的重点任务", "money"),
    ("培育一批龙头企业", "amount"),
    ("大力发展第三方物流", "amount"),
    ("提升科技创新能力", "place"),
    ("提升科技创新能力", "person"),
    ("加快建设城际铁路", "person"),
    ("济南和莱芜联合办医", "list"),
    ("提高水资源利用率", "list"),
]


@pytest.mark.parametrize(
    ("kind", "question"), [(kind, question) for kind, asked in ASKED.items() for question in asked]
)
def test_a_question_asks_for_its_kind(kind: Kind, question: str) -> None:
    assert kind in asked_kinds(question)


@pytest.mark.parametrize("question", [q for kind, asked in ASKED.items() for q in asked if kind == "money"])
def test_who_asks_for_money_asks_for_no_other_amount(question: str) -> None:
    assert asked_kinds(question) == ("money",)


@pytest.mark.parametrize("kind", ["time", "money"])
def test_time_and_money_are_not_taken_for_each_other(kind: Kind) -> None:
    other: Kind = "money" if kind == "time" else "time"
    assert [question for question in ASKED[kind] if other in asked_kinds(question)] == []


@pytest.mark.parametrize(
    "question",
    ["铁路怎么建", "为什么要建候机楼", "章丘大葱", "G60", "到2020年能建成吗", "城际铁路", "谢谢", "", "养老"],
)
def test_a_question_of_no_kind_asks_for_none(question: str) -> None:
    assert asked_kinds(question) == ()


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("城际铁路哪一年通车，票价多少", ("time", "money")),
        ("济南要建哪些物流园，在哪里", ("place", "list")),
        ("哪几个市在什么时候试点，谁负责", ("time", "amount", "person", "list")),
    ],
)
def test_a_question_may_ask_for_several_things(question: str, kinds: tuple[Kind, ...]) -> None:
    assert asked_kinds(question) == kinds


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, held in HELD.items() for text in held])
def test_a_text_gives_what_it_says(kind: Kind, text: str) -> None:
    assert holds(text, kind)


@pytest.mark.parametrize(("text", "kind"), LACKED)
def test_a_text_does_not_give_what_it_does_not_say(text: str, kind: Kind) -> None:
    assert not holds(text, kind)


@given(
    st.text(alphabet="济莱城际铁路2020年多少钱哪些谁在里，。", max_size=20), st.sampled_from(list(KIND_NAMES))
)
def test_what_a_text_gives_it_also_gives_in_front_of_more(text: str, kind: Kind) -> None:
    if holds(text, kind):
        assert holds(f"按照规划，{text}，加快建设。", kind)


@given(st.text(max_size=30))
def test_kinds_come_once_and_in_the_same_order(question: str) -> None:
    kinds = asked_kinds(question)
    assert list(kinds) == [kind for kind in KIND_NAMES if kind in kinds]
    assert not {"money", "amount"} <= set(kinds)


def test_every_kind_has_a_name_on_screen_and_cases_here() -> None:
    assert set(KIND_NAMES) == set(ASKED) == set(HELD)
    assert len(set(KIND_NAMES.values())) == len(KIND_NAMES)


def test_function_words_ask_or_join_and_mean_nothing() -> None:
    assert {"的", "什么", "哪些", "怎么样", "请问"} <= FUNCTION_WORDS
    assert FUNCTION_WORDS.isdisjoint({"铁路", "养老", "济南", "通车", "多少", "什么时候", ""})
