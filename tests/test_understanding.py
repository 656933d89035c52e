"""Steps taken in reading a question: each is told, obeyed and taken back; and 还有别的吗 goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from conftest import small_document
from hypothesis import given, settings
from hypothesis import strategies as st

from index.build import build_index
from index.encoder import StaticEncoder
from index.opened import Index
from index.records import Metadata, PlanqaError
from qa.answer import Answer
from qa.assistant import Assistant
from qa.lexicon import bundled_lexicon
from qa.scope import Chip
from qa.understanding import Filters, Step, understand

PLAN, REPORT = "000_9d2edba989ca3690", "003_918c30ceb30ad812"
MORE = "还有别的吗"

# Earlier questions, the question, the step taken, what is searched with it, and what without it.
STEPS: list[tuple[list[str], str, Step, str, str]] = [
    (
        ["济莱城际铁路哪一年开始修"],
        "什么时候建成",
        "follow_up",
        "济莱城际铁路什么时候建成",
        "什么时候建成",
    ),
    (["济南的养老产业怎么发展"], "那莱芜呢", "follow_up", "莱芜的养老产业怎么发展", "那莱芜呢"),
    (["养老产业怎么发展"], MORE, "follow_up", "养老产业怎么发展", MORE),
    ([], "冲电桩建在哪里", "spelling", "充电桩建在哪里", "冲电桩建在哪里"),
    ([], "济莱规划里铁路怎么建", "document", "铁路怎么建", "济莱规划里铁路怎么建"),
    ([], "《济莱协作区规划》里铁路怎么建", "document", "铁路怎么建", "《济莱协作区规划》里铁路怎么建"),
    ([], "2025年那份里高铁怎么建", "year", "高铁怎么建", "2025年那份里高铁怎么建"),
    ([], "2016年的规划里铁路怎么建", "year", "铁路怎么建", "2016年的规划里铁路怎么建"),
]


@pytest.fixture(scope="module")
def provinces(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Two provinces' plans, which say different things of the same."""
    texts = {
        "甘肃省": ("扩建兰州中川机场，新开国际航线。", "建设风电光伏基地，发展新能源。"),
        "湖南省": ("扩建长沙黄花机场，新开货运航线。", "建设轨道交通装备基地，发展新材料。"),
    }
    documents = [
        replace(
            small_document(f"plan-{region}", *said),
            metadata=Metadata(f"{region}发展规划", date="2026-01-01", region=region),
        )
        for region, said in texts.items()
    ]
    directory = tmp_path_factory.mktemp("provinces-index")
    build_index(documents, StaticEncoder(), directory)
    return Assistant(Index(directory))


def files(answer: Answer) -> set[str]:
    return {citation.document.id for citation in answer.citations}


def shown(answer: Answer) -> list[str]:
    """Every passage of an answer, those under 另见 too."""
    return [c.passage.id for first in answer.citations for c in (first, *first.also)]


@pytest.mark.parametrize(("earlier", "question", "step", "text", "back"), STEPS)
def test_a_step_is_told_and_can_be_taken_back(
    assistant: Assistant, earlier: list[str], question: str, step: Step, text: str, back: str
) -> None:
    taken = assistant.ask(question, earlier=earlier)
    assert [name for name, _, _ in taken.steps] == [step]
    assert taken.to_json()["searched"] == text
    without = assistant.ask(question, earlier=earlier, without=[step])
    assert without.steps == ()
    assert without.to_json()["searched"] == back


@pytest.mark.parametrize(
    ("question", "step", "document"),
    [
        ("济莱规划里高铁怎么建", "document", PLAN),
        ("山东的方案里养老怎么办", "document", REPORT),
        ("2025年那份里养老怎么办", "year", REPORT),
        ("2016年的规划里高铁怎么建", "year", PLAN),
    ],
)
def test_a_filter_is_obeyed_until_it_is_taken_back(
    assistant: Assistant, question: str, step: Step, document: str
) -> None:
    assert files(assistant.ask(question)) == {document}
    assert files(assistant.ask(question, 40, without=[step])) == {PLAN, REPORT}


def test_a_region_is_obeyed_until_it_is_taken_back(provinces: Assistant) -> None:
    question = "甘肃机场怎么扩建"
    taken = provinces.ask(question)
    assert [step[0] for step in taken.steps] == ["region"]
    assert files(taken) == {"plan-甘肃省"}
    assert "中川机场" in taken.citations[0].passage.text
    back = provinces.ask(question, without=["region"])
    assert back.steps == ()
    assert files(back) == {"plan-甘肃省", "plan-湖南省"}


def test_one_step_is_taken_back_and_the_other_stays(assistant: Assistant) -> None:
    question = "2025年那份里冲电桩建在哪"
    assert {step[0] for step in assistant.ask(question).steps} == {"spelling", "year"}
    back = assistant.ask(question, without=["spelling"])
    assert [step[0] for step in back.steps] == ["year"]
    assert "冲电桩" in back.to_json()["searched"]
    assert files(back) == {REPORT}
    back = assistant.ask(question, 40, without=["year"])
    assert [step[0] for step in back.steps] == ["spelling"]
    assert "充电桩" in back.to_json()["searched"]
    assert files(back) == {PLAN, REPORT}


