"""Typing as people type: a slip is put right by the words of the index; what was typed right stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document
from hypothesis import given
from hypothesis import strategies as st

from index.build import build_index
from index.opened import Index
from index.sounds import fold
from qa.question import search_text
from qa.spelling import MOST, Correction, correct

SLIPS = [
    # the sound is the same
    ("莱无到济南的火车什么时候通", "莱无", "莱芜"),
    ("来芜和济南怎么合作", "来芜", "莱芜"),
    ("冲电桩建在哪", "冲电桩", "充电桩"),
    ("充电庄够不够用", "充电庄", "充电桩"),
    ("成际铁路什么时候建成", "成际", "城际"),
    ("济来协作区有多大", "济来协作区", "济莱协作区"),
    ("张丘大葱", "张丘", "章丘"),
    ("雪也湖能开会吗", "雪也湖", "雪野湖"),
    ("后机楼建好了没有", "后机楼", "候机楼"),
    ("临空经计区", "经计区", "经济区"),
    ("三网容合", "容合", "融合"),
    ("供热体戏怎么改", "供热体戏", "供热体系"),
    ("机械装被产业", "机械装被", "机械装备"),
    ("粉沫冶金", "粉沫冶金", "粉末冶金"),
    ("碳化归在哪里生产", "碳化归", "碳化硅"),
    ("石墨西", "石墨西", "石墨烯"),
    ("汉玉金谷", "汉玉金谷", "汉峪金谷"),
    ("张二草莓", "张二草莓", "张而草莓"),
    ("中央商务曲", "中央商务曲", "中央商务区"),
    ("取水许渴制度", "许渴", "许可"),
    ("中小学大班恶怎么办", "大班恶", "大班额"),
    ("学分胡认", "胡认", "互认"),
    ("联席会以制度", "联席会以", "联席会议"),
    ("科技副执是做什么的", "副执", "副职"),
    ("沂蒙戈命老区", "戈命", "革命"),
    ("中欧班裂从哪儿发车", "班裂", "班列"),
    ("绿电怎么教易", "教易", "交易"),
    ("碳足季", "足季", "足迹"),
    ("失业保线能转吗", "保线", "保险"),
    ("马路拉莲怎么治", "拉莲", "拉链"),
    ("人工只能用在哪里", "人工只能", "人工智能"),
    ("社保一卡桶", "一卡桶", "一卡通"),
    # one sound is taken for another: n/l, in/ing, an/ang, h/f
    ("济蓝的地铁", "济蓝", "济南"),
    ("教师互品", "互品", "互聘"),
    ("平颈路什么时候打通", "平颈", "瓶颈"),
    ("氢能源怎么幅持", "幅持", "扶持"),
    ("韩搏会有哪些公司", "搏会", "博会"),
    # the shape is alike
    ("粉末治金", "粉末治金", "粉末冶金"),
    ("侯机楼在哪", "侯机楼", "候机楼"),
    ("充电椿多不多", "充电椿", "充电桩"),
    ("京津翼怎么对接", "京津翼", "京津冀"),
    ("莱芜城市候机搂", "候机搂", "候机楼"),
    ("济青高速铁路怎么建没", "建没", "建设"),
    ("莱莞的养老服务", "莱莞", "莱芜"),
]


@pytest.mark.parametrize(("question", "typed", "meant"), SLIPS, ids=lambda text: text)
def test_a_slip_is_put_right(question: str, typed: str, meant: str, seeds_index: Index) -> None:
    start = question.index(typed)
    right = question[:start] + meant + question[start + len(typed) :]
    assert correct(question, seeds_index) == (right, (Correction(typed, meant, start),))
    assert correct(right, seeds_index) == (right, ())


@pytest.mark.parametrize(
    "question",
    [
        "莱芜到济南的城际铁路什么时候通车",
        "充电桩建在哪些地方",
        "章丘大葱是哪里的特产",
        "雪野湖适合开会吗",
        "那边的危桥烂路啥时候修",
        "老人看病能不能直接报销",
        "小学大班额怎么解决",
        "我想在莱芜开个网店，有扶持吗",
        "给老人建的房子有医生吗",
        "S234和S317怎么改",
        "飞机场第二条平滑道修在哪",
        "外地的电怎么送到济南",
        "石墨烯和碳化硅在哪里生产",
        "孩子在莱芜能打济南的疫苗吗",
        "跨省的电怎么买卖",
        "骑共享单车去雪野湖要多久",
        "小区里能装快充吗",
        "莱芜的养老院给不给护工发钱",
        # words that no dictionary of 2012 has
        "雾霾治理",
        "网红打卡地有哪些",
        "直播带货给补贴吗",
        "遛娃的公园在哪",
        "撸串的夜市归谁管",
        # what the index does not hold is no slip either
        "潍宿高铁什么时候开工",
        "甬舟铁路修到哪了",
        "珠海的海水浴场",
        # what is quoted is meant as it was typed
        "“莱无”是哪里",
        "《济来规划》里怎么说",
        # nothing to hear
        "G60",
        "what is the plan for 2025?",
        "的",
        "？！",
    ],
)
def test_a_question_that_was_typed_right_stays(question: str, seeds_index: Index) -> None:
    text = search_text(question) if question != "？！" else question
    assert correct(text, seeds_index) == (text, ())


def test_two_slips_are_put_right_and_more_are_none(seeds_index: Index) -> None:
    assert correct("济蓝和来芜的关系", seeds_index) == (
        "济南和莱芜的关系",
        (Correction("济蓝", "济南", 0), Correction("来芜", "莱芜", 3)),
    )
    assert correct("济蓝冲电桩成际铁路", seeds_index) == ("济蓝冲电桩成际铁路", ())


def test_known_names_are_left_alone(seeds_index: Index) -> None:
    assert correct("张丘大葱", seeds_index, known={"张丘"}) == ("张丘大葱", ())
    assert correct("张丘大葱", seeds_index, known={"章丘"})[0] == "章丘大葱"


def small_index(folder: Path, *texts: str) -> Index:
    build_index([small_document("规划", *texts)], CountingEncoder(), folder)
    return Index(folder, CountingEncoder())


def test_the_words_are_those_of_the_index(tmp_path: Path, seeds_index: Index) -> None:
    index = small_index(tmp_path, "发展陶瓷琉璃产业，建设陶瓷琉璃博物馆。", "琉璃小镇对外开放。")
    assert correct("陶瓷琉离", index) == ("陶瓷琉璃", (Correction("琉离", "琉璃", 2),))
    assert correct("陶瓷琉离", seeds_index) == ("陶瓷琉离", ())


def test_of_two_readings_that_are_as_good_none_is_taken(tmp_path: Path) -> None:
    both = small_index(tmp_path / "both", "储备食物。", "储备实物。")
    one = small_index(tmp_path / "one", "储备食物。")
    assert both.sounds.like("氏物") == ("食物", "实物")
    assert correct("氏物放在哪里", one) == ("食物放在哪里", (Correction("氏物", "食物", 0),))
    assert correct("氏物放在哪里", both) == ("氏物放在哪里", ())


@pytest.mark.parametrize(
    ("one", "other"),
    [("zhang", "zan"), ("chen", "ceng"), ("shi", "si"), ("nan", "lan"), ("ren", "len"), ("hui", "fei")]
    + [("huang", "fan"), ("hong", "feng"), ("hu", "fu"), ("xing", "xin"), ("liang", "nian"), ("nv", "lv")],
)
def test_sounds_that_are_confused_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"), [("ban", "pan"), ("ji", "qi"), ("e", "er"), ("hai", "fai"), ("n", "l")]
)
def test_other_sounds_are_not(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_an_index_hears_its_words(seeds_index: Index) -> None:
    sounds = seeds_index.sounds
    assert sounds.like("莱无") == sounds.like("来五") == ("莱芜",)
    assert sounds.like("济莱") == ("济莱",)  # no word of jieba's
    assert "充电桩" in sounds.like("冲电庄")
    assert sounds.like("重冲") == ()
    assert sounds.readings("行") == ("xing", "hang")
    assert sounds.readings("无") == ("wu",)  # not mó
    assert sounds.like("") == sounds.like("莱") == sounds.like("g60") == sounds.readings("g") == ()


def test_a_question_needs_no_pinyin_library(seeds_directory: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from index.opened import Index; from qa.spelling import correct\n"
        f"print(correct('莱无', Index(Path({str(seeds_directory)!r})))[0], 'pypinyin' in sys.modules)"
    )
    root = Path(__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code], capture_output=True, cwd=root, check=True
    )
    assert run.stdout.decode("utf-8").split() == ["莱芜", "False"]


@given(st.text(st.characters(max_codepoint=0x2FFF, exclude_categories=["Cs"]), max_size=30))
def test_a_text_without_chinese_characters_stays(seeds_index: Index, text: str) -> None:
    assert correct(text, seeds_index) == (text, ())


PIECES = st.sampled_from([question for question, *_ in SLIPS] + [meant for *_, meant in SLIPS])
NOISE = st.text("莱济来既成程冲充电点店路露无武湖胡，“”a1", max_size=6)


@given(st.lists(PIECES | NOISE, max_size=5).map("".join))
def test_corrections_keep_the_length_say_what_they_did_and_leave_nothing_to_do(
    seeds_index: Index, text: str
) -> None:
    corrected, corrections = correct(text, seeds_index)
    assert len(corrected) == len(text)
    assert len(corrections) <= MOST
    undone = corrected
    for correction in corrections:
        end = correction.start + len(correction.meant)
        assert correction.typed != correction.meant == undone[correction.start : end]
        undone = undone[: correction.start] + correction.typed + undone[end:]
    assert undone == text
    assert correct(corrected, seeds_index) == (corrected, ())
