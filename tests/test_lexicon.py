"""The lexicon: text that people can read and extend, and a search that it helps but never rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_command_line import planqa

from index.opened import Index
from index.records import PlanqaError
from qa.assistant import Assistant
from qa.lexicon import FOLDER, Expansion, Lexicon, bundled_lexicon
from qa.retrieval import find_candidates

SMALL = Lexicon({"堵车": ("交通拥堵", "缓堵保畅"), "看病": ("就医",), "外地看病": ("异地就医",)})


def test_the_longest_plain_words_of_a_question_are_found_in_order() -> None:
    assert SMALL.expand("外地看病路上堵车咋办") == (
        Expansion("外地看病", ("异地就医",)),
        Expansion("堵车", ("交通拥堵", "缓堵保畅")),
    )
    assert SMALL.expand("看病看病") == (Expansion("看病", ("就医",)),)
    assert SMALL.expand("") == ()


def test_the_bundled_lexicon_covers_every_field_of_government() -> None:
    assert len(bundled_lexicon()) >= 6000
    assert len(list(FOLDER.glob("*.tsv"))) >= 22


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.tsv")), ids=lambda p: p.stem)
def test_every_line_says_something_that_the_words_themselves_do_not(path: Path) -> None:
    lexicon = Lexicon.read([path])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lexicon) == len(lines), "one line a plain word"
    for line in lines:
        plain, official = line.split("\t")
        assert 2 <= len(plain) <= 8
        assert all(plain not in word and word not in plain for word in official.split("|"))


def test_a_file_of_ones_own_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "我的.tsv"
    path.write_text("# 我的词\t注\n堵车\t断头路\r\n\n拉链马路\t综合管廊|架空线入地\n", encoding="utf-8-sig")
    extended = SMALL.extend(path)
    assert extended.expand("堵车") == (Expansion("堵车", ("断头路", "交通拥堵", "缓堵保畅")),)
    assert extended.expand("拉链马路")[0].official == ("综合管廊", "架空线入地")
    assert SMALL.expand("拉链马路") == ()


@pytest.mark.parametrize("line", ["堵车 交通拥堵", "\t交通拥堵", "堵车\t|"])
def test_a_line_that_is_no_entry_is_refused_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "坏.tsv"
    path.write_text(f"# 注\n{line}\n", encoding="utf-8")
    with pytest.raises(PlanqaError, match="第 2 行"):
        Lexicon.read([path])


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match="没有这个"):
        Lexicon.read([tmp_path / "没有这个.tsv"])


def test_an_official_word_in_a_passage_counts(seeds_index: Index) -> None:
    lexicon = Lexicon({"挖马路": ("城市综合管廊",)})
    found = find_candidates(seeds_index, "挖马路", None, lexicon)
    told = {int(n) for n, share in zip(found.numbers, found.feature("expanded"), strict=True) if share == 1}
    assert told == {n for n in range(len(seeds_index)) if "城市综合管廊" in seeds_index.passage(n).text}
    assert not find_candidates(seeds_index, "挖马路", None, Lexicon({})).feature("expanded").any()


def test_the_answer_tells_what_a_plain_word_was_searched_by(seeds_index: Index) -> None:
    lexicon = Lexicon({"赶飞机": ("城市候机楼", "空中花园"), "买菜": ("菜篮子工程",)})
    answer = Assistant(seeds_index, lexicon).ask("莱芜人赶飞机方便吗")
    assert answer.expansions == (Expansion("赶飞机", ("城市候机楼",)),)
    assert answer.to_json()["lexicon"] == [{"plain": "赶飞机", "official": ["城市候机楼"]}]


def test_the_lexicon_never_outranks_exact_words(seeds_index: Index) -> None:
    misleading = Lexicon({"章丘大葱": ("城际铁路",), "张而草莓": ("新能源汽车",)})
    for words in ("章丘大葱", "张而草莓"):
        assert words in Assistant(seeds_index, misleading).ask(words).citations[0].passage.text


def test_a_lexicon_of_ones_own_is_given_on_the_command_line(seeds_directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "我的.tsv"
    path.write_text("圪蹴\t城市候机楼\n", encoding="utf-8")
    run = planqa("ask", "圪蹴等飞机", "--lexicon", str(path), index=seeds_directory)
    assert "「圪蹴」也按「城市候机楼」查找" in run.stdout.decode("utf-8")
    path.write_text("圪蹴 城市候机楼\n", encoding="utf-8")
    run = planqa("ask", "圪蹴等飞机", "--lexicon", str(path), index=seeds_directory)
    assert (run.returncode, run.stdout) == (2, b"")
    assert "第 1 行" in run.stderr.decode("utf-8")
