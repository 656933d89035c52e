"""Repairs are recorded, lead back to the source, and never touch what was whole."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.garbled import UNREADABLE, is_nonsense, mend_garbled
from index.repair import (
    Reading,
    is_traditional,
    remove_annotations,
    simplify,
    simplify_text,
    tidy_paragraph,
)

WORDS = ["发展", "濟南", "2020", " ", "年", "發(fā)", "展", "R1", "(zhǎn)", "、", "\n", "(山东段)", "。", "|"]
ragged = st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map("".join)


def repaired(decoded: str) -> Reading:
    return tidy_paragraph(simplify(mend_garbled(remove_annotations(Reading.of(decoded, 0, len(decoded))))))


def undone(reading: Reading, decoded: str) -> str:
    """The source, rebuilt from the reading text and its recorded repairs alone."""
    text, source, position = reading.text, "", 0
    for repair in reading.repairs(decoded):
        source += text[position : repair.start] + repair.original
        position = repair.end
    return source + text[position:]


@given(ragged)
def test_undoing_the_recorded_repairs_gives_the_source_back(decoded: str) -> None:
    assert undone(repaired(decoded), decoded) == decoded


@given(ragged)
def test_every_piece_covers_its_stretch_of_the_source_without_a_gap(decoded: str) -> None:
    position = 0
    for piece in repaired(decoded).pieces:
        assert piece.source_start == position
        assert piece.kind is not None or decoded[position : piece.source_end] == piece.text
        position = piece.source_end
    assert position == len(decoded)


@given(ragged, st.data())
def test_a_slice_of_a_reading_stands_for_the_same_source(decoded: str, data: st.DataObject) -> None:
    reading = remove_annotations(Reading.of(decoded, 0, len(decoded)))
    start = data.draw(st.integers(0, len(reading.text)))
    end = data.draw(st.integers(start, len(reading.text)))
    part = reading.slice(start, end)
    assert part.text == reading.text[start:end]
    if part.pieces:
        source_start, source_end = part.source_span
        assert remove_annotations(Reading.of(decoded, source_start, source_end)).text == part.text


@pytest.mark.parametrize(
    ("found", "read"),
    [
        ("到2020 年实现R1 线、S234 线、4G 网络", "到2020年实现R1线、S234线、4G网络"),
        ("统筹管理生活用水、\n工业用水", "统筹管理生活用水、工业用水"),
        ("统筹管理生活用水、\r\n工业用水", "统筹管理生活用水、工业用水"),
        ("统筹管理生活用水、\u2028\u3000\x0c工业用水", "统筹管理生活用水、工业用水"),
        ("到2020\ue5e5年\u200b实现", "到2020年实现"),
        ("物流通道。 |", "物流通道。"),
        ("山東印發(fā)行動方案(山東段)(2025-2027年)", "山东印发行动方案(山东段)(2025-2027年)"),
        ("see the plan (draft) of 2020", "see the plan (draft) of 2020"),
    ],
)
def test_reading_text(found: str, read: str) -> None:
    assert repaired(found).text == read


@given(st.text(alphabet="政府工作报告济南莱芜城际铁路，。0123456789ABC", max_size=60))
def test_simplified_text_is_left_alone(text: str) -> None:
    assert simplify_text(text) == text
    assert not is_traditional(text)
    assert mend_garbled(Reading.of(text, 0, len(text))).text == text


INTACT = "加快濟南、青島兩市建設。探索開展社保卡一卡通合作,做好養老工作。推進濟南、青島機場建設。"


def out_of_step(good: str, lost: int) -> str:
    """``good`` as it looks after byte number ``lost`` of its GBK form went missing."""
    data = good.encode("gbk")
    broken = data[:lost] + b"\x00" + data[lost + 1 :]
    text = ""
    position = 0
    while position < len(broken):
        pair = broken[position : position + 2]
        if pair[0] == 0:
            text, position = text + "\ufffd", position + 1
            continue
        try:
            text, position = text + pair.decode("gbk"), position + (2 if pair[0] > 0x80 else 1)
        except UnicodeDecodeError:
            text, position = text + "\ufffd", position + 1
    return text


@given(st.integers(0, 17))
def test_broken_text_is_mended_or_shown_as_unreadable(lost: int) -> None:
    reading_text = broken_and_mended(lost)
    assert reading_text.startswith(INTACT + "\n"), "what was whole must not change"
    mended = reading_text.split("\n")[1]
    assert "\ufffd" not in mended
    assert UNREADABLE in mended or mended == "拓展濟南、青島機場國際航空網"


@pytest.mark.parametrize("lost", [2, 6])
def test_a_stretch_out_of_step_is_mended_where_its_words_stand_intact(lost: int) -> None:
    assert broken_and_mended(lost).endswith("\n拓展濟南、青島機場國際航空網")


def broken_and_mended(lost: int) -> str:
    text = f"{INTACT}\n拓展{out_of_step('濟南、青島機場國際', lost)}航空網"
    return mend_garbled(Reading.of(text, 0, len(text))).text


def test_a_lost_character_without_a_witness_is_shown_as_unreadable() -> None:
    text = "建设\ufffd中心\n别处没有同样的词"
    reading = mend_garbled(Reading.of(text, 0, len(text)))
    assert reading.text == f"建设{UNREADABLE}中心\n别处没有同样的词"
    (repair,) = reading.repairs(text)
    assert (repair.kind, repair.original) == ("unreadable", "\ufffd")


def test_a_question_mark_in_good_text_is_no_damage() -> None:
    text = "要不要办手续?请看下文"
    assert mend_garbled(Reading.of(text, 0, len(text))).text == text


def test_mended_text_has_the_bytes_that_survived() -> None:
    text = "支持濟南、青島建設\n拓展?jié)\ue313稀⑶鄭u機場"
    mended = mend_garbled(Reading.of(text, 0, len(text))).text
    assert mended.endswith("拓展濟南、青島機場")
    survived = bytes.fromhex("fac4 cfa1 a2c7 e08d 75")
    assert survived in re.sub("拓展", "", mended.split("\n")[1]).encode("gbk")


@given(st.text(alphabet="九推进海域水利\ufffd\ue313?a）)。\n\r\ue5e5鄭u", max_size=24))
def test_no_text_is_too_garbled_to_be_read(text: str) -> None:
    reading = mend_garbled(Reading.of(text, 0, len(text)))
    assert undone(reading, text) == text
    assert "\ufffd" not in reading.text


def test_a_pair_that_no_character_fits_is_shown_as_unreadable() -> None:
    text = "九）推\ufffd海\ufffd"
    assert mend_garbled(Reading.of(text, 0, len(text))).text == f"九）推{UNREADABLE}海{UNREADABLE}"


def test_the_indent_of_gbk_pages_is_no_damage() -> None:
    text = "\ue5e5\ue5e5水利建设"
    assert mend_garbled(Reading.of(text, 0, len(text))).text == text


@pytest.mark.parametrize(
    "nonsense",
    ["水利建設要抓緊推進，保障供水安全".encode("big5"), "推动水利建设，保障供水安全".encode("utf-16-le")],
)
def test_bytes_of_another_encoding_are_nonsense(nonsense: bytes) -> None:
    assert is_nonsense(nonsense.decode("gb18030", "replace"))


@pytest.mark.parametrize("text", ["水利建設要抓緊推進", "水利建设要抓紧推进", "", "①②③④⑤℃", "plan of 2020"])
def test_what_people_write_is_no_nonsense(text: str) -> None:
    assert not is_nonsense(text)


def test_a_phrase_that_changes_its_length_costs_its_own_line_only(monkeypatch: pytest.MonkeyPatch) -> None:
    class Shortening:
        """Knows a phrase that is shorter in simplified characters."""

        def convert(self, text: str) -> str:
            return text.replace("計程車", "的士").replace("濟", "济").replace("乾", "干")

    import index.repair

    monkeypatch.setattr(index.repair, "_converter", Shortening)
    assert simplify_text("乾濟\n計程車濟\n濟") == "干济\n計程車济\n济"


def test_a_slice_is_cut_without_walking_the_text_before_it() -> None:
    text = "濟南" * 50_000
    reading = simplify(Reading.of(text, 0, len(text)))
    started = process_time()
    for start in range(0, len(text), 100):
        assert reading.slice(start, start + 100).source_span == (start, start + 100)
    assert process_time() - started < 1
