"""Headings, paragraphs and furniture: nothing vanishes, nothing stands under a wrong heading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.reading import Source, read_document
from index.records import Document, PlanqaError


def read(text: str) -> Document:
    return read_document(Source("a.txt", text.encode()), "a")


def outline(text: str) -> list[tuple[tuple[str, ...], str]]:
    return [(passage.heading_path, passage.text) for passage in read(text).passages]


def left_out(document: Document) -> list[tuple[str, str]]:
    return [(x.reason, document.decoded[x.source_start : x.source_end]) for x in document.left_out]


def test_a_list_of_numbered_lines_is_read_line_by_line_under_its_heading() -> None:
    text = (
        "一、水利\n1、加强水库建设\n2、加强泵站建设\n3、加强堤防建设\n"
        "二、电力\n电网建设要抓紧推进。\n1、建设变电站\n2、建设线路"
    )
    assert outline(text) == [
        (("一、水利",), "1、加强水库建设"),
        (("一、水利",), "2、加强泵站建设"),
        (("一、水利",), "3、加强堤防建设"),
        (("二、电力",), "电网建设要抓紧推进。"),
        (("二、电力",), "1、建设变电站"),
        (("二、电力",), "2、建设线路"),
    ]


def test_a_chapter_without_text_is_a_paragraph() -> None:
    text = "第一章 水利\n第二章 电力\n电网建设要抓紧推进。\n第三章 交通"
    assert outline(text) == [
        ((), "第一章水利"),
        (("第二章 电力",), "电网建设要抓紧推进。"),
        ((), "第三章交通"),
    ]


def test_a_numbered_line_that_holds_a_sentence_is_no_heading() -> None:
    text = "第三章 水利建设。水利要抓紧\n第四章 电力\n电网建设要抓紧推进。"
    assert outline(text) == [
        (("第三章 水利建设",), "第三章水利建设。水利要抓紧"),
        (("第四章 电力",), "电网建设要抓紧推进。"),
    ]


def test_an_unfinished_line_does_not_swallow_the_next_heading() -> None:
    text = "一、水利\n重点建设水库、泵站、\n第二章 电力\n电网建设要抓紧推进。"
    assert outline(text) == [
        (("一、水利",), "重点建设水库、泵站、"),
        (("第二章 电力",), "电网建设要抓紧推进。"),
    ]


def test_an_editors_line_amid_the_text_ends_nothing() -> None:
    document = read("第三章 水利\n水利建设要抓紧推进。\n编辑：张三\n第四章 电力\n电网建设要抓紧推进。")
    assert [p.text for p in document.passages] == ["水利建设要抓紧推进。", "电网建设要抓紧推进。"]
    assert left_out(document) == [("furniture", "编辑：张三")]


@pytest.mark.parametrize("editor", ["编辑：张三", "（责任编辑：李四）"])
def test_an_editors_line_at_either_end_is_furniture(editor: str) -> None:
    top = read(f"{editor}\n第三章 水利\n水利建设要抓紧推进。")
    foot = read(f"第三章 水利\n水利建设要抓紧推进。\n{editor}\n联系电话 12345")
    assert left_out(top) == [("furniture", editor)]
    assert left_out(foot) == [("furniture", editor), ("furniture", "联系电话 12345")]


@pytest.mark.parametrize(
    ("paragraph", "topic"),
    [
        ("铁路。尽快启动城际铁路。", "铁路"),
        ("一是民生保障持续加强。完善就业优先政策。", "一是民生保障持续加强"),
        ("人均GDP达10万元。居民收入同步增长。", None),
        ("居民收入稳步增长。消费更旺。", None),
        ("济南是省会。人口很多。", None),
    ],
)
def test_a_lead_in_is_a_topic_and_no_statement(paragraph: str, topic: str | None) -> None:
    assert outline(paragraph) == [((topic,) if topic else (), paragraph)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"])
def test_every_kind_of_line_end_ends_a_line(end: str) -> None:
    lines = ["第一章 水利", "统筹管理生活用水、", "工业用水。", "第二章 电力", "电网建设要抓紧推进。"]
    assert outline(end.join(lines)) == [
        (("第一章 水利",), "统筹管理生活用水、工业用水。"),
        (("第二章 电力",), "电网建设要抓紧推进。"),
    ]


def test_a_page_break_and_a_line_separator_lose_no_text() -> None:
    text = "第一章 水利\x0c水利建设要抓紧\x85推进。\u2028第二章 电力\n\x0c第三章 交通\n铁路建设。"
    assert outline(text) == [
        (("第一章 水利", "水利建设要抓紧"), "推进。"),
        ((), "第二章电力"),
        (("第三章 交通",), "铁路建设。"),
    ]


def test_the_indent_of_gbk_pages_is_white_space() -> None:
    data = b"\xa3\xa0\xa3\xa0" + "水利建设要".encode("gbk") + b"\xa3\xa0" + "抓紧推进。".encode("gbk")
    (passage,) = read_document(Source("a.txt", data), "a").passages
    assert passage.text == "水利建设要抓紧推进。"
    assert {repair.kind for repair in passage.repairs} == {"space"}


@pytest.mark.parametrize("junk", ["|", "***", "| --- | --- |", "——", "##"])
def test_a_line_without_words_is_left_out(junk: str) -> None:
    document = read(f"水利建设要抓紧推进。\n{junk}\n电网建设要抓紧推进。")
    assert [p.text for p in document.passages] == ["水利建设要抓紧推进。", "电网建设要抓紧推进。"]
    assert left_out(document) == [("furniture", junk)]


@pytest.mark.parametrize("blank", ["\u200b", "\ufeff", "\u3000\u200b"])
def test_an_invisible_line_is_a_blank_line(blank: str) -> None:
    assert [text for _, text in outline(f"水利建设要抓紧推进。\n{blank}\n电网建设。")] == [
        "水利建设要抓紧推进。",
        "电网建设。",
    ]


def test_a_file_without_words_is_an_error() -> None:
    with pytest.raises(PlanqaError, match="没有读到段落"):
        read("***\n|\n---")


def test_a_topic_ends_at_a_closing_paragraph() -> None:
    lines = [
        "在水利方面，将加强建设。",
        "其中，建设水库。",
        "修缮堤防。",
        "本报告自发布之日起实施。",
        "请遵照执行。",
    ]
    contexts = [passage.context for passage in read("\n".join(lines)).passages]
    assert contexts == ["", lines[0], lines[0], "", ""]


@pytest.mark.parametrize("heading", ["目标：", "怎么办？", "主要目标"])
def test_a_markdown_heading_may_end_in_any_sign(heading: str) -> None:
    assert outline(f"## {heading}\n水利建设要抓紧推进。") == [((heading,), "水利建设要抓紧推进。")]


def test_a_markdown_heading_without_text_is_read_without_its_mark() -> None:
    assert outline("# 水利\n## 水库\n## 泵站") == [(("水利",), "水库"), (("水利",), "泵站")]


def test_spaces_inside_a_heading_are_not_read_but_the_one_after_its_number_is() -> None:
    ((path, _),) = outline("第二章 到2030 年 目标\n水利建设要抓紧推进。")
    assert path == ("第二章 到2030年目标",)


def test_a_numbered_sentence_with_a_paragraph_below_is_a_heading_but_an_item_of_a_list_is_none() -> None:
    body = "推进重大水利工程，加强灌区改造，提高供水保障能力，让群众用上放心水。" * 2
    assert outline(f"（一）加强水利建设。\n{body}\n（二）加强电网建设。\n{body}") == [
        (("（一）加强水利建设",), body),
        (("（二）加强电网建设",), body),
    ]
    items = ["（一）加强水利建设。", "（二）加强电网建设。", body]
    assert outline("\n".join(items)) == [((), item) for item in items]


def test_a_topic_on_a_line_of_its_own_holds_the_next_paragraph_only() -> None:
    body = "推进重大水利工程，加强灌区改造，提高供水保障能力，让群众用上放心水，受益人口不断扩大。"
    assert outline(f"生态底色更加亮丽。\n{body}\n{body[::-1]}") == [
        (("生态底色更加亮丽",), body),
        ((), body[::-1]),
    ]


def test_a_number_broken_after_its_bracket_is_whole() -> None:
    document = read("（一）水利\n水库建设。\n（\n二）电力\n电网建设。")
    assert [p.heading_path for p in document.passages] == [("（一）水利",), ("（二）电力",)]


def test_a_term_is_the_heading_of_its_explanation() -> None:
    text = "名词解释\n1.“四上”企业：\n规模以上的法人单位。\n2.“双一流”：\n世界一流大学和一流学科。"
    assert outline(text) == [
        (("名词解释", "1.“四上”企业："), "规模以上的法人单位。"),
        (("名词解释", "2.“双一流”："), "世界一流大学和一流学科。"),
    ]


def test_a_table_of_contents_is_left_out() -> None:
    contents = "目 录\n第一章 水利……1\n第二章 电力 12"
    document = read(f"济南规划\n{contents}\n第一章 水利\n水利建设要抓紧推进。\n第二章 电力\n电网建设。")
    assert [p.heading_path for p in document.passages[1:]] == [("第一章 水利",), ("第二章 电力",)]
    assert left_out(document) == [("furniture", line) for line in contents.split("\n")]


def test_what_a_web_page_puts_around_a_report_is_left_out_with_its_reason() -> None:
    head = [
        "2026年政府工作报告",
        "发布时间:2026-02-02",
        "下载",
        "【字号：",
        "加大",
        "】",
        "2026年政府工作报告",
    ]
    speech = ["——2026年1月25日在北京市人民代表大会上", "来源：北京日报", "北京市市长 殷勇"]
    foot = ["收藏", "|", "相关报道："]
    document = read("\n".join([*head, *speech, "各位代表：", "现在，我报告工作。", *foot]))
    assert [p.text for p in document.passages] == ["各位代表：", "现在，我报告工作。"]
    assert [reason for reason, _ in left_out(document)] == [
        *("title", "metadata", "furniture", "furniture", "furniture", "furniture", "title"),
        *("metadata", "metadata", "metadata"),
        *("furniture", "furniture", "furniture"),
    ]
    assert (document.metadata.title, document.metadata.date) == ("2026年政府工作报告", "2026-02-02")


def test_a_word_broken_by_a_subscript_is_joined() -> None:
    before = "深入打好蓝天、碧水、净土保卫战，深化生态环境分区管控，推动污染防治攻坚向美丽建设转变，以PM"
    ((_, text),) = outline(f"{before}\n2.5\n浓度持续下降为主线。")
    assert text == f"{before}2.5浓度持续下降为主线。"


LINES = [
    *(
        "第一章 水利",
        "第二节 水库",
        "一、电力",
        "（一）电网",
        "1、变电站",
        "专栏1 重要项目",
        "目录",
        "## 目标：",
    ),
    *(
        "水利建设要抓紧推进。",
        "铁路。尽快启动城际铁路。",
        "重点建设水库、",
        "主要任务",
        "（",
        "2.5",
        "***",
        "编辑：张三",
    ),
    *(
        "来源：大众日报",
        "发布时间：2026-02-02",
        "相关报道：",
        "济南市2026年规划",
        "（二）加强水利建设。",
        "\u200b",
    ),
    "推进重大水利工程，加强灌区改造，提高供水保障能力，让群众用上放心水，受益人口不断扩大。",
]


@given(st.lists(st.sampled_from(LINES), min_size=1, max_size=14), st.sampled_from(["\n", "\r\n", "\u2028"]))
def test_every_line_of_a_source_is_in_a_passage_a_heading_path_or_left_out(
    lines: list[str], end: str
) -> None:
    try:
        document = read(end.join(lines))
    except PlanqaError:
        return
    decoded = document.decoded
    spans = [(p.source_start, p.source_end) for p in document.passages]
    spans += [(x.source_start, x.source_end) for x in document.left_out]
    assert all(
        a_end <= b_start for (_, a_end), (b_start, _) in zip(sorted(spans), sorted(spans)[1:], strict=False)
    )
    rest = decoded
    for start, stop in sorted(spans, reverse=True):
        rest = rest[:start] + end + rest[stop:]
    headings = {heading for p in document.passages for heading in p.heading_path}
    unmarked = {line.removeprefix("## ").removesuffix("。").strip("\u200b \n") for line in rest.split(end)}
    assert unmarked - {"", "##"} <= headings
    for passage in document.passages:
        assert passage.source_text == decoded[passage.source_start : passage.source_end]
