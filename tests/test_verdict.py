"""Verdicts: answered, related or none; how sure; and what speaks against an answer, said in Chinese."""

from __future__ import annotations

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.opened import Index
from qa.answer import Answer
from qa.asked import KIND_NAMES
from qa.assistant import Assistant
from qa.evidence import EVIDENCE_SIGNALS
from qa.ranking import scores, weights
from qa.retrieval import FEATURES, find_candidates
from qa.training.confidence import Model
from qa.verdict import ANSWERED, LACKING, SIGNALS, WORDS, Against, Verdict, confidence, signals, verdict

ANSWERABLE = [
    "莱芜到济南的城际铁路什么时候通车",
    "R1线什么时候开通",
    "支持哪些市打造未来产业先导区",
    "失业保险能跨省转移吗",
    "莱芜城市候机楼",
    "章丘大葱",
]

# Questions on what the plans do speak of, and what they do not give of it.
LACKING_ONE = [
    ("济莱城际铁路投资多少钱", "金额"),
    ("雪野通用机场票价多少", "金额"),
    ("济莱城际铁路的票价是多少钱", "金额"),
]

# Of other places, lines and years, and what is named in them.
ELSEWHERE = [
    ("杭州的地铁什么时候通车", "“杭州”"),
    ("地铁4号线什么时候开通", "“4号线”"),
    ("2035年要达到什么目标", "“2035年”"),
    ("深圳有哪些物流园", "“深圳”"),
    ("成都怎么发展养老产业", "“成都”"),
    ("重庆的充电桩建在哪里", "“重庆”"),
    ("珠海的房价多少", "“珠海”"),
    ("G35高速什么时候改建", "“G35”"),
    ("武汉跟哪些高校合作", "“武汉”"),
    ("山东到2040年的碳排放目标", "“2040年”"),
]

NONSENSE = [
    "呜啦啦咪咪噗",
    "哈哈哈哈哈哈哈",
    "asdf qwer zxcv",
    "红烧排骨放多少糖",
    "怎么删除微信好友",
    "梅西进了几个球",
    "猫为什么怕水",
    "王者荣耀怎么上分",
]


def spoken(index: Index, question: str, against: Against) -> np.ndarray:
    """The signals of a question."""
    candidates = find_candidates(index, question)
    return signals(index, candidates, scores(candidates), against)


@pytest.mark.parametrize(
    ("question", "evidence", "reasons"),
    [
        ("杭州的养老怎么办", "养老。", ("规划中没有提到“杭州”",)),
        ("地铁4号线在哪里", "R1线开通运行。", ("规划中没有提到“4号线”",)),
        ("2035年达到什么目标", "到2027年，形成新格局。", ("规划中没有提到“2035年”",)),
        ("济莱城际铁路票价多少", "尽快启动济莱城际铁路建设。", ("找到相关段落，但没有给出金额",)),
        ("济莱城际铁路什么时候通车", "尽快启动济莱城际铁路建设。", ("找到相关段落，但没有给出时间",)),
        ("济莱城际铁路谁负责", "尽快启动建设。", ("找到相关段落，但没有给出负责的人或单位",)),
        ("建多少个充电桩", "覆盖充足的新能源充电桩。", ("找到相关段落，但没有给出数量",)),
        (
            "杭州到莱芜的铁路什么时候通车，票价多少",
            "尽快启动建设。",
            ("规划中没有提到“杭州”", "找到相关段落，但没有给出时间", "找到相关段落，但没有给出金额"),
        ),
        ("杭州和深圳的铁路", "铁路。", ("规划中没有提到“杭州”、“深圳”",)),
    ],
)
def test_what_speaks_against_is_said(
    seeds_index: Index, question: str, evidence: str, reasons: tuple[str, ...]
) -> None:
    assert Against.of(seeds_index, question, evidence).reasons() == reasons


@pytest.mark.parametrize(
    ("question", "evidence"),
    [
        ("济莱城际铁路什么时候通车", "争取2020年实现通车运营。"),
        ("章丘大葱", "依托章丘大葱等特色农副产品。"),
        ("莱芜的养老怎么发展", "莱芜市重点发展休闲养老。"),
        ("济莱银行汇款要多少钱", "免收异地手续费。"),
        ("有哪些物流园", "零点物流港。"),  # a list that is short is a list
        ("候机楼在哪里", "建成候机楼。"),  # a place that is not given is no reason: most passages hold one
    ],
)
def test_nothing_speaks_against_what_is_named_and_given(
    seeds_index: Index, question: str, evidence: str
) -> None:
    assert Against.of(seeds_index, question, evidence) == Against()
    assert Against().reasons() == ()


def test_a_name_is_missing_from_where_is_searched(seeds_index: Index) -> None:
    plan = seeds_index.among(lambda entry: entry.file.startswith("000_"))
    assert Against.of(seeds_index, "烟台的产业", "") == Against()
    assert Against.of(seeds_index, "烟台的产业", "", plan).missing == ("烟台",)


