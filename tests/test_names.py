"""The names in a question, and those that stand in no plan: on the plans that come with the project."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.opened import Index
from index.records import Passage
from index.seeds import read_seeds
from qa.names import FOLDER, ORDINARY, SAME, SPOKEN, gazetteer, missing_names, named, read_lines

NAMES = sorted(gazetteer().names)

NAMED = [
    ("杭州和珠海哪个好", ("杭州", "珠海")),
    ("济南市莱芜区的钢厂", ("济南市", "莱芜区")),
    ("山东省济南市章丘区种什么", ("山东省", "济南市", "章丘区")),
    ("杭州市民能用吗", ("杭州",)),
    ("上海市区堵不堵", ("上海",)),
    ("成渝双城经济圈怎么建", ("成渝双城经济圈",)),
    ("成渝那边", ("成渝",)),
    ("成渝高铁几点开", ("成渝高铁",)),
    ("沪昆高速修好没", ("沪昆高速",)),
    ("长阳土家族自治县和长阳县", ("长阳土家族自治县", "长阳县")),
    ("内蒙古自治区的电", ("内蒙古自治区",)),
    ("遥墙机场扩建", ("遥墙机场",)),
    ("北京大学和北大", ("北京大学", "北大")),
    ("杭州杭州杭州", ("杭州",)),
    ("2035年远景目标", ("2035年",)),
    ("到2035能建成吗", ("2035年",)),
    ("好田 总面积 2030 目标", ("2030年",)),
    ("2025-2027年干什么", ("2025年", "2027年")),
    ("二〇三五年", ("2035年",)),
    ("25年底能通车吗", ("2025年",)),
    ("打算到23年架多少个信号塔", ("2023年",)),
    ("社保交满15年领多少", ()),
    ("产权延长到30年吗", ()),
    ("给2000人发补贴", ()),
    ("十五五规划和第十四个五年规划", ("十五五", "十四五")),
    ("地铁4号线和R3线", ("4号线", "R3线")),
    ("地下铁二十一号线", ("二十一号线",)),
    ("做X线检查，一线城市", ()),
    ("g35和S317", ("G35", "S317")),
    ("109国道、省道237", ("109国道", "省道237")),
    ("5G改6G，8G内存", ("5G", "6G")),
    ("第三机场和T3航站楼", ("第三机场", "T3航站楼")),
    ("四环边上种花", ("四环",)),
    ("第三环节", ()),
    ("《济莱协作区规划》说了什么", ("济莱协作区规划",)),
    ("有个叫“吉岗即聘”的", ("吉岗即聘",)),
    ("“强芯”工程", ("强芯",)),
    ("厂子有毛病找谁“看病”", ()),
]

ORDINARY_SPEECH = [
    "东西安排得怎么样",
    "从化解矛盾说起",
    "为民和谐社区",
    "建成都市圈要几年",
    "普通化肥涨价吗",
    "诚信阳光的办事大厅",
    "重大庆典什么时候办",
    "南北通道堵不堵",
    "经济源头在哪里",
    "大理石地面",
    "文山会海怎么治",
    "复合肥哪里买",
    "示范县有几个",
    "繁荣昌盛",
    "提高安全水平",
    "面临高温怎么办",
    "京东阿里这样的大厂",
    "三大运营商都建了啥",
    "堵车怎么办",
    "老人看病能报多少",
    "充电桩哪里有",
    "平安社区、和平路、朝阳产业、新兴行业",
    "高新区、开发区、中心城区、东部、北方",
    "长寿老人多，大方一点",
]

MISSING = [
    ("杭州亚运场馆", ("杭州",)),
    ("珠海房价多少", ("珠海",)),
    ("成渝双城经济圈怎么建", ("成渝双城经济圈",)),
    ("成渝高铁什么时候通车", ("成渝高铁",)),
    ("地铁4号线什么时候通车", ("4号线",)),
    ("地铁四号线什么时候通车", ("四号线",)),
    ("R4线呢", ("R4线",)),
    ("G35怎么走", ("G35",)),
    ("109国道堵不堵", ("109国道",)),
    ("2035年要达到什么", ("2035年",)),
    ("19年底完成了吗", ("2019年",)),
    ("第三机场建在哪里", ("第三机场",)),
    ("6G什么时候用上", ("6G",)),
    ("兰陵县种大蒜", ("兰陵县",)),
    ("粤港澳大湾区", ("粤港澳大湾区",)),
    ("京广高铁", ("京广高铁",)),
    ("京沪高速和沪昆高速", ("沪昆高速",)),
    ("华为在济南建厂吗", ("华为",)),
    ("复旦和清华哪个来", ("复旦",)),
    ("鄱阳湖和雪野湖", ("鄱阳湖",)),
    ("《山东半岛城市群发展规划》", ("山东半岛城市群发展规划",)),
    ("新西兰进口什么", ("新西兰",)),
    ("四环路堵车", ("四环",)),
    ("十六五规划", ("十六五",)),
]

STANDING = [
    "莱芜到济南的城际铁路什么时候通车",
    "莱芜市的钢厂怎么办",
    "济南市、山东省",
    "章丘大葱",
    "章丘区、章丘市",
    "济莱高铁",
    "京沪高铁二通道",
    "滨莱高速改建",
    "济青高铁、济郑铁路",
    "遥墙机场的指廊",
    "地铁R3线、r1线、M线",
    "S317和省道317",
    "S234线",
    "北大、清华在山东干什么",
    "上海交大和北科大",
    "河北和天津",
    "长江三角洲",
    "2020年通车吗",
    "2025年到2027年",
    "20年底通车吗",
    "16年的规划",
    "2016年发布的",
    "十五五怎么编",
    "第十五个五年规划",
    "4G和5G",
    "G60科创走廊",
    "二环南路、二环东路",
    "雪野湖会展",
    "莱钢、泰钢、山钢集团",
    "《济莱协作区规划》",
    "《山东省深入落实区域协调发展战略深度对接京津冀和长三角行动方案》",
    "“魅力济南”品牌",
    "一带一路",
]


@pytest.mark.parametrize(("question", "names"), NAMED)
def test_names_are_found_in_order_the_longest_of_each(question: str, names: tuple[str, ...]) -> None:
    assert named(question) == names


@pytest.mark.parametrize("question", ORDINARY_SPEECH)
def test_ordinary_words_are_no_names(question: str) -> None:
    assert named(question) == ()


@pytest.mark.parametrize(("question", "names"), MISSING)
def test_what_no_plan_mentions_is_missing(seeds_index: Index, question: str, names: tuple[str, ...]) -> None:
    assert missing_names(question, seeds_index) == names


@pytest.mark.parametrize("question", STANDING)
def test_what_a_plan_mentions_is_not_missing(seeds_index: Index, question: str) -> None:
    assert missing_names(question, seeds_index) == ()


def test_a_name_may_stand_in_one_plan_and_be_missing_from_the_other(seeds_index: Index) -> None:
    plan = seeds_index.among(lambda entry: entry.file.startswith("000_"))
    assert missing_names("商河和烟台", seeds_index) == ()
    assert missing_names("商河和烟台", seeds_index, plan) == ("烟台",)
    assert missing_names("商河和烟台", seeds_index, ~plan) == ("商河",)
    assert missing_names("2016年和2025年", seeds_index, ~plan) == ("2016年",)


@pytest.mark.parametrize(
    "passage", [p for d in read_seeds() for p in d.passages], ids=lambda passage: passage.id
)
def test_a_passage_misses_none_of_the_names_that_it_says(seeds_index: Index, passage: Passage) -> None:
    for sentence in re.split("[。;；]", passage.text):
        assert missing_names(sentence, seeds_index) == ()


def test_every_name_is_found_in_a_plain_question() -> None:
    lost = [name for name in NAMES if name not in named(f"听说{name}那边，是吗")]
    assert lost == []


PIECES = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(read_lines(FOLDER / ORDINARY)),
    st.sampled_from(["2035年", "4号线", "G35", "“", "”", "《", "》", "年", "第", "，", " ", "5G", "线"]),
    st.text(max_size=3),
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_names_come_once_and_missing_names_are_some_of_them_in_order(seeds_index: Index, text: str) -> None:
    names = named(text)
    assert len(set(names)) == len(names)
    assert all(name in text for name in names if name in gazetteer().names)
    missing = missing_names(text, seeds_index)
    assert list(missing) == [name for name in names if name in missing]


def test_every_line_of_the_gazetteer_is_clean() -> None:
    where: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.txt")):
        lines = path.read_text(encoding="utf-8").split("\n")
        assert lines[0].startswith("# ")
        assert lines[-1] == ""
        for line in lines[:-1]:
            if line.startswith("# "):
                continue
            assert re.fullmatch(r"[\u4e00-\u9fff]{2,}", line), f"{path.name}: {line!r}"
            assert line not in where, f"{line}: {where.get(line)}, {path.name}"
            where[line] = path.name
    assert len(NAMES) > 10_000


def test_other_names_are_of_something_and_not_of_two_things() -> None:
    for file in (SAME, SPOKEN):
        firsts = [line.partition("\t")[0] for line in read_lines(FOLDER / file)]
        assert len(set(firsts)) == len(firsts)
        for line in read_lines(FOLDER / file):
            assert re.fullmatch(r"[^\t|]+\t[^\t|]+(\|[^\t|]+)*", line), line
    together = [name for line in read_lines(FOLDER / SAME) for name in re.split(r"[\t|]", line)]
    assert [name for name in together if together.count(name) > 1] == []
