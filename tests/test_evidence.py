"""Which words of a cited passage are marked: those that answer, no more than needed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.records import Span
from qa.answer import Answer, Citation
from qa.assistant import Assistant
from qa.evidence import EVIDENCE_SIGNALS, FIRST_SHARE, SECOND_SHARE, Clauses, choose_spans

MOST = FIRST_SHARE + SECOND_SHARE

YEARS = [
    ("莱芜到济南的城际铁路哪一年通车", "争取2020年实现通车运营"),
    ("R1线哪一年开通", "到2020年实现R1线开通运行"),
    ("区域协同创新格局哪一年初步形成", "到2027年"),
    ("行动方案管到哪一年", "(2025-2027年)"),
]

NUMBERS = [
    ("行动方案明确了多少个方面的重点任务", "6个方面的重点任务"),
    ("S317线按几级公路标准改建", "二级公路标准"),
    ("济莱银行汇取款收多少手续费", "免收异地手续费"),
]

LISTS = [
    ("生物医药依托哪些企业", "珅诺基、朗润医疗、耀华医药、菁华药业等骨干型企业"),
    ("济南建设哪些新材料生产基地", "碳化硅、铌酸锂晶体材料、石墨烯、玄武岩纤维等生产基地"),
    ("莱芜有哪些新材料生产基地", "粉末冶金、特种纤维、碳化硅陶瓷等生产基地"),
    ("支持哪些市打造未来产业先导区", "支持济南、青岛、烟台等市打造未来产业先导区"),
    ("哪些大学跟省属高校对口帮扶", "上海交通大学、中国农业大学、中国矿业大学、北京师范大学"),
    ("汽车产业支持哪些骨干企业", "重汽、青年汽车、莱芜鑫科、昊宇车辆、环球汽车等核心骨干企业"),
    ("哪些特色农副产品", "章丘大葱、张而草莓、“三辣一麻”、“三黑一花”等特色农副产品"),
    ("要建哪些物流园", "空港物流园区、综合保税区国际物流园、零点物流港、传化泉胜公路港"),
    ("哪些高速公路要改建", "京沪、青银、青兰、滨莱等高速公路"),
    ("哪些公共文化设施共享", "博物馆、纪念馆、图书馆、文化馆、美术馆等公共文化设施"),
    ("支持哪些市建环保产业集群", "支持济南、青岛、淄博等市建设生态环保产业集群"),
    ("莱芜钢铁重点开发哪些产品", "高性能模具钢、宽厚板、不锈钢和轴承钢"),
]

PLAIN = [
    ("哪里建城市候机楼", "建成莱芜城市候机楼"),
    ("充电桩建在哪些路上", "在主要连接交通干道覆盖科学、合理、充足的新能源充电桩"),
    ("失业保险能跨省转移吗", "失业保险关系转移接续"),
    ("马路拉链问题怎么解决", "有效治理马路“拉链”问题"),
    ("济南的专家会到莱芜坐诊吗", "到莱芜多点执业或兼职坐诊"),
]

QUESTIONS = [question for table in (YEARS, NUMBERS, LISTS, PLAIN) for question, _ in table]


def marked(citation: Citation) -> list[str]:
    return [citation.passage.text[span.start : span.end] for span in citation.evidence]


def citation_of(answer: Answer, stretch: str) -> Citation:
    """The citation of the passage that says ``stretch``: among the first three, wherever it stands."""
    return next(citation for citation in answer.citations[:3] if stretch in citation.passage.text)


def boundaries(assistant: Assistant, citation: Citation) -> tuple[set[int], set[int]]:
    """Where the clauses and sentences of a cited passage begin and end."""
    index = assistant.index
    number = next(n for n in range(len(index)) if index.passage(n).id == citation.passage.id)
    rows = index.units[index.unit_starts[number] : index.unit_starts[number + 1]]
    return {int(row[1]) for row in rows}, {int(row[2]) for row in rows}


@pytest.mark.parametrize(("question", "stretch"), YEARS)
def test_who_asks_which_year_sees_the_clause_with_the_year(
    assistant: Assistant, question: str, stretch: str
) -> None:
    assert any(stretch in text for text in marked(citation_of(assistant.ask(question), stretch)))


@pytest.mark.parametrize(("question", "stretch"), NUMBERS)
def test_who_asks_how_many_sees_the_number(assistant: Assistant, question: str, stretch: str) -> None:
    assert any(stretch in text for text in marked(citation_of(assistant.ask(question), stretch)))


@pytest.mark.parametrize(("question", "stretch"), LISTS)
def test_who_asks_which_ones_sees_the_whole_list(assistant: Assistant, question: str, stretch: str) -> None:
    assert any(stretch in text for text in marked(citation_of(assistant.ask(question), stretch)))


@pytest.mark.parametrize(("question", "stretch"), PLAIN)
def test_who_asks_anything_else_sees_the_clause_that_says_it(
    assistant: Assistant, question: str, stretch: str
) -> None:
    assert any(stretch in text for text in marked(citation_of(assistant.ask(question), stretch)))


@pytest.mark.parametrize("question", QUESTIONS)
def test_evidence_is_one_or_two_spans_in_text_order_that_never_touch(
    assistant: Assistant, question: str
) -> None:
    for citation in assistant.ask(question).citations:
        spans = citation.evidence
        assert 1 <= len(spans) <= 2
        assert all(0 <= span.start < span.end <= len(citation.passage.text) for span in spans)
        assert all(before.end < after.start for before, after in zip(spans, spans[1:], strict=False))


@pytest.mark.parametrize("question", QUESTIONS)
def test_evidence_leaves_two_fifths_of_a_passage_of_several_clauses_unmarked(
    assistant: Assistant, question: str
) -> None:
    for citation in assistant.ask(question).citations:
        starts, _ = boundaries(assistant, citation)
        if len(starts) > 1:
            assert sum(map(len, marked(citation))) <= MOST * len(citation.passage.text)


@pytest.mark.parametrize("question", QUESTIONS)
def test_evidence_is_whole_clauses_word_for_word(assistant: Assistant, question: str) -> None:
    for citation in assistant.ask(question).citations:
        starts, ends = boundaries(assistant, citation)
        assert {span.start for span in citation.evidence} <= starts
        assert {span.end for span in citation.evidence} <= ends
        text = citation.passage.text
        for said in citation.to_json()["evidence"]:
            assert said["text"] == text[said["start"] : said["end"]] != ""


def test_a_lead_in_that_repeats_the_heading_is_no_evidence(assistant: Assistant) -> None:
    for heading in ("铁路", "公路", "航空", "金融业", "供热体系建设"):
        answer = assistant.ask(heading)
        cited = [c for c in answer.citations if c.passage.text.startswith(f"{heading}。")]
        assert cited
        assert all(citation.evidence[0].start > len(heading) for citation in cited)


def made_clauses(lengths: list[list[int]], gap: int) -> Clauses:
    """Sentences of clauses of these ``lengths``, the first after a lead-in of ``gap`` characters."""
    spans, sentences, end = [], [], gap
    for sentence, clauses in enumerate(lengths):
        for length in clauses:
            spans.append(Span(end, end + length))
            sentences.append(sentence)
            end += length
    signals = np.zeros((len(spans), len(EVIDENCE_SIGNALS)))
    return Clauses(tuple(spans), tuple(sentences), signals)


def test_the_second_span_follows_only_where_it_answers_almost_as_well() -> None:
    clauses = made_clauses([[20], [20], [20], [20], [20]], 0)
    near, far = np.array([5.0, 0, 0, 4.5, 0]), np.array([5.0, 0, 0, 3.5, 0])
    assert choose_spans(clauses, near, 100) == [Span(0, 20), Span(60, 80)]
    assert choose_spans(clauses, far, 100) == [Span(0, 20)]


def test_spans_that_touch_are_one() -> None:
    clauses = made_clauses([[20], [20], [60]], 0)
    assert choose_spans(clauses, np.array([4.5, 5, 0]), 100) == [Span(0, 40)]


def test_the_best_clause_brings_its_sentence_but_not_the_next_one() -> None:
    clauses = made_clauses([[10, 10, 10], [70]], 0)
    assert choose_spans(clauses, np.array([0.0, 5, 0, 1]), 100) == [Span(0, 30)]


def test_of_a_long_sentence_the_better_neighbour_comes_along() -> None:
    clauses = made_clauses([[20, 20, 20, 40]], 0)
    assert choose_spans(clauses, np.array([1.0, 5, 2, 0]), 100) == [Span(20, 60)]


lengths = st.lists(st.lists(st.integers(1, 40), min_size=1, max_size=6), min_size=1, max_size=6)


@given(lengths, st.integers(0, 8), st.data())
def test_spans_hold_the_best_clause_and_cover_no_more_than_they_may(
    sizes: list[list[int]], gap: int, data: st.DataObject
) -> None:
    clauses = made_clauses(sizes, gap)
    count, length = len(clauses.spans), clauses.spans[-1].end
    values = st.lists(st.floats(-9, 9), min_size=count, max_size=count)
    scores = np.array(data.draw(values))
    spans = choose_spans(clauses, scores, length)
    assert 1 <= len(spans) <= 2
    assert all(gap <= span.start < span.end <= length for span in spans)
    assert all(before.end < after.start for before, after in zip(spans, spans[1:], strict=False))
    assert {span.start for span in spans} <= {clause.start for clause in clauses.spans}
    assert {span.end for span in spans} <= {clause.end for clause in clauses.spans}
    best = clauses.spans[int(np.argmax(scores))]
    assert any(span.start <= best.start and best.end <= span.end for span in spans)
    covered = sum(span.end - span.start for span in spans)
    assert covered <= max(MOST * length + 1e-9, best.end - best.start)


def test_a_long_first_clause_leaves_the_second_span_less_room() -> None:
    clauses = made_clauses([[50], [5] * 10], 0)
    scores = np.array([5.0, *[0.0] * 5, 4.5, 4.4, 4.3, 4.2, 0.0])
    assert choose_spans(clauses, scores, 100) == [Span(0, 50), Span(75, 85)]
