"""What says the same is shown once, the others under 另见."""

from __future__ import annotations

import pytest
from conftest import small_document
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.encoder import StaticEncoder
from index.opened import Index
from qa.answer import Answer
from qa.assistant import Assistant
from qa.duplicates import Wording

SAID = (
    "加快推进城际铁路建设，力争2027年底前建成通车，配套建设站前广场、公交首末站和停车场，"
    "同步完善沿线道路、供水、供电和通信设施，方便群众换乘出行。"
)
SAID_AGAIN = SAID.replace("力争", "确保")
OTHERS = (
    "城际铁路开通后优化公交线网，新增接驳线路十条。",
    "研究城际铁路向南延伸，做好线位规划控制。",
    "大力发展养老服务，每个街道建设一处综合养老中心。",
)
QUESTION = "城际铁路2027年底前建成通车，还配套建什么"


@pytest.fixture(scope="module")
def repeating(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Two documents that share a paragraph but for one word, and differ in the rest."""
    one = small_document("甲市规划", OTHERS[0], SAID, OTHERS[1])
    other = small_document("乙市规划", OTHERS[2], SAID_AGAIN, "加强农村公路养护，三年改造一百公里。")
    directory = tmp_path_factory.mktemp("repeating-index")
    build_index([one, other], StaticEncoder(), directory)
    return Assistant(Index(directory))


def texts(answer: Answer) -> list[str]:
    return [citation.passage.text for citation in answer.citations]


def test_what_two_documents_say_alike_is_shown_once_with_the_other_beside_it(repeating: Assistant) -> None:
    answer = repeating.ask(QUESTION)
    first = answer.citations[0]
    (twin,) = first.also
    assert {first.passage.text, twin.passage.text} == {SAID, SAID_AGAIN}
    assert {first.document.id, twin.document.id} == {"甲市规划", "乙市规划"}
    assert twin.passage.text not in texts(answer)
    assert all(not citation.also for citation in answer.citations[1:])


def test_the_better_of_two_that_say_the_same_is_the_one_shown(repeating: Assistant) -> None:
    for question in (QUESTION, "确保通车", "力争通车", "停车场"):
        holder = next(c for c in repeating.ask(question).citations if c.also)
        assert holder.score >= holder.also[0].score


def test_ranks_have_no_gaps_where_something_is_shown_once(repeating: Assistant) -> None:
    answer = repeating.ask(QUESTION)
    assert [citation.rank for citation in answer.citations] == [1, 2, 3, 4, 5]
    assert answer.citations[0].also[0].rank == 1
    assert len(repeating.index) == 6


@pytest.mark.parametrize("top_k", [1, 2, 3])
def test_what_is_not_shown_takes_no_place_of_another(repeating: Assistant, top_k: int) -> None:
    answer = repeating.ask(QUESTION, top_k)
    assert [citation.rank for citation in answer.citations] == list(range(1, top_k + 1))
    assert texts(answer) == texts(repeating.ask(QUESTION))[:top_k]


def test_what_stood_beside_another_does_not_come_again_when_more_is_asked_for(repeating: Assistant) -> None:
    turns = [QUESTION]
    seen = [c.passage.id for f in repeating.ask(QUESTION, 2).citations for c in (f, *f.also)]
    while (answer := repeating.ask("还有别的吗", 2, earlier=turns)).citations:
        assert len(turns) < 6
        seen += [c.passage.id for f in answer.citations for c in (f, *f.also)]
        turns.append("还有别的吗")
    assert sorted(seen) == sorted({repeating.index.passage(n).id for n in range(6)})


def test_the_other_is_a_whole_citation_with_evidence_and_place(repeating: Assistant) -> None:
    told = repeating.ask(QUESTION).to_json()["citations"][0]
    (twin,) = told["also"]
    assert set(twin) == set(told)
    assert twin["document"]["id"] != told["document"]["id"]
    assert any("2027年" in evidence["text"] for evidence in twin["evidence"])
    assert twin["text"] in {SAID, SAID_AGAIN}
    assert twin["also"] == []


def test_a_filter_keeps_the_other_document_out(repeating: Assistant) -> None:
    answer = repeating.ask(f"《乙市规划》里{QUESTION}")
    assert SAID_AGAIN in texts(answer)
    assert [citation.also for citation in answer.citations] == [()] * 3


def test_no_two_passages_of_the_seeds_say_the_same(seeds_index: Index) -> None:
    words = [Wording.of(seeds_index.passage(n).text) for n in range(len(seeds_index))]
    assert not any(one.same(other) for n, one in enumerate(words) for other in words[:n])


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (SAID, SAID_AGAIN, True),
        (SAID, SAID.replace("，", "；").replace("。", "！ "), True),
        (SAID, SAID[: len(SAID) // 2], False),
        (SAID, OTHERS[0], False),
        ("R1线", "R2线", False),
        ("养老", "养老", True),
        ("水", "电", False),
        ("。", "！", True),  # nothing is said in either
        ("水", "", False),
    ],
)
def test_texts_that_share_four_fifths_of_their_pairs_say_the_same(one: str, other: str, alike: bool) -> None:
    assert Wording.of(one).same(Wording.of(other)) is alike


def test_the_share_is_counted_among_all_pairs() -> None:
    def wording(letters: str) -> Wording:
        return Wording(frozenset(letters), ())

    assert wording("abcdefgh").same(wording("abcdefghij"))
    assert not wording("abcdefgh").same(wording("abcdefghijk"))
    assert not wording("abcdefghx").same(wording("abcdefghij"))  # 8 shared of 11


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "城乡居民基础养老金每人每月提高100元，七月起补发到位",
            "城乡居民基础养老金每人每月提高300元，七月起补发到位",
        ),
        (
            "得在饮用水水源一级保护区内新建与供水无关的项目",
            "不得在饮用水水源一级保护区内新建与供水无关的项目",
        ),
        ("三年内建成覆盖城乡的公共充电网络并统一运营标准", "五年内建成覆盖城乡的公共充电网络并统一运营标准"),
    ],
)
def test_texts_that_differ_in_a_figure_or_a_no_do_not_say_the_same(one: str, other: str) -> None:
    assert not Wording.of(one).same(Wording.of(other))


written = st.text(alphabet="济南莱芜城际铁路，。ab1 ", max_size=30)


@given(written, written)
def test_saying_the_same_is_reflexive_and_symmetric(one: str, other: str) -> None:
    first, second = Wording.of(one), Wording.of(other)
    assert first.same(first)
    assert first.same(second) == second.same(first)


@given(written)
def test_marks_and_spaces_say_nothing(text: str) -> None:
    plain = "".join(c for c in text if c.isalnum())
    assert Wording.of(text).pairs == Wording.of(plain).pairs
    assert Wording.of(text).pairs
