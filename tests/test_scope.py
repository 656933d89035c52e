"""What a question says of where to search becomes a filter; what it says of the world does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.opened import DocumentEntry, Index
from index.records import Metadata
from qa.scope import place_level, read_scope, split_scope

PLAN, REPORT = "000_9d2edba989ca3690", "003_918c30ceb30ad812"

Chips = list[tuple[str, str, str]]
Case = tuple[str, Chips, str]


def entry(name: str, title: str, date: str | None, region: str | None) -> DocumentEntry:
    return DocumentEntry(name, f"{name}.txt", Metadata(title, date=date, region=region))


PROVINCES = (
    entry("gansu-report", "2026年甘肃省政府工作报告", "2026-02-10", "甘肃省"),
    entry("gansu-plan", "甘肃省“十五五”规划纲要", "2026-03-01", "甘肃省"),
    entry("sichuan-2026", "2026年四川省政府工作报告", "2026-02-08", "四川省"),
    entry("sichuan-2025", "2025年四川省政府工作报告", "2025-01-20", "四川省"),
    entry("mongolia", "内蒙古自治区国土空间规划", "2024-05-01", "内蒙古自治区"),
    entry("shanghai", "上海市城市总体规划", "2017-12-15", "上海市"),
    entry("jilin", "吉林省养老服务规划", None, "吉林省"),
    entry("qinghai", "青海省生态保护条例（2022年修订）", None, "青海省"),
)
NESTED = (
    entry("shandong", "山东省政府工作报告", "2026-01-20", "山东省"),
    entry("jinan", "济南市政府工作报告", "2026-01-12", "济南市"),
    entry("gansu", "甘肃省政府工作报告", "2026-01-15", "甘肃省"),
)
CITIES = (
    entry("jinan", "济南市政府工作报告", "2026-01-12", "山东省济南市"),
    entry("lanzhou", "兰州市政府工作报告", "2026-01-15", "甘肃省兰州市"),
)

TITLED = "《山东省深入落实区域协调发展战略深度对接京津冀和长三角行动方案(2025-2027年)》里"

ON_THE_SEEDS: list[Case] = [
    # A part of one title with a word for a document.
    ("济莱规划里铁路怎么建", [("document", PLAN, "济莱规划里")], "铁路怎么建"),
    ("济莱规划对水利怎么说", [("document", PLAN, "济莱规划")], "对水利怎么说"),
    ("济莱协作区的规划里医保怎么结算", [("document", PLAN, "济莱协作区的规划里")], "医保怎么结算"),
    ("山东方案里科创走廊在哪", [("document", REPORT, "山东方案里")], "科创走廊在哪"),
    ("山东的方案里高铁怎么建", [("document", REPORT, "山东的方案里")], "高铁怎么建"),
    ("根据山东方案，失业保险怎么转移", [("document", REPORT, "山东方案")], "失业保险怎么转移"),
    ("行动方案明确了几个方面的重点任务", [("document", REPORT, "行动方案")], "明确了几个方面的重点任务"),
    ("铁路怎么建，济莱规划里", [("document", PLAN, "济莱规划里")], "铁路怎么建"),
    ("充电桩济莱规划里有吗", [("document", PLAN, "济莱规划里")], "充电桩有吗"),
    # A title between 《 and 》.
    ("《济莱协作区规划》里水利怎么安排", [("document", PLAN, "《济莱协作区规划》里")], "水利怎么安排"),
    (f"{TITLED}对人才怎么说", [("document", REPORT, TITLED)], "对人才怎么说"),
    ("《关于进一步加强的通知》里养老怎么说", [], "《关于进一步加强的通知》里养老怎么说"),
    # A year said of the document.
    ("2016年的规划里农村公路怎么改造", [("year", "2016", "2016年的规划里")], "农村公路怎么改造"),
    ("在2016年的规划里，铁路怎么建？", [("year", "2016", "2016年的规划里")], "铁路怎么建？"),
    ("2025年那份有没有提到高铁", [("year", "2025", "2025年那份")], "有没有提到高铁"),
    ("25年的方案里社保卡怎么用", [("year", "2025", "25年的方案里")], "社保卡怎么用"),
    ("2016版规划里铁路怎么建", [("year", "2016", "2016版规划里")], "铁路怎么建"),
    ("2024年那份里养老怎么说", [("year", "2024", "2024年那份里")], "养老怎么说"),  # no document has it
    (
        "2025年山东方案里高铁怎么建",
        [("document", REPORT, "2025年山东方案里"), ("year", "2025", "2025年山东方案里")],
        "高铁怎么建",
    ),
    # Nothing is left to search for: the whole is searched.
    ("山东的方案", [("document", REPORT, "山东的方案")], "山东的方案"),
    ("济莱规划讲了什么", [("document", PLAN, "济莱规划")], "济莱规划讲了什么"),
    # Said of the world, not of the document.
    ("2025年要建多少充电桩", [], "2025年要建多少充电桩"),
    ("2020年实现通车的是哪条铁路", [], "2020年实现通车的是哪条铁路"),
    ("到2020年的规划目标是什么", [], "到2020年的规划目标是什么"),
    ("到2025年的规划里铁路多长", [], "到2025年的规划里铁路多长"),
    ("2016-2020年的规划里铁路多长", [], "2016-2020年的规划里铁路多长"),
    ("2027年规划建成什么", [], "2027年规划建成什么"),
    ("济南今年要建什么", [], "济南今年要建什么"),
    ("莱芜的养老怎么发展", [], "莱芜的养老怎么发展"),
    ("山东高铁怎么建", [], "山东高铁怎么建"),
    ("山东规划建设哪些铁路", [], "山东规划建设哪些铁路"),
    ("济莱协作区规划了哪些铁路", [], "济莱协作区规划了哪些铁路"),
    ("山东的规划里养老怎么说", [], "山东的规划里养老怎么说"),  # both plans are Shandong's
    ("规划里怎么说充电桩", [], "规划里怎么说充电桩"),
    ("十五五规划怎么编", [], "十五五规划怎么编"),
    ("老旧小区改造的行动方案有哪些", [], "老旧小区改造的行动方案有哪些"),
    ("济莱规划和山东方案有什么不同", [], "济莱规划和山东方案有什么不同"),  # not both at once
]

ON_PROVINCES: list[Case] = [
    # A region said of the document.
    ("四川的报告里高铁怎么说", [("region", "四川省", "四川的报告里")], "高铁怎么说"),
    ("四川报告里高铁怎么说", [("region", "四川省", "四川报告里")], "高铁怎么说"),
    ("四川的方案里高铁怎么说", [("region", "四川省", "四川的方案里")], "高铁怎么说"),
    ("甘肃的报告里养老怎么说", [("document", "gansu-report", "甘肃的报告里")], "养老怎么说"),
    ("甘肃的规划里养老怎么说", [("document", "gansu-plan", "甘肃的规划里")], "养老怎么说"),
    (
        "四川2025年的报告里高铁怎么说",
        [("region", "四川省", "四川2025年的报告里"), ("year", "2025", "四川2025年的报告里")],
        "高铁怎么说",
    ),
    # A region that the question begins with.
    ("甘肃今年粮食产量多少", [("region", "甘肃省", "甘肃")], "今年粮食产量多少"),
    ("甘肃省今年粮食产量多少", [("region", "甘肃省", "甘肃省")], "今年粮食产量多少"),
    ("内蒙古的风电怎么发展", [("region", "内蒙古自治区", "内蒙古")], "风电怎么发展"),
    ("四川会不会通高铁", [("region", "四川省", "四川")], "会不会通高铁"),
    ("上海今年办什么展", [("region", "上海市", "上海")], "今年办什么展"),
    ("请问甘肃今年粮食产量多少", [("region", "甘肃省", "甘肃")], "请问今年粮食产量多少"),
    ("甘肃", [("region", "甘肃省", "甘肃")], "甘肃"),
    # Another name that begins like it, two regions, or a region elsewhere in the question.
    ("吉林市今年修什么路", [], "吉林市今年修什么路"),
    ("上海路怎么修", [], "上海路怎么修"),
    ("青海湖的水涨了吗", [], "青海湖的水涨了吗"),
    ("四川大学怎么发展", [], "四川大学怎么发展"),
    ("甘肃省会城市怎么发展", [], "甘肃省会城市怎么发展"),
    ("上海市民看病方便吗", [], "上海市民看病方便吗"),
    ("四川和甘肃的高铁哪个多", [], "四川和甘肃的高铁哪个多"),
    ("四川和甘肃的报告里高铁怎么说", [], "四川和甘肃的报告里高铁怎么说"),
    ("甘肃到四川的铁路什么时候通", [], "甘肃到四川的铁路什么时候通"),
    ("上海的好医院来咱省开分院了吗", [], "上海的好医院来咱省开分院了吗"),
    ("今年甘肃粮食产量多少", [], "今年甘肃粮食产量多少"),
    ("浙江今年怎么发展", [], "浙江今年怎么发展"),
    # Years, titles, and fragments that fit several.
    ("2026年的报告里就业怎么说", [("year", "2026", "2026年的报告里")], "就业怎么说"),
    ("2030年的报告里就业怎么说", [], "2030年的报告里就业怎么说"),  # one that looks to 2030
    ("2030年那份里就业怎么说", [("year", "2030", "2030年那份里")], "就业怎么说"),
    ("2022年那份里怎么保护湿地", [("document", "qinghai", "2022年那份里")], "怎么保护湿地"),
    ("养老服务规划里床位怎么说", [("document", "jilin", "养老服务规划里")], "床位怎么说"),
    ("政府工作报告里就业怎么说", [], "政府工作报告里就业怎么说"),
    ("《政府工作报告》里就业怎么说", [], "《政府工作报告》里就业怎么说"),
]


def read(question: str, documents: tuple[DocumentEntry, ...]) -> tuple[Chips, str]:
    chips, rest = read_scope(question, documents)
    return [(chip.kind, chip.value, chip.said) for chip in chips], rest


@pytest.mark.parametrize(("question", "chips", "rest"), ON_THE_SEEDS)
def test_filters_are_read_on_the_seeds(question: str, chips: Chips, rest: str, seeds_index: Index) -> None:
    assert read(question, seeds_index.documents) == (chips, rest)


@pytest.mark.parametrize(("question", "chips", "rest"), ON_PROVINCES)
def test_filters_are_read_on_provinces(question: str, chips: Chips, rest: str) -> None:
    assert read(question, PROVINCES) == (chips, rest)


@pytest.mark.parametrize("documents", [PROVINCES[:2], NESTED])
def test_a_region_at_the_beginning_is_none_where_another_may_contain_it(
    documents: tuple[DocumentEntry, ...],
) -> None:
    assert read("甘肃今年粮食产量多少", documents) == ([], "甘肃今年粮食产量多少")


def test_cities_of_two_provinces_stand_side_by_side() -> None:
    assert read("济南市的报告里地铁怎么说", CITIES)[0] == [("document", "jinan", "济南市的报告里")]
    assert [
        place_level(name) for name in ("济南", "莱芜", "山东省", "长三角", "日本", "雪野湖", "充电桩")
    ] == [*("city", "city", "province", "cluster", "country", "thing", None)]


@pytest.mark.parametrize(
    ("question", "scope", "rest"),
    [
        ("2016年的规划里铁路怎么建", "2016年的规划里", "铁路怎么建"),
        ("山东方案里呢", "山东方案里", "呢"),
        ("《济莱协作区规划》里，水利呢", "《济莱协作区规划》里，", "水利呢"),
        ("2025年那份呢", "2025年那份", "呢"),
        ("养老规划怎么编", "", "养老规划怎么编"),
        ("奥运会备战的事政府报告里提没提", "", "奥运会备战的事政府报告里提没提"),
    ],
)
def test_the_words_that_say_where_are_split_off(question: str, scope: str, rest: str) -> None:
    assert split_scope(question) == (scope, rest)


SCRAPS = st.sampled_from(
    ["甘肃", "四川", "报告里", "2025年", "的", "规划", "《", "》", "那份", "和", "养老", "，"]
)


@given(st.one_of(st.text(max_size=20), st.lists(SCRAPS, max_size=8).map("".join)))
def test_a_chip_says_a_stretch_of_the_question_and_there_is_one_of_a_kind(text: str) -> None:
    chips, rest = read_scope(text, PROVINCES)
    assert all(chip.said in text for chip in chips)
    assert len({chip.kind for chip in chips}) == len(chips)
    assert (rest == text) if not chips else set(rest) <= set(text)
