"""Answers: the right paragraph first, exact words never lost, honest verdicts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.opened import Index
from index.records import PlanqaError
from qa.assistant import Assistant, Filters
from qa.question import search_text
from qa.ranking import hybrid, standardise
from qa.retrieval import FEATURES, bm25, dense, find_candidates

RAILWAY = "莱芜到济南的城际铁路什么时候通车？"


@pytest.mark.parametrize("words", ["章丘大葱", "S317", "s317", "G60", "张而草莓", "Ｇ６０", "三辣一麻"])
def test_exact_words_put_their_passage_first(assistant: Assistant, words: str) -> None:
    first = assistant.ask(words).citations[0].passage
    assert search_text(words).lower() in first.text.lower()


def test_the_railway_question_is_answered_with_its_evidence(assistant: Assistant) -> None:
    answer = assistant.ask(RAILWAY)
    first = answer.citations[0]
    assert answer.verdict == "answered"
    assert [h.split(" ")[0] for h in first.passage.heading_path] == ["第三章", "第一节", "铁路"]
    (span,) = first.evidence
    assert "争取2020年实现通车运营" in first.passage.text[span.start : span.end]


@pytest.mark.parametrize(
    "question", ["萊蕪到濟南的城際鐵路什麼時候通車？", "莱芜到济南的城际铁路什么时候通车"]
)
def test_traditional_characters_find_the_same(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).citations[0].passage == assistant.ask(RAILWAY).citations[0].passage


@pytest.mark.parametrize(
    "question", ["红烧排骨放多少糖", "怎么删除微信好友", "梅西进了几个球", "呜啦啦咪咪噗"]
)
def test_what_plans_do_not_hold_is_said_and_the_nearest_are_still_shown(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    assert answer.verdict != "answered"
    assert len(answer.citations) == 10


def test_citations_are_ranked_by_score_and_numbered(assistant: Assistant) -> None:
    citations = assistant.ask(RAILWAY, top_k=7).citations
    assert [c.rank for c in citations] == [1, 2, 3, 4, 5, 6, 7]
    scores = [c.score for c in citations]
    assert scores == sorted(scores, reverse=True)
    assert len({c.passage.id for c in citations}) == 7


questions = st.text(alphabet="济南莱芜城际铁路水电学校养老看病多少哪里吗？ABC123", min_size=1, max_size=25)


@settings(max_examples=40, deadline=None)
@given(questions)
def test_any_question_gives_verbatim_citations_with_evidence_inside(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.try_ask(question)
    assert 0 <= answer.confidence <= 1
    for citation in answer.citations:
        passage = citation.passage
        decoded = assistant.index.decoded(passage.document_id)
        assert decoded[passage.source_start : passage.source_end] == passage.source_text
        assert all(0 <= s.start < s.end <= len(passage.text) for s in citation.evidence)


def test_the_same_question_gets_the_same_answer(assistant: Assistant, seeds_index: Index) -> None:
    first = replace(assistant.ask(RAILWAY), elapsed_ms=0.0)
    assert replace(Assistant(seeds_index).ask(RAILWAY), elapsed_ms=0.0) == first


@pytest.mark.parametrize("question", ["", "  ", "\x00", "???", "字" * 501])
def test_a_question_that_cannot_be_searched_is_an_answer_with_its_error(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.try_ask(question)
    assert (answer.verdict, answer.citations, answer.question) == ("none", (), question)
    assert answer.error


@pytest.mark.parametrize(
    ("filters", "file"),
    [
        (Filters(document="济莱"), "000_9d2edba989ca3690.txt"),
        (Filters(document="003_918c30ceb30ad812"), "003_918c30ceb30ad812.txt"),
        (Filters(region="山东"), "003_918c30ceb30ad812.txt"),
        (Filters(year=2016), "000_9d2edba989ca3690.txt"),
    ],
)
def test_filters_are_obeyed_exactly(assistant: Assistant, filters: Filters, file: str) -> None:
    for question in ("济南的铁路", "人才", "G60"):
        assert {c.document.file for c in assistant.ask(question, 10, filters).citations} == {file}


def test_a_filter_that_leaves_nothing_says_what_there_is(assistant: Assistant) -> None:
    with pytest.raises(PlanqaError, match=r"年份“1999”.*济莱协作区规划"):
        assistant.ask(RAILWAY, filters=Filters(year=1999))


def test_every_retriever_ranks_best_first_and_obeys_among(seeds_index: Index) -> None:
    among = np.zeros(len(seeds_index), dtype=np.bool_)
    among[::3] = True
    for retriever in (bm25, dense, hybrid):
        numbers, scores = retriever(seeds_index, "济南的铁路", among)
        assert len(numbers) > 0
        assert among[numbers].all()
        assert (np.diff(scores) <= 1e-9).all()


def test_features_are_what_their_names_say(seeds_index: Index) -> None:
    found = find_candidates(seeds_index, "建成莱芜城市候机楼")
    best = int(np.argmax(found.feature("clause")))
    assert "建成莱芜城市候机楼" in seeds_index.passage(int(found.numbers[best])).text
    assert (found.feature("clause") >= found.feature("sentence")).all()
    assert found.feature("coverage").max() == pytest.approx(1.0)
    assert ((found.feature("bm25") >= 0) & (found.feature("bm25") <= 1)).all()
    lengths = [len(seeds_index.passage(int(n)).text) for n in found.numbers]
    np.testing.assert_allclose(found.feature("length"), np.log1p(lengths))


def test_standardised_features_have_mean_0_and_deviation_1() -> None:
    table = np.random.default_rng(1).normal(5, 3, size=(40, len(FEATURES)))
    table[:, 0] = 2.0
    found = standardise(table)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(found.std(axis=0), [0, *[1] * (len(FEATURES) - 1)], atol=1e-9)


def test_a_single_passage_can_be_found(seeds_index: Index) -> None:
    among = np.zeros(len(seeds_index), dtype=np.bool_)
    among[4] = True
    assert find_candidates(seeds_index, "铁路", among).numbers.tolist() == [4]
