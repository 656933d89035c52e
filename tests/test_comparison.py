"""One question, one column a plan: each answers for itself, or says that it does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import small_document

from index.build import build_index
from index.encoder import StaticEncoder
from index.opened import Index
from index.records import PlanqaError
from qa.assistant import Assistant
from qa.citing import position, quotation
from qa.comparison import COLUMNS, NOT_MENTIONED, compare, try_compare
from qa.printing import comparison_as_text
from qa.understanding import Filters

PLAN, REPORT = "000_9d2edba989ca3690", "003_918c30ceb30ad812"
PLANQA = str(Path(sys.executable).parent / "planqa")


def planqa(
    *arguments: str, index: Path, stdin: bytes = b"", returns: int = 0
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PLANQA_INDEX": str(index)}
    run = subprocess.run([PLANQA, "ask", *arguments], input=stdin, capture_output=True, env=environment)
    assert run.returncode == returns, run.stderr.decode("utf-8")
    return run


def assistant_of(tmp_path: Path, *plans: tuple[str, str, str | None, str]) -> Assistant:
    """Index plans of one paragraph: id, title, date and text."""
    documents = [
        replace(made, metadata=replace(made.metadata, title=title, date=day))
        for name, title, day, text in plans
        for made in [small_document(name, text)]
    ]
    build_index(documents, StaticEncoder(), tmp_path)
    return Assistant(Index(tmp_path))


@pytest.mark.parametrize(
    ("question", "by", "words"),
    [
        ("章丘大葱", PLAN, "章丘大葱"),
        ("张而草莓", PLAN, "张而草莓"),
        ("供热怎么解决", PLAN, "外热入济"),
        ("证券交易所", REPORT, "各大证券交易所"),
    ],
)
def test_one_plan_says_it_and_the_other_says_that_it_does_not(
    assistant: Assistant, question: str, by: str, words: str
) -> None:
    for column in compare(assistant, question).columns:
        if column.document.id == by:
            assert column.citation is not None
            assert words in column.citation.passage.text
            assert column.nearest is None
            assert column.said.startswith("规划中")
        else:
            assert (column.answer.verdict, column.said) == ("none", NOT_MENTIONED)
            assert column.citation is None
            assert column.nearest is not None
            assert column.nearest.passage.document_id == column.document.id


@pytest.mark.parametrize(
    ("question", "plan", "report"),
    [
        ("社保卡一卡通", "生活“一卡通”", "社保卡一卡通"),
        ("高速铁路建设", "济青高速铁路", "京沪高铁二通道"),
        ("办学", "两市联合办学", "开展联合办学"),
        ("医疗合作", "两市联合办医", "医疗检查检验互联互通互认"),
    ],
)
def test_two_plans_that_both_say_it_are_each_cited(
    assistant: Assistant, question: str, plan: str, report: str
) -> None:
    columns = compare(assistant, question).columns
    assert [column.document.id for column in columns] == [PLAN, REPORT], "the older one first"
    for column, words in zip(columns, (plan, report), strict=True):
        assert column.citation is not None
        assert column.citation.passage.document_id == column.document.id
        assert words in column.citation.passage.text


def test_a_column_is_what_the_plan_alone_answers(assistant: Assistant) -> None:
    question = "引进人才"
    for column in compare(assistant, question).columns:
        alone = assistant.ask(question, 1, Filters(document=column.document.id))
        assert replace(column.answer, elapsed_ms=0.0) == replace(alone, elapsed_ms=0.0)
        assert len(column.answer.citations) == 1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), [PLAN, REPORT]),
        ((REPORT, PLAN), [REPORT, PLAN]),
        (("003_918c30ceb30ad812.txt",), [REPORT]),
        (("京津冀", "济莱协作区规划"), [REPORT, PLAN]),
        ((PLAN, "济莱"), [PLAN]),
    ],
)
def test_plans_are_named_by_id_file_or_part_of_the_title_and_stay_in_that_order(
    assistant: Assistant, names: tuple[str, ...], expected: list[str]
) -> None:
    compared = compare(assistant, "铁路", names)
    assert [column.document.id for column in compared.columns] == expected
    assert compared.left_out == 0


def test_a_plan_whose_id_stands_in_other_titles_is_asked_alone(tmp_path: Path) -> None:
    assistant = assistant_of(
        tmp_path,
        ("水利", "全县总体安排", "2020", "修建公路三条。"),
        ("乙", "水利专项安排", "2021", "新建水库两座。"),
    )
    (column,) = compare(assistant, "新建水库", ["水利"]).columns
    assert column.document.id == "水利"
    assert [citation.document.id for citation in column.answer.citations] == ["水利"]
    assert [c.document.id for c in compare(assistant, "新建水库", ["安排"]).columns] == ["水利", "乙"]


def test_columns_stand_by_date_then_title_and_those_without_a_date_last(tmp_path: Path) -> None:
    assistant = assistant_of(
        tmp_path,
        ("甲", "丁规划", None, "新建水库一座。"),
        ("乙", "丙规划", "2021-03-01", "新建水库两座。"),
        ("丙", "乙规划", "2020", "新建水库三座。"),
        ("丁", "丙计划", "2021-03-01", "新建水库四座。"),
    )
    columns = compare(assistant, "水库").columns
    assert [c.document.metadata.title for c in columns] == ["乙规划", "丙规划", "丙计划", "丁规划"]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Fifteen plans; 2003, 2007 and 2011 have no reservoir."""
    plans = [
        (f"第{n}份", f"{2000 + n}年规划", f"{2000 + n}-05", f"{n}月举办民族歌舞演出{n}场。")
        if n in (3, 7, 11)
        else (f"第{n}份", f"{2000 + n}年规划", f"{2000 + n}-05", f"{n}月底前新建水库{n + 1}座。")
        for n in range(COLUMNS + 3)
    ]
    return assistant_of(tmp_path_factory.mktemp("many"), *plans)