def test_what_is_lacking_has_a_name_on_screen() -> None:
    assert set(LACKING) <= set(KIND_NAMES)
    told = Against(lacks=LACKING).reasons()
    assert [reason.removeprefix("找到相关段落，但没有给出") for reason in told] == [
        KIND_NAMES[kind] for kind in LACKING
    ]


@pytest.mark.parametrize("question", ANSWERABLE)
def test_what_the_plans_say_is_answered_without_reasons_against(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert (answer.verdict, answer.reasons) == ("answered", ())
    assert answer.confidence >= ANSWERED


@pytest.mark.parametrize(("question", "given"), LACKING_ONE)
def test_where_only_the_amount_is_lacking_the_passages_are_related(
    assistant: Assistant, question: str, given: str
) -> None:
    answer = assistant.ask(question)
    assert answer.verdict == "related"
    assert answer.reasons == (f"找到相关段落，但没有给出{given}",)


@pytest.mark.parametrize(("question", "name"), ELSEWHERE)
def test_a_question_for_another_place_line_or_year_is_not_answered(
    assistant: Assistant, question: str, name: str
) -> None:
    answer = assistant.ask(question)
    assert answer.verdict == "none"
    assert f"规划中没有提到{name}" in answer.reasons
    assert answer.citations


@pytest.mark.parametrize("question", NONSENSE)
def test_nonsense_and_everyday_questions_are_none(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.verdict == "none"
    assert answer.confidence < ANSWERED


def test_a_question_asked_of_the_right_plan_and_of_the_wrong_one(assistant: Assistant) -> None:
    def ask(question: str) -> Answer:
        return assistant.ask(question)

    assert ask("《济莱协作区规划》里章丘大葱").verdict == "answered"
    wrong = ask("山东的方案里章丘大葱")
    assert wrong.verdict == "none"
    assert "规划中没有提到“章丘”" in wrong.reasons


def test_the_learned_names_are_those_of_the_signals_in_their_order() -> None:
    learned = weights()
    assert tuple(learned["ranking"]) == FEATURES
    assert tuple(learned["evidence"]) == EVIDENCE_SIGNALS
    assert set(learned["confidence"]) == set(get_args(Model))
    for model in learned["confidence"].values():
        assert tuple(model) == (*SIGNALS, "intercept")


def test_signals_are_what_their_names_say(seeds_index: Index) -> None:
    told = dict(zip(SIGNALS, spoken(seeds_index, "S317", Against()), strict=True))
    assert (told["verbatim"], told["coverage"], told["left"], told["left_count"]) == (1, 1, 0, 0)
    told = dict(zip(SIGNALS, spoken(seeds_index, "红烧排骨放多少糖", Against()), strict=True))
    assert told["verbatim"] == 0
    assert told["left"] > 0.5
    assert told["left_here"] <= told["left_near"]
    against = Against(missing=("杭州",), lacks=("money",))
    told = dict(zip(SIGNALS, spoken(seeds_index, "杭州票价", against), strict=True))
    assert told["missing"] == told["lacks_money"] == 1
    assert told["lacks_time"] == told["lacks_amount"] == told["lacks_person"] == 0


@pytest.mark.parametrize("question", ANSWERABLE)
@pytest.mark.parametrize(
    "against", [Against(missing=("杭州",)), *(Against(lacks=(kind,)) for kind in LACKING)]
)
def test_what_speaks_against_makes_it_less_sure(seeds_index: Index, question: str, against: Against) -> None:
    plain, doubted = (spoken(seeds_index, question, told) for told in (Against(), against))
    assert confidence(doubted) < confidence(plain)


questions = st.one_of(
    st.sampled_from([*ANSWERABLE, *NONSENSE, *(question for question, _ in ELSEWHERE + LACKING_ONE)]),
    st.text(
        alphabet="济南莱芜城际铁路水电学校养老看病多少哪里吗？ABC123杭州年4号线", min_size=1, max_size=20
    ),
)


@settings(max_examples=60, deadline=None)
@given(questions)
def test_confidence_is_a_probability_and_the_verdict_agrees_with_it(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.try_ask(question)
    assert 0 <= answer.confidence <= 1
    assert answer.verdict in WORDS
    assert (answer.verdict == "answered") == (answer.confidence >= ANSWERED)
    assert answer.verdict != "answered" or not answer.reasons


@given(st.lists(st.floats(0, 1), min_size=len(SIGNALS), max_size=len(SIGNALS)))
def test_as_a_passage_speaks_more_for_an_answer_the_verdict_never_gets_worse(values: list[float]) -> None:
    found = np.array(values)
    order: list[Verdict] = ["none", "related", "answered"]
    steps = []
    for share in (0.0, 0.5, 1.0):
        found[SIGNALS.index("share")] = share
        steps.append((confidence(found), order.index(verdict(found))))
    assert all(before <= after for before, after in pairwise(steps))
