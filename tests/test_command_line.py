"""The command line keeps its contract."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document

from index.build import build_index
from qa import command_line

ROOT = Path(__file__).parent.parent
PLANQA = str(Path(sys.executable).parent / "planqa")


def planqa(
    *arguments: str, stdin: bytes = b"", index: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **({"PLANQA_INDEX": str(index)} if index else {}), **variables}
    return subprocess.run(
        [PLANQA, *arguments], input=stdin, capture_output=True, env=environment, timeout=120, check=False
    )


def objects(run: subprocess.CompletedProcess[bytes]) -> list[dict]:
    return [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]


def test_ask_prints_the_cited_paragraph_with_its_evidence(seeds_directory: Path) -> None:
    run = planqa("ask", "莱芜到济南的城际铁路什么时候通车？", index=seeds_directory)
    printed = run.stdout.decode("utf-8").splitlines()
    assert run.returncode == 0
    assert printed[0].startswith("规划中有")
    assert printed[2].startswith("[1] 《济莱协作区规划")
    assert printed[2].endswith("第一节 构筑综合交通运输体系 › 铁路（2016-08-26）")
    assert "【尽快启动济莱城际铁路建设,争取2020年实现通车运营。】" in printed[3]
    assert run.stderr == b""


def test_every_line_gets_one_object_in_order_and_a_bad_line_stops_nothing(seeds_directory: Path) -> None:
    run = planqa("ask", "--json", stdin="问题一\n\n\x00坏\n".encode(), index=seeds_directory)
    found = objects(run)
    assert run.returncode == 0
    assert [o["question"] for o in found] == ["问题一", "", "\x00坏"]
    assert [o["error"] is None for o in found] == [True, False, True]


def test_undecodable_bytes_are_a_line_like_any_other(seeds_directory: Path) -> None:
    run = planqa("ask", "--json", stdin=b"\xff\xfe\nG60\r\nS317", index=seeds_directory)
    assert [len(o["citations"]) for o in objects(run)] == [0, 10, 10]
    assert objects(run)[1]["question"] == "G60"


def test_an_answer_has_the_contracts_keys_and_offsets_that_hold(seeds_directory: Path) -> None:
    run = planqa("ask", "--json", "--top-k", "3", stdin="扩大创新券补助\n".encode(), index=seeds_directory)
    (answer,) = objects(run)
    contract = ["question", "verdict", "confidence", "elapsed_ms", "citations", "error"]
    assert [key for key in answer if key in contract] == contract, "it changes only by adding"
    assert len(answer["citations"]) == 3
    for rank, citation in enumerate(answer["citations"], 1):
        assert list(citation) == [
            "rank", "passage_id", "score", "document", "heading_path", "text", "evidence",
            "source_start", "source_end", "source_text", "repairs", "reference", "also",
        ]  # fmt: skip
        assert list(citation["document"]) == ["id", "title", "date", "issuer", "region", "file"]
        assert citation["rank"] == rank
        decoded = (ROOT / "seeds" / citation["document"]["file"]).read_bytes().decode("utf-8")
        assert decoded[citation["source_start"] : citation["source_end"]] == citation["source_text"]
        for evidence in citation["evidence"]:
            assert citation["text"][evidence["start"] : evidence["end"]] == evidence["text"]
        for repair in citation["repairs"]:
            assert decoded[repair["source_start"] : repair["source_end"]] == repair["original"]


def test_filters_narrow_and_one_that_leaves_nothing_is_wrong_input(seeds_directory: Path) -> None:
    run = planqa("ask", "--json", "--year", "2025", stdin="济南\n".encode(), index=seeds_directory)
    assert {c["document"]["date"] for c in objects(run)[0]["citations"]} == {"2025-02-19"}
    run = planqa("ask", "人才", "--region", "海南", index=seeds_directory)
    assert (run.returncode, run.stdout) == (2, b"")
    assert "地区“海南”" in run.stderr.decode("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "缺少问题"),
        (["ask", "水", "--top-k", "0"], "--top-k"),
        (["ask", "水", "--nonsense"], "没有选项 --nonsense"),
        (["nonsense"], "没有命令"),
        (["index"], "缺少"),
        (["ask", "_"], "问题是空的"),
        (["ask", "水", "--index", "没有这个文件夹"], "没有索引"),
        (["eval", "没有这个问题集"], "没有这个问题集"),
        (["index", "没有这个文件", "--index", "x"], "没有这个文件"),
    ],
)
def test_wrong_usage_is_said_in_chinese_and_exits_with_2(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seeds_directory: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    run = planqa(*arguments, index=seeds_directory)
    assert run.returncode == 2
    assert said in run.stderr.decode("utf-8")
    assert b"Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["", "ask", "index", "eval", "serve"])
def test_every_command_has_help(command: str) -> None:
    run = planqa(*command.split(), "--help")
    assert run.returncode == 0
    assert ("--index" in run.stdout.decode("utf-8")) == bool(command)


def test_the_seeds_index_is_built_on_first_use(tmp_path: Path) -> None:
    first = planqa("ask", "--json", stdin=b"G60\n", index=tmp_path / "new")
    second = planqa("ask", "--json", stdin=b"G60\n", index=tmp_path / "new")
    assert "首次使用" in first.stderr.decode("utf-8")
    assert second.stderr == b""
    assert objects(first)[0]["citations"] == objects(second)[0]["citations"]


def test_index_builds_updates_and_sums_up(tmp_path: Path) -> None:
    plans = tmp_path / "规划"
    plans.mkdir()
    (plans / "甲.txt").write_text("一、水利\n到2030 年建成三座水库。", encoding="gb18030")
    (plans / "扫描.pdf").write_bytes(b"%PDF-1.4")
    run = planqa("index", str(plans), "--index", str(tmp_path / "ix"), "--json")
    summary = json.loads(run.stdout)
    assert run.returncode == 1, "a file was skipped"
    assert summary["documents"][0] | {"title": "甲"} == {
        "id": "甲", "file": "甲.txt", "encoding": "gb18030", "passages": 1,
        "repairs": {"space": 1}, "title": "甲", "left_out": {},
    }  # fmt: skip
    assert summary["skipped"][0]["file"] == "扫描.pdf"
    (tmp_path / "乙.txt").write_text("新建学校五所,改善办学条件。", encoding="utf-8")
    run = planqa("index", str(tmp_path / "乙.txt"), "--index", str(tmp_path / "ix"))
    assert run.returncode == 0
    assert "2 份文档" in run.stdout.decode("utf-8")
    run = planqa("ask", "--json", "--index", str(tmp_path / "ix"), stdin="建几座水库\n".encode())
    first = objects(run)[0]["citations"][0]
    assert (first["text"], first["heading_path"]) == ("到2030年建成三座水库。", ["一、水利"])


def test_an_update_and_a_new_id_are_said_in_the_summary(tmp_path: Path) -> None:
    for folder, text in (("甲", "修建公路。"), ("乙", "兴建水库。"), ("丙/规划", "新建学校。")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "规划.txt").write_text(text, encoding="utf-8")
    ix = str(tmp_path / "ix")
    first = json.loads(planqa("index", str(tmp_path / "甲"), "--index", ix, "--json").stdout)
    assert (first["updated"], first["renamed"]) == ([], [])
    run = planqa("index", str(tmp_path / "乙"), "--index", ix)
    assert "更新 规划.txt" in run.stdout.decode("utf-8")
    again = json.loads(planqa("index", str(tmp_path / "甲"), "--index", ix, "--json").stdout)
    assert again["updated"] == ["规划"]
    other = json.loads(planqa("index", str(tmp_path / "丙"), "--index", ix, "--json").stdout)
    assert other["renamed"] == [{"file": "规划/规划.txt", "id": "规划-2", "instead_of": "规划"}]
    assert [d["id"] for d in other["documents"]] == ["规划-2"]
    assert other["index"]["documents"] == 2


def test_work_that_fails_exits_with_1_and_wrong_input_with_2(tmp_path: Path) -> None:
    (tmp_path / "甲.txt").write_text("一、水利\n兴建水库。", encoding="utf-8")
    ix = tmp_path / "ix"
    assert planqa("index", str(tmp_path / "甲.txt"), "--index", str(ix)).returncode == 0
    units = next(ix.glob("generations/*/units.npy"))
    units.write_bytes(units.read_bytes()[:-1])
    run = planqa("ask", "水库", "--index", str(ix))
    assert (run.returncode, run.stdout) == (1, b"")
    assert "损坏：units.npy" in run.stderr.decode("utf-8")
    run = planqa("index", str(tmp_path / "甲.txt"), "--index", str(tmp_path / "甲.txt" / "ix"))
    assert run.returncode == 1
    assert "写不了索引文件夹" in run.stderr.decode("utf-8")
    assert b"Traceback" not in run.stderr


def test_an_error_of_the_file_system_is_said_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "某个文件")

    monkeypatch.setattr(command_line.planqa, "main", full)
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.setattr(sys, "stderr", said := io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(SystemExit) as stop:
        command_line.main([])
    said.seek(0)
    assert stop.value.code == 1
    assert "“某个文件”" in said.read()


def test_an_update_without_encoder_asks_the_one_that_made_the_index(tmp_path: Path) -> None:
    (tmp_path / "甲.txt").write_text("一、水利\n兴建水库。", encoding="utf-8")
    document = small_document("乙", "修建公路。")
    build_index([document], CountingEncoder(), tmp_path / "ix")
    run = planqa("index", str(tmp_path / "甲.txt"), "--index", str(tmp_path / "ix"), HF_HUB_OFFLINE="1")
    assert run.returncode == 2
    assert "向量模型“counting”" in run.stderr.decode("utf-8")
    arguments = ("--encoder", "bundled", "--json")
    run = planqa("index", str(tmp_path / "甲.txt"), "--index", str(tmp_path / "ix"), *arguments)
    assert json.loads(run.stdout)["index"] | {"units": 0} == {
        "documents": 2, "passages": 2, "units": 0, "encoder": "bundled",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["", "own"])
def test_an_empty_planqa_index_names_no_index_of_ones_own(name: str, tmp_path: Path) -> None:
    """The seeds' own index is built again where it is damaged; somebody's own is not."""
    variables = {"XDG_CACHE_HOME": str(tmp_path), "PLANQA_INDEX": str(tmp_path / name) if name else ""}
    (tmp_path / "甲.txt").write_text("一、水利\n兴建水库。", encoding="utf-8")
    run = planqa("index", str(tmp_path / "甲.txt"), "--json", **variables)
    summary = json.loads(run.stdout)
    assert [d["id"] for d in summary["documents"]] == ["甲"]
    assert summary["index"]["documents"] == 3, "the seeds are there from the start"
    units = next(tmp_path.glob("**/generations/*/units.npy"))
    units.write_bytes(b"")
    run = planqa("ask", "--json", "--document", "甲", stdin="水库\n".encode(), **variables)
    assert run.returncode == (1 if name else 0)
    if not name:
        assert objects(run)[0]["citations"][0]["text"] == "兴建水库。", "an added document comes along"


def test_files_that_all_fail_still_give_a_summary(tmp_path: Path) -> None:
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF-1.4")
    run = planqa("index", str(tmp_path / "扫描.pdf"), "--index", str(tmp_path / "ix"), "--json")
    summary = json.loads(run.stdout)
    assert run.returncode == 1
    assert summary["documents"] == []
    assert [skipped["file"] for skipped in summary["skipped"]] == ["扫描.pdf"]
    assert summary["index"] == {"documents": 0, "passages": 0, "units": 0, "encoder": None}


def test_files_that_all_fail_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF-1.4")
    run = planqa("index", str(tmp_path / "扫描.pdf"), "--index", str(tmp_path / "ix"))
    assert run.returncode == 1
    assert "扫描.pdf" in run.stderr.decode("utf-8")
    assert not (tmp_path / "ix").exists()


def test_eval_prints_the_measures_and_writes_run_and_report(seeds_directory: Path, tmp_path: Path) -> None:
    run_file, page = tmp_path / "seeds.run", tmp_path / "r.html"
    run = planqa(
        "eval", "seeds", "--json", "--run", str(run_file), "--report", str(page), index=seeds_directory
    )
    overall = json.loads(run.stdout)["retrievers"]["hybrid"][0]
    assert overall["questions"] == 120
    assert overall["values"]["hit@1"] >= 0.70
    assert overall["values"]["hit@5"] >= 0.90
    lines = [line.split(" ") for line in run_file.read_text(encoding="utf-8").splitlines()]
    assert {len(line) for line in lines} == {6}
    assert len({line[0] for line in lines}) == 120
    text = page.read_text(encoding="utf-8")
    assert "nDCG@10" in text
    assert "http" not in text