def test_of_more_plans_than_columns_the_nearest_are_shown_and_the_others_counted(many: Assistant) -> None:
    compared = compare(many, "新建多少座水库")
    years = [int((column.document.metadata.date or "")[:4]) for column in compared.columns]
    assert years == [year for year in range(2000, 2015) if year not in (2003, 2007, 2011)]
    assert compared.left_out == 3
    assert "另有 3 份规划没有列出" in comparison_as_text(compared)
    assert compared.to_json()["left_out"] == 3


def test_every_plan_that_is_named_is_shown(many: Assistant) -> None:
    compared = compare(many, "新建多少座水库", ["年规划"])
    assert (len(compared.columns), compared.left_out) == (15, 0)


def test_filters_narrow_what_is_compared(many: Assistant) -> None:
    (column,) = compare(many, "水库", filters=Filters(year=2004)).columns
    assert column.document.id == "第4份"
    with pytest.raises(PlanqaError, match="年份“1999”"):
        compare(many, "水库", filters=Filters(year=1999))


def test_a_filter_in_the_question_chooses_the_columns_unless_plans_are_named(assistant: Assistant) -> None:
    question = "2025年那份里办学怎么说"
    assert [column.document.id for column in compare(assistant, question).columns] == [REPORT]
    named = compare(assistant, question, [PLAN]).columns
    assert [column.document.id for column in named] == [PLAN]
    assert "两市联合办学" in named[0].answer.citations[0].passage.text


@pytest.mark.parametrize(
    ("question", "names", "said"),
    [
        ("铁路", ("没有这份规划",), "没有符合文档“没有这份规划”的规划文档。现有：《济莱协作区规划"),
        ("铁路", (PLAN, "没有这份规划"), "文档“没有这份规划”"),
        ("", (), "问题是空的"),
        ("字" * 501, (PLAN,), "太长了"),
    ],
)
def test_what_cannot_be_compared_is_said_in_chinese(
    assistant: Assistant, question: str, names: tuple[str, ...], said: str
) -> None:
    with pytest.raises(PlanqaError, match=said):
        compare(assistant, question, names)
    compared = try_compare(assistant, question, names)
    assert compared.columns == ()
    assert said in (compared.error or "")


def test_a_comparison_is_printed_one_block_a_plan(assistant: Assistant) -> None:
    compared = compare(assistant, "章丘大葱")
    first, second = compared.columns
    assert first.citation is not None
    head, verdict, place, *evidence = comparison_as_text(compared).split("\n\n")[0].splitlines()
    assert head == "《济莱协作区规划 · 第三章至第五章 · 节选》（2016-08-26）"
    assert verdict == f"    {first.said}（把握 {first.answer.confidence:.0%}）"
    assert place == f"    {position(first.citation)}" == "    第四章第三节“共建现代农业示范基地”，第2段"
    assert "".join(line.removeprefix("    ") for line in evidence) == quotation(first.citation)
    assert comparison_as_text(compared).split("\n\n")[1:] == [
        "《山东印发行动方案深度对接京津冀和长三角》（2025-02-19）\n    该规划未提及"
    ]


def test_the_command_line_compares(seeds_directory: Path, assistant: Assistant) -> None:
    run = planqa("--compare", "章丘大葱", index=seeds_directory)
    assert run.stdout.decode("utf-8") == comparison_as_text(compare(assistant, "章丘大葱")) + "\n"
    assert run.stderr == b""


def test_every_line_gets_one_comparison_in_order_and_a_bad_line_stops_nothing(seeds_directory: Path) -> None:
    run = planqa("--compare", "--json", index=seeds_directory, stdin="章丘大葱\n\n一卡通\n".encode())
    found = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    assert [line["question"] for line in found] == ["章丘大葱", "", "一卡通"]
    assert [bool(line["error"]) for line in found] == [False, True, False]
    assert [len(line["columns"]) for line in found] == [2, 0, 2]
    said, silent = found[0]["columns"]
    for column in (said, silent):
        assert list(column) == ["document", "verdict", "confidence", "citation", "nearest"]
        assert list(column["document"]) == ["id", "title", "date", "issuer", "region", "file"]
    assert said["nearest"] is None
    assert said["citation"]["document"] == said["document"]
    assert said["citation"]["reference"]["plain"].startswith("《济莱协作区规划")
    assert (silent["verdict"], silent["citation"]) == ("none", None)
    assert silent["nearest"]["document"] == silent["document"]


def test_the_command_line_takes_several_documents(seeds_directory: Path) -> None:
    named = ("--document", REPORT, "--document", "济莱")
    run = planqa("--compare", "--json", "铁路", *named, index=seeds_directory)
    assert [c["document"]["id"] for c in json.loads(run.stdout)["columns"]] == [REPORT, PLAN]


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_a_bad_document_name_is_wrong_input_for_the_whole_call(
    seeds_directory: Path, as_json: tuple[str, ...]
) -> None:
    arguments = ("--compare", *as_json, "铁路", "--document", PLAN, "--document", "没有这份规划")
    run = planqa(*arguments, index=seeds_directory, returns=2)
    assert run.stdout == b""
    assert "文档“没有这份规划”" in run.stderr.decode("utf-8")
