"""Conversations: what a question carries over from those before it, and what it then finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.opened import Index
from qa.assistant import Assistant
from qa.follow_up import Carried, follow_up
from qa.question import search_text

Case = tuple[str, str | None, str]

# The turns, oldest first, with | between them; the question carried over for the last one (None: it stands
# on its own); a stretch of the paragraph that must then come first.
CONVERSATIONS: list[Case] = [
    # Another place.
    ("济南的健康养老产业重点做什么|那莱芜呢", "莱芜的健康养老产业重点做什么", "莱芜市重点发展休闲养老"),
    ("健康养老产业怎么发展|换成济南呢", "济南健康养老产业怎么发展", "济南市重点发展老年教育培训"),
    ("养老產業怎麼發展？|那萊蕪呢？", "莱芜养老产业怎么发展", "莱芜市重点发展休闲养老"),
    ("济南的生物医药产业重点发展什么|莱芜呢", "莱芜的生物医药产业重点发展什么", "莱城区生物医药产业园"),
    ("物流业有哪些园区|莱芜呢", "莱芜物流业有哪些园区", "莱芜北部新城商贸物流园"),
    ("济南要建哪些物流园|我问的是莱芜", "莱芜要建哪些物流园", "莱芜北部新城商贸物流园"),
    ("济南要建哪些物流园|不是济南，是莱芜", "莱芜要建哪些物流园", "莱芜北部新城商贸物流园"),
    ("济南机场要扩建什么|那莱芜呢", "莱芜机场要扩建什么", "莱芜城市候机楼"),
    ("济南机场国际航线怎么拓展|青岛呢", "青岛机场国际航线怎么拓展", "青岛机场国际航空运输网络"),
    ("山东怎么对接长三角|那京津冀呢", "山东怎么对接京津冀", "京津冀"),
    ("莱芜有哪些特色农产品|那章丘呢", "章丘有哪些特色农产品", "章丘大葱"),
    ("高端装备重点发展什么|那钢城呢", "钢城高端装备重点发展什么", "钢城资源优势"),
    ("充电桩建在哪些路上|莱芜也有吗", "莱芜充电桩建在哪些路上", "雪野湖片区"),
    ("充电桩建在哪些路上|那莱芜怎么样", "莱芜充电桩建在哪些路上", "雪野湖片区"),
    # Another subject.
    ("充电桩建在哪些路上|那加气站呢", "加气站建在哪些路上", "天然气加气站"),
    ("农村公路怎么改造|那城市道路呢", "城市道路怎么改造", "打通断头路"),
    ("S317线怎么改造|S234线呢", "S234线怎么改造", "S234"),
    ("R1线什么时候开通|那R2线呢", "R2线什么时候开通", "R2线一期"),
    ("充电桩建在哪？|Ｇ６０呢", "G60建在哪", "G60科创走廊"),
    ("莱芜到济南机场怎么走方便|那雪野通用机场呢", "莱芜到济南雪野通用机场怎么走方便", "雪野通用机场"),
    ("电网怎么建设|农村的电网呢", "农村的电网怎么建设", "加大农村电网"),
    ("两市的4G网络怎么建|那信息安全呢", "信息安全怎么建", "信息安全应急体系"),
    ("工业用水怎么管|那农业用水呢", "农业用水怎么管", "农业用水"),
    ("科学仪器能共享吗|那专利呢", "专利能共享吗", "专利、标准"),
    ("图书馆资源怎么共享|那体育场馆呢", "体育场馆怎么共享", "体育场馆资源"),
    ("大病保险怎么衔接|那医疗救助呢", "医疗救助怎么衔接", "医疗救助与基本医疗保险"),
    ("养老保险关系能跨省转移吗|失业保险呢", "失业保险能跨省转移吗", "失业保险关系转移接续"),
    ("高校会到莱芜办学吗|那科研机构呢", "科研机构会到莱芜办学吗", "科研机构落户莱芜"),
    ("职业资格怎么认证|那异地创业培训呢", "异地创业培训怎么认证", "异地就业创业培训"),
    ("中欧班列集结中心在哪里申建|那国际陆港呢", "国际陆港在哪里申建", "济南国际陆港"),
    ("碳化硅在哪里生产|石墨烯呢", "石墨烯在哪里生产", "石墨烯"),
    # Other people, another time.
    ("老人看病怎么办|孩子的呢", "孩子看病怎么办", "儿童异地接种疫苗"),
    ("济南城市轨道交通建得怎么样|到2020年呢", "到2020年济南城市轨道交通建得怎么样", "R1线开通运行"),
    ("R1线什么时候开通|那M线呢|到2020年呢", "M线到2020年", "M线、环线"),
    # Only what is asked.
    ("济莱城际铁路哪一年开始修？|什么时候建成", "济莱城际铁路什么时候建成", "争取2020年实现通车运营"),
    ("城际铁路什么时候通车|好的，谢谢|多少钱", "城际铁路多少钱", "济莱城际铁路建设"),
    ("天然气管线从哪到哪|什么时候建成", "天然气管线什么时候建成", "中石油莱芜"),
    ("小流域怎么治理|谁来管", "小流域治理谁来管", "小流域治理"),
    ("饮用水源地怎么保护|谁来监测", "饮用水源地保护谁来监测", "跨界水资源监测"),
    ("外地看病怎么直接结算|需要什么材料", "外地看病直接结算需要什么材料", "直接结算率"),
    ("外地看病怎么直接结算|为什么呢", "外地看病直接结算为什么", "直接结算率"),
    ("莱芜的生物医药产业|有哪些企业", "莱芜的生物医药产业有哪些企业", "珅诺基"),
    ("莱芜的钢铁产业怎么调整|重点开发哪些产品", "莱芜的钢铁产业调整重点开发哪些产品", "高性能模具钢"),
    ("跨境电商怎么发展|依托什么平台", "跨境电商依托什么平台", "综合保税区平台优势"),
    ("电子商务产业园建在哪|资金从哪来", "电子商务产业园资金从哪来", "电子商务产业园"),
    ("教师互聘怎么搞|跟哪些大学合作", "教师互聘跟哪些大学合作", "北京大学、清华大学"),
    ("济南的专家会到莱芜坐诊吗|什么时候开始", "济南的专家到莱芜坐诊什么时候开始", "多点执业或兼职坐诊"),
    ("2027年山东的区域协同创新要怎么样|目标呢", "2027年山东的区域协同创新的目标", "到2027年"),
    # Pronouns.
    ("济莱城际铁路什么时候通车|这条铁路有多长", "济莱城际铁路有多长", "济莱城际铁路"),
    ("济莱城际铁路什么时候通车|它的票价是多少", "济莱城际铁路的票价是多少", "济莱城际铁路"),
    ("济莱城际铁路什么时候通车|那个项目谁负责|为什么", "济莱城际铁路为什么", "济莱城际铁路"),
    ("济南药谷做什么|它有哪些平台做依托", "济南药谷有哪些平台做依托", "国家级创新药物孵化基地"),
    ("城市地下管廊怎么建|为什么要这样做", "为什么要城市地下管廊", "城市综合管廊建设"),
    ("公路和铁路怎么建|后者什么时候通车", "铁路什么时候通车", "实现通车运营"),
    ("公路和铁路怎么建|前者呢", "公路怎么建", "打通断头路"),
    (
        "省内企业怎么和京津冀高校联合攻关|上面说的高校有哪些",
        "省内企业和京津冀高校联合攻关有哪些",
        "北京科技大学",
    ),
    # Where to search.
    ("铁路怎么建|济莱规划里呢", "济莱规划里铁路怎么建", "济莱城际铁路"),
    ("2016年的规划里铁路怎么建|公路呢", "2016年的规划里公路怎么建", "打通断头路"),
    # More, and what comes after it.
    ("养老产业怎么发展|还有别的吗|那莱芜呢", "莱芜养老产业怎么发展", "莱芜市重点发展休闲养老"),
    # Questions that stand on their own.
    ("养老产业怎么发展|那充电桩建在哪", None, "新能源充电桩"),
    ("养老产业怎么发展|还有充电桩建在哪些路上", None, "新能源充电桩"),
    ("城际铁路什么时候通车|G60", None, "G60科创走廊"),
    ("城际铁路什么时候通车|养老", None, "养老"),
    ("城际铁路什么时候通车|失业保险能跨省转移吗", None, "失业保险关系转移接续"),
    ("会展业怎么发展|西客站的会展中心什么时候建", None, "济南西客站大型会展中心"),
    ("异地医保怎么结算|那社会保险关系怎么转移接续", None, "正常转移接续"),
    ("济莱之间修哪些公路|S317怎么改造", None, "S317"),
    ("海上风电怎么开发|绿电能送到北京吗", None, "绿电进京"),
    ("人才改革试验区怎么建|高层次人才怎么引进", None, "高层次人才引进"),
]

# The same, where the right paragraph may come second or third.
AMONG_THREE: list[Case] = [
    ("山东方案里高铁怎么建|那磁悬浮呢", "山东方案里磁悬浮怎么建", "京沪磁悬浮高速铁路"),
    ("大气污染怎么联防|那碳排放呢", "碳排放怎么联防", "碳排放权交易市场"),
    ("山东财经大学要在莱芜建校区吗|那职业教育呢", "职业教育要在莱芜建校区吗", "共建职业教育高地"),
]


def carried(turns: str, index: Index) -> Carried | None:
    *earlier, question = turns.split("|")
    return follow_up(question, earlier, index.terms.words)


def found(turns: str, assistant: Assistant) -> list[str]:
    told = carried(turns, assistant.index)
    answer = assistant.ask(told.text if told else turns.rpartition("|")[2])
    return [citation.passage.text for citation in answer.citations]


@pytest.mark.parametrize(("turns", "text", "stretch"), CONVERSATIONS + AMONG_THREE)
def test_a_question_carries_over_what_it_leaves_unsaid(
    turns: str, text: str | None, stretch: str, seeds_index: Index
) -> None:
    told = carried(turns, seeds_index)
    assert (told.text if told else None) == text
    assert told is None or not told.more


@pytest.mark.parametrize(("turns", "text", "stretch"), CONVERSATIONS)
def test_the_question_carried_over_finds_its_paragraph(
    turns: str, text: str | None, stretch: str, assistant: Assistant
) -> None:
    assert stretch in found(turns, assistant)[0]


@pytest.mark.parametrize(("turns", "text", "stretch"), AMONG_THREE)
def test_the_question_carried_over_finds_its_paragraph_among_three(
    turns: str, text: str | None, stretch: str, assistant: Assistant
) -> None:
    assert any(stretch in text for text in found(turns, assistant)[:3])


@pytest.mark.parametrize(
    "more",
    [
        *("还有别的吗", "还有呢？", "还有哪些", "还有什么措施", "再来几个", "其他的呢", "那还有吗", "别的呢"),
        *("更多", "多说几条", "除此之外呢", "除了这些还有什么", "然后呢", "继续", "就这些吗", "没有别的了吗"),
    ],
)
def test_more_is_asked_for_of_the_same_question(more: str, seeds_index: Index) -> None:
    same = "养老产业怎么发展"
    expected = Carried(same, f"接着问：{same} · 还有别的", True)
    assert carried(f"{same}？|{more}", seeds_index) == expected
    assert carried(f"{same}|{more}|{more}", seeds_index) == expected
    assert carried(more, seeds_index) is None


@pytest.mark.parametrize(
    ("turns", "chip"),
    [
        ("济莱城际铁路哪一年开始修|什么时候建成", "接着问：济莱城际铁路 · 什么时候建成"),
        ("济莱城际铁路什么时候通车|它的票价是多少", "接着问：济莱城际铁路 · 票价是多少"),
        ("济莱城际铁路什么时候通车|谁负责这个项目", "接着问：济莱城际铁路 · 谁负责"),
        ("济南的养老产业怎么发展|那莱芜呢", "接着问：莱芜 · 养老产业怎么发展"),
        ("济南的高校会到莱芜办学吗|那医院呢", "接着问：医院 · 济南的…会到莱芜办学吗"),
        ("从济南到莱芜的铁路什么时候通车|那到青岛呢", "接着问：到青岛 · 从济南到…的铁路什么时候通车"),
        ("济莱城际铁路什么时候建成|到2020年呢", "接着问：济莱城际铁路 · 到2020年"),
        ("铁路怎么建|山东方案里呢", "接着问：山东方案里 · 铁路怎么建"),
    ],
)
def test_the_chip_says_what_was_put_together(turns: str, chip: str, seeds_index: Index) -> None:
    told = carried(turns, seeds_index)
    assert told is not None
    assert told.chip == chip


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        ("孩子的医疗保险怎么办理|老人的呢", "老人的医疗保险怎么办理"),
        ("医疗保险怎么办理|老人的呢", "老人的医疗保险怎么办理"),
        ("养老院的床位有多少|幼儿园的呢", "幼儿园的床位有多少"),
        ("农村的公路怎么改造|城区的呢", "城区的公路怎么改造"),
        ("农村公路改造什么时候完成|那城市道路呢", "城市道路改造什么时候完成"),
        ("莱芜有哪些企业|那高校呢", "莱芜有哪些高校"),
        ("济南的高校会到莱芜办学吗|那医院呢", "济南的医院会到莱芜办学吗"),
        ("从济南到莱芜的铁路什么时候通车|那到青岛呢", "从济南到青岛的铁路什么时候通车"),
        ("济南和莱芜怎么合作办医|那青岛呢", "青岛怎么合作办医"),
        ("济南的养老怎么搞|那里有多少养老院", "济南有多少养老院"),
        ("济南有哪些轨道交通线路|其中R3线什么时候开工", "济南轨道交通线路R3线什么时候开工"),
        ("养老补贴怎么申请|医疗补贴呢", "医疗补贴怎么申请"),
        ("养老补贴怎么申请|标准是多少", "养老补贴标准是多少"),
        ("养老补贴怎么申请|补贴标准是多少", "养老补贴标准是多少"),
        ("城际铁路什么时候通车|2020年能建成吗", "城际铁路2020年能建成吗"),
        ("城际铁路什么时候通车|这事归谁管", "城际铁路归谁管"),
        ("济南的充电桩什么时候建成|莱芜什么时候建成", "莱芜的充电桩什么时候建成"),
        ("莱芜的生物医药园区有哪些企业|上面说的园区在哪儿", "莱芜的生物医药园区在哪儿"),
        ("2016年的规划里铁路怎么建|那2025年那份呢", "2025年那份铁路怎么建"),
        ("2027年山东要达到什么目标|到2020年呢", "2020年山东要达到什么目标"),
    ],
)
def test_what_is_of_its_kind_is_replaced_and_the_rest_stays(
    turns: str, text: str, seeds_index: Index
) -> None:
    told = carried(turns, seeds_index)
    assert told is not None
    assert (told.text, told.more) == (text, False)


@pytest.mark.parametrize(
    "turns",
    [
        "那莱芜呢",
        "什么时候建成",
        "它有多长",
        "谢谢|那莱芜呢",
        "城际铁路什么时候通车|谢谢",
        "城际铁路什么时候通车|好的，知道了",
        "城际铁路什么时候通车|？？？",
        "城际铁路什么时候通车|你是谁",
        "济莱城际铁路什么时候通车|这座大桥有多长",  # no bridge was spoken of
        "济莱城际铁路什么时候通车|这个规划是什么时候发布的",  # the document, not the railway
        "济莱城际铁路什么时候通车|这几年经济发展得怎么样",
        "济莱城际铁路什么时候通车|他们什么时候能回来",
        "济莱城际铁路什么时候通车|我们那边有什么项目",
        "济南到莱芜的铁路什么时候通车|那青岛呢",  # from 青岛, or to it?
        "养老产业怎么发展|前者谁负责",  # there was only one
        "铁路怎么建，公路怎么修|那机场呢",  # in the place of which?
        "养老产业怎么发展|2020年有什么目标",
        "充电桩|停车场呢",
        "城际铁路什么时候通车|其他城市呢",
        "公路怎么改造|城区的呢",  # the roads of towns, or their what?
        "城际铁路什么时候通车|养老产业的重点是什么",
        "城际铁路什么时候通车|有没有通用航空产业基地",
        "城际铁路什么时候通车|老人看病怎么办",
        "城际铁路什么时候通车|莱芜有什么优势",
    ],
)
def test_in_doubt_nothing_is_carried_over(turns: str, seeds_index: Index) -> None:
    assert carried(turns, seeds_index) is None


@given(
    st.lists(
        st.one_of(
            st.text(max_size=12),
            st.sampled_from([turn for turns, _, _ in CONVERSATIONS for turn in turns.split("|")]),
            st.sampled_from(
                ["那莱芜呢", "它谁管", "还有吗", "多少钱", "其中的呢", "后者呢", "到2020年呢", "《"]
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_nothing_is_carried_over_that_nobody_said(seeds_index: Index, turns: list[str]) -> None:
    told = follow_up(turns[-1], turns[:-1], seeds_index.terms.words)
    if told is not None:
        said = "".join(search_text(turn) for turn in turns if any(c.isalnum() for c in turn))
        assert set(told.text) <= {*said, "的"}
        assert told.chip.startswith("接着问：")
        assert len(turns) > 1