def test_steps_say_what_was_done_and_how_it_is_taken_back(seeds_index: Index) -> None:
    question, earlier = "2025年那份里冲电桩呢", ["2016年的规划里公路怎么建"]
    told = understand(question, earlier, seeds_index, bundled_lexicon()).steps()
    assert ("spelling", "按“充电桩”查找", "改回“冲电桩”") in told
    (chip, back), *_ = [step[1:] for step in told if step[0] == "follow_up"]
    assert chip.startswith("接着问：")
    assert back == "不接着问"
    assert any(step[0] == "year" and step[1].startswith("只查“2025年") for step in told)


@pytest.mark.parametrize("question", ["城际铁路什么时候通车", "2020年要建成哪些铁路", "莱芜的养老", "G60"])
def test_a_plain_question_is_searched_as_it_was_typed(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.steps == ()
    assert answer.to_json()["searched"] == question


@pytest.mark.parametrize(
    ("question", "said"), [("1999年那份规划里铁路怎么建", "1999"), ("2030年那份里怎么说养老", "2030")]
)
def test_filters_that_leave_nothing_say_what_there_is(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.ask(question)
    assert (answer.verdict, answer.confidence, answer.citations, answer.error) == ("none", 0.0, (), None)
    (reason,) = answer.reasons
    assert f"年份“{said}”" in reason
    for document in assistant.index.documents:
        assert f"《{document.metadata.title}》（{document.metadata.region}" in reason
    assert [step[0] for step in answer.steps] == ["year"]
    assert assistant.ask(question, without=["year"]).citations


def test_a_filter_given_from_outside_wins_over_the_one_in_the_question(assistant: Assistant) -> None:
    chip = Chip("year", "2016", "2016年的规划里")
    assert Filters(year=2025).with_chips([chip]) == Filters(year=2025)
    assert Filters(document="x").with_chips([chip]) == Filters(document="x", year=2016)
    answer = assistant.ask("2016年的规划里铁路怎么建", filters=Filters(year=2025))
    assert files(answer) == {REPORT}


@pytest.mark.parametrize("question", ["", " ", "？？？"])
def test_nothing_is_understood_of_nothing(seeds_index: Index, question: str) -> None:
    with pytest.raises(PlanqaError, match="问题是空的"):
        understand(question, ["养老产业怎么发展"], seeds_index, bundled_lexicon())


GOING_ON = [
    "养老产业怎么发展",
    "失业保险能跨省转移吗？",
    "请问莱芜到济南的城际铁路什么时候通车呢",
    "G60",
    "医保",
    "冲电桩建在哪里？",
    "济莱规划里铁路怎么建",
    "两份规划都怎么说铁路",
]


@pytest.mark.parametrize("question", GOING_ON)
@pytest.mark.parametrize("top_k", [4, 10])
def test_more_goes_on_where_the_last_answer_ended(assistant: Assistant, question: str, top_k: int) -> None:
    turns, seen = [question], shown(assistant.ask(question, top_k))
    for time in range(1, 5):
        answer = assistant.ask(MORE, top_k, earlier=turns)
        assert [c.rank for c in answer.citations] == [time * top_k + n for n in range(1, top_k + 1)]
        assert set(seen).isdisjoint(shown(answer))
        seen += shown(answer)
        turns.append(MORE)
    assert len(set(seen)) == len(seen)


def test_more_ends_when_every_passage_was_shown_and_says_so(assistant: Assistant) -> None:
    turns, seen = ["2025年那份里怎么说铁路"], shown(assistant.ask("2025年那份里怎么说铁路"))
    while (answer := assistant.ask(MORE, earlier=turns)).citations:
        assert len(turns) < 9
        seen += shown(answer)
        turns.append(MORE)
    own = [n for n in range(len(assistant.index)) if assistant.index.document_of(n).id == REPORT]
    assert sorted(seen) == sorted(assistant.index.passage(n).id for n in own)
    assert answer.reasons == ("找到的段落都已列出，没有更多了",)


@pytest.mark.parametrize(
    ("earlier", "first"),
    [
        (["养老产业怎么发展", "谢谢"], 11),
        (["养老产业怎么发展", "？？？", MORE, "谢谢"], 21),
        (["养老产业怎么发展", MORE, MORE, "G60"], 11),
        (["养老产业怎么发展", MORE, "那莱芜呢"], 11),
    ],
)
def test_more_counts_from_the_question_it_goes_on_with(
    assistant: Assistant, earlier: list[str], first: int
) -> None:
    assert assistant.ask(MORE, earlier=earlier).citations[0].rank == first


def test_what_an_earlier_page_showed_is_not_said_to_be_missing(assistant: Assistant) -> None:
    assert not any("G60" in reason for reason in assistant.ask(MORE, earlier=["G60"]).reasons)


turns = st.sampled_from([*GOING_ON, MORE, "那莱芜呢", "什么时候建成", "谢谢", "2025年那份呢", "???"])


@settings(max_examples=30, deadline=None)
@given(st.lists(turns, max_size=4), turns)
def test_every_step_told_of_can_be_taken_back(
    assistant: Assistant, earlier: list[str], question: str
) -> None:
    answer = assistant.try_ask(question, 3, earlier=earlier)
    for step, _, _ in answer.steps:
        back = assistant.try_ask(question, 3, earlier=earlier, without=[step])
        assert step not in [name for name, _, _ in back.steps]
    every: list[Step] = ["follow_up", "spelling", "document", "region", "year"]
    assert assistant.try_ask(question, 3, earlier=earlier, without=every).steps == ()
