"""Figures that hold: measures by their definition, sets refused where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document

from eval.measures import ALL, judge, summarise
from eval.report import as_markdown
from eval.runs import RETRIEVERS, corpus_index, make_run
from eval.seeds import find_passage
from eval.sets import SETS, check_against, read_set
from index.build import build_index
from index.opened import Index
from index.records import PlanqaError


def write_set(folder: Path, queries: str, qrels: str, corpus: str | None = None) -> Path:
    (folder / "qrels").mkdir(parents=True)
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(qrels, encoding="utf-8")
    if corpus is not None:
        (folder / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    return folder


def row(**cells: object) -> str:
    return json.dumps(cells, ensure_ascii=False) + "\n"


HEADER = "query-id\tcorpus-id\tscore\n"
QUERIES = row(_id="q1", text="水") + row(_id="q2", text="路") + row(_id="q3", text="学")


def test_measures_follow_their_definition_and_a_missing_question_scores_0(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", QUERIES, HEADER + "q1\ta\t2\nq1\tb\t1\nq2\tc\t2\nq3\td\t2\n")
    questions = read_set(str(folder))
    values = judge(questions, {"q1": [("b", 3.0), ("a", 2.0)], "q2": [("c", 1.0)]})
    assert values["q1"]["hit@1"] == 0, "a passage that answers in part is no hit"
    assert values["q1"]["hit@5"] == 1
    assert values["q1"]["MRR@10"] == 0.5
    assert values["q1"]["nDCG@10"] == pytest.approx((1 + 2 / 1.5849625) / (2 + 1 / 1.5849625))
    assert set(values["q2"].values()) == {1.0}
    assert set(values["q3"].values()) == {0.0}
    (overall,) = summarise(questions, values)
    assert (overall.group, overall.questions, overall.values["hit@5"]) == (ALL, 3, pytest.approx(2 / 3))


def test_a_broken_retriever_is_seen(seeds_index: Index) -> None:
    questions = read_set("seeds")
    good = make_run(questions, seeds_index, RETRIEVERS["hybrid"])
    broken = {query: [(p, -score) for p, score in found] for query, found in good.items()}
    hits = [summarise(questions, judge(questions, run))[0].values["hit@1"] for run in (good, broken)]
    assert hits[0] >= 0.70
    assert hits[1] < 0.1


def test_hybrid_is_better_than_each_of_its_parts(seeds_index: Index) -> None:
    questions = read_set("seeds")
    hit = {
        name: summarise(questions, judge(questions, make_run(questions, seeds_index, retriever)))[0].values
        for name, retriever in RETRIEVERS.items()
    }
    assert hit["hybrid"]["hit@1"] > max(hit["bm25"]["hit@1"], hit["dense"]["hit@1"])
    assert hit["hybrid"]["MRR@10"] > max(hit["bm25"]["MRR@10"], hit["dense"]["MRR@10"])
    assert hit["hybrid"]["hit@5"] >= 0.97


def test_the_seeds_set_judges_passages_of_the_seeds(seeds_index: Index) -> None:
    questions = read_set("seeds")
    check_against(questions, {seeds_index.passage(n).id for n in range(len(seeds_index))})
    assert sum(query.answerable for query in questions.queries) == len(questions.qrels) == 120
    assert len(questions.queries) == 150


def test_the_evidence_of_every_question_stands_in_a_passage_judged_right(seeds_index: Index) -> None:
    texts = {p.id: p.text for p in (seeds_index.passage(n) for n in range(len(seeds_index)))}
    questions = read_set("seeds")
    lines = (SETS / "seeds" / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    evidence = {o["_id"]: o["metadata"]["evidence"].replace(" ", "") for o in map(json.loads, lines[:120])}
    for query, grades in questions.qrels.items():
        assert any(evidence[query] in texts[passage] for passage, grade in grades.items() if grade == 2)


def test_a_quoted_paragraph_is_found_and_a_heading_is_not(seeds_index: Index) -> None:
    passages = [(seeds_index.document_of(n).file, seeds_index.passage(n)) for n in range(len(seeds_index))]
    file, passage = passages[5]
    found = find_passage(passage.source_text[:-3], file, passages)
    assert found == passage
    assert (
        find_passage("探索与京津冀开展社保卡一卡通合作全新标题", "003_918c30ceb30ad812.txt", passages) is None
    )


def test_a_set_with_its_own_corpus_is_indexed_and_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    corpus = row(_id="a", title="", text="兴修水库。") + row(_id="b", title="交通", text="修建公路。")
    questions = read_set(str(write_set(tmp_path / "s", QUERIES, HEADER + "q1\ta\t1\nq2\tb\t1\n", corpus)))
    for _ in range(2):  # the second time from the cache
        index = corpus_index(questions, "bundled", lambda message: None)
        values = judge(questions, make_run(questions, index, RETRIEVERS["bm25"]))
        assert values["q1"]["hit@1"] == values["q2"]["hit@1"] == 1


def test_a_corpus_passage_without_text_is_read_by_its_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    corpus = row(_id="a", title="兴修水库", text="") + row(_id="b", title="交通", text="修建公路。")
    questions = read_set(str(write_set(tmp_path / "s", QUERIES, HEADER + "q1\ta\t1\n", corpus)))
    index = corpus_index(questions, "bundled", lambda message: None)
    assert index.passage(0).text == "兴修水库"
    values = judge(questions, make_run(questions, index, RETRIEVERS["bm25"]))
    assert values["q1"]["hit@1"] == 1


@pytest.mark.parametrize("text", ["😀", "_", "水" * 501])
def test_a_question_that_cannot_be_searched_scores_0(text: str, seeds_index: Index, tmp_path: Path) -> None:
    passage = seeds_index.passage(0).id
    queries = row(_id="q1", text=text) + row(_id="q2", text="铁路")
    folder = write_set(tmp_path / "s", queries, HEADER + f"q1\t{passage}\t1\nq2\t{passage}\t1\n")
    questions = read_set(str(folder))
    run = make_run(questions, seeds_index, RETRIEVERS["bm25"])
    assert list(run) == ["q2"]
    assert set(judge(questions, run)["q1"].values()) == {0.0}
    assert summarise(questions, judge(questions, {}))[0].values["hit@5"] == 0


def test_a_table_without_questions_has_its_head_alone() -> None:
    assert as_markdown({"bm25": []}).count("\n") == 1


@pytest.mark.parametrize("name", [".", "..", "", "seeds/qrels", "没有"])
def test_only_a_set_of_that_very_name_or_a_folder_of_its_own_is_read(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PlanqaError, match=r"自带的问题集：seeds"):
        read_set(name)
    write_set(tmp_path / "own" / "s", QUERIES, HEADER + "q1\ta\t1\n")
    monkeypatch.chdir(tmp_path / "own" / "s")
    assert read_set(".").name == "s"


def test_a_set_in_another_encoding_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "s", "", HEADER + "q1\ta\t1\n")
    lines = row(_id="q1", text="water") + row(_id="q2", text="什么时候通车？")
    (folder / "queries.jsonl").write_bytes(lines.encode("gb18030"))
    with pytest.raises(PlanqaError, match=r"queries\.jsonl.*第 2 行不是 UTF-8"):
        read_set(str(folder))
    (folder / "queries.jsonl").write_bytes(QUERIES.encode("utf-8-sig"))
    assert [query.id for query in read_set(str(folder)).queries] == ["q1", "q2", "q3"]


@pytest.mark.parametrize(
    ("queries", "qrels", "corpus", "said"),
    [
        (QUERIES + "{", HEADER, None, r"queries\.jsonl.*第 4 行"),
        (row(_id="q1", text=" "), HEADER, None, "第 1 行.*是空的"),
        (QUERIES + row(_id="q1", text="电"), HEADER, None, "第 4 行.*重复"),
        (row(_id="q 1", text="电"), HEADER, None, "第 1 行.*空白"),
        (QUERIES, "q1\ta\t1\n", None, r"test\.tsv.*第 1 行.*表头"),
        (QUERIES, HEADER + "q1\ta\n", None, "第 2 行.*三栏"),
        (QUERIES, HEADER + "q1\ta\tyes\n", None, "第 2 行.*三栏"),
        (QUERIES, HEADER + "q1\ta\t--1\n", None, "第 2 行.*三栏"),
        (QUERIES, HEADER, None, "只有表头"),
        (row(_id="q1", text="水", metadata="x"), HEADER, None, "第 1 行.*metadata 'x'"),
        (row(_id="q1", text="水", metadata={"style": ["a"]}), HEADER, None, r"第 1 行.*style \['a'\]"),
        (row(_id="q1", text="水", metadata={"answerable": "no"}), HEADER, None, "第 1 行.*answerable 'no'"),
        (row(_id="q1", text="", title="水"), HEADER, None, "第 1 行.*text 是空的"),
        (r'{"_id": "q\ud800", "text": "水"}', HEADER, None, "第 1 行.*控制字符"),
        (QUERIES, HEADER + "q1\ta\t1\n", row(_id="a", title="", text=" "), "第 1 行.*text 是空的"),
        (QUERIES, HEADER + "q1\ta\t1\n", row(_id="a", title=["水"], text="水"), "第 1 行.*title"),
        (QUERIES, HEADER + "q9\ta\t1\n", None, "第 2 行.*'q9'"),
        (QUERIES, HEADER + "q1\ta\t1\nq1\ta\t2\n", None, "第 3 行.*重复"),
        (QUERIES, HEADER + "q1\ta\t1\nq2\tz\t1\n", row(_id="a", text="水"), "第 3 行.*'z'"),
    ],
)
def test_a_wrong_set_is_refused_with_file_and_line(
    queries: str, qrels: str, corpus: str | None, said: str, tmp_path: Path
) -> None:
    with pytest.raises(PlanqaError, match=said):
        read_set(str(write_set(tmp_path / "s", queries, qrels, corpus)))


def test_judgements_of_passages_that_the_index_does_not_hold_are_refused(tmp_path: Path) -> None:
    questions = read_set(str(write_set(tmp_path / "s", QUERIES, HEADER + "q1\tnowhere\t1\n")))
    build_index([small_document("水利", "水库。")], CountingEncoder(), tmp_path / "ix")
    index = Index(tmp_path / "ix", CountingEncoder())
    with pytest.raises(PlanqaError, match=r"第 2 行（q1）.*'nowhere'"):
        check_against(questions, {index.passage(n).id for n in range(len(index))})
