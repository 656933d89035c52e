"""Citations as people quote them: exact quotations, addresses that are right, references by the standard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document
from hypothesis import example, given
from hypothesis import strategies as st

from index.build import build_index
from index.opened import DocumentEntry, Index, heading_number
from index.records import Metadata, Passage, Span
from qa.answer import Citation
from qa.assistant import Assistant
from qa.citing import address, markdown, plain, position, quotation, quoted, reference

RAILWAY = "莱芜到济南的城际铁路什么时候通车？"
WEB = "https://www.gansu.gov.cn/2026/report.html"
MARKUP = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*")


def cited(
    text: str = "兴建水库。",
    evidence: Sequence[tuple[int, int]] = (),
    path: tuple[str, ...] = ("第二章 水利",),
    ordinal: int = 3,
    **metadata: object,
) -> Citation:
    passage = Passage("甲#0", "甲", path, text, 0, len(text), text)
    entry = DocumentEntry("甲", "甲.txt", Metadata(**{"title": "水利规划", **metadata}))  # type: ignore[arg-type]
    return Citation(1, 1.0, entry, passage, tuple(Span(*span) for span in evidence), ordinal)


def in_order(index: Index, number: int) -> Citation:
    passage = index.passage(number)
    return Citation(1, 1.0, index.document_of(number), passage, (), index.ordinal(number))


def without_markup(line: str) -> str:
    return MARKUP.sub(lambda found: found[1] or "", line.removeprefix(">").removeprefix(" "))


def quote_of(written: str) -> list[str]:
    return written.split("\n\n——", 1)[0].split("\n>\n")


@pytest.mark.parametrize(
    ("has", "expected"),
    [
        ("", "水利规划[Z]. 第二章，第3段."),
        ("i", "水利厅. 水利规划[Z]. 第二章，第3段."),
        ("r", "水利规划[Z]. 甘肃省: 第二章，第3段."),
        ("s", "水利规划[Z]. 甘肃日报: 第二章，第3段."),
        ("d", "水利规划[Z]. 2026: 第二章，第3段."),
        ("ir", "水利厅. 水利规划[Z]. 甘肃省: 第二章，第3段."),
        ("is", "水利厅. 水利规划[Z]. 甘肃日报: 第二章，第3段."),
        ("id", "水利厅. 水利规划[Z]. 2026: 第二章，第3段."),
        ("rs", "水利规划[Z]. 甘肃省: 甘肃日报: 第二章，第3段."),
        ("rd", "水利规划[Z]. 甘肃省, 2026: 第二章，第3段."),
        ("sd", "水利规划[Z]. 甘肃日报, 2026: 第二章，第3段."),
        ("irs", "水利厅. 水利规划[Z]. 甘肃省: 甘肃日报: 第二章，第3段."),
        ("ird", "水利厅. 水利规划[Z]. 甘肃省, 2026: 第二章，第3段."),
        ("isd", "水利厅. 水利规划[Z]. 甘肃日报, 2026: 第二章，第3段."),
        ("rsd", "水利规划[Z]. 甘肃省: 甘肃日报, 2026: 第二章，第3段."),
        ("irsd", "水利厅. 水利规划[Z]. 甘肃省: 甘肃日报, 2026: 第二章，第3段."),
        ("w", f"水利规划[EB/OL]. 第二章，第3段. {WEB}"),
        ("iw", f"水利厅. 水利规划[EB/OL]. 第二章，第3段. {WEB}"),
        ("rw", f"水利规划[EB/OL]. 甘肃省: 第二章，第3段. {WEB}"),
        ("dw", f"水利规划[EB/OL]. 2026: 第二章，第3段(2026-02-10). {WEB}"),
        ("aw", f"水利规划[EB/OL]. 第二章，第3段[2026-03-01]. {WEB}"),
        ("irw", f"水利厅. 水利规划[EB/OL]. 甘肃省: 第二章，第3段. {WEB}"),
        ("idw", f"水利厅. 水利规划[EB/OL]. 2026: 第二章，第3段(2026-02-10). {WEB}"),
        ("iaw", f"水利厅. 水利规划[EB/OL]. 第二章，第3段[2026-03-01]. {WEB}"),
        ("rdw", f"水利规划[EB/OL]. 甘肃省, 2026: 第二章，第3段(2026-02-10). {WEB}"),
        ("raw", f"水利规划[EB/OL]. 甘肃省: 第二章，第3段[2026-03-01]. {WEB}"),
        ("daw", f"水利规划[EB/OL]. 2026: 第二章，第3段(2026-02-10)[2026-03-01]. {WEB}"),
        ("irdw", f"水利厅. 水利规划[EB/OL]. 甘肃省, 2026: 第二章，第3段(2026-02-10). {WEB}"),
        ("iraw", f"水利厅. 水利规划[EB/OL]. 甘肃省: 第二章，第3段[2026-03-01]. {WEB}"),
        ("idaw", f"水利厅. 水利规划[EB/OL]. 2026: 第二章，第3段(2026-02-10)[2026-03-01]. {WEB}"),
        ("rdaw", f"水利规划[EB/OL]. 甘肃省, 2026: 第二章，第3段(2026-02-10)[2026-03-01]. {WEB}"),
        (
            "irdaw",
            f"水利厅. 水利规划[EB/OL]. 甘肃省, 2026: 第二章，第3段(2026-02-10)[2026-03-01]. {WEB}",
        ),
        ("ta", "[水利规划][Z]. 第二章，第3段."),
        ("tdw", f"[水利规划][EB/OL]. 2026: 第二章，第3段(2026-02-10). {WEB}"),
        ("irsdta", "水利厅. [水利规划][Z]. 甘肃省: 甘肃日报, 2026: 第二章，第3段."),
    ],
)
def test_a_reference_leaves_out_what_the_metadata_does_not_say(has: str, expected: str) -> None:
    """i issuer, r region, s source, w a web address, d date, t a title of our own, a accessed."""
    values = {"i": ("issuer", "水利厅"), "r": ("region", "甘肃省"), "s": ("source", "甘肃日报")}
    values |= {"w": ("source", WEB), "d": ("date", "2026-02-10"), "t": ("title_descriptive", True)}
    citation = cited(**dict(values[letter] for letter in has if letter != "a"))
    assert reference(citation, date(2026, 3, 1) if "a" in has else None) == expected


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"issuer": "中共中央、国务院"}, "中共中央, 国务院. 水利规划[Z]. 第二章，第3段."),
        ({"issuer": "水利部 财政部 农业农村部"}, "水利部, 财政部, 农业农村部. 水利规划[Z]. 第二章，第3段."),
        ({"issuer": "甲厅、乙厅、丙厅、丁厅"}, "甲厅, 乙厅, 丙厅, 等. 水利规划[Z]. 第二章，第3段."),
        ({"issuer": "水利部（水文司、规划司）"}, "水利部（水文司、规划司）. 水利规划[Z]. 第二章，第3段."),
        ({"issuer": "World Bank"}, "World Bank. 水利规划[Z]. 第二章，第3段."),
        ({"issuer": " ", "region": "", "source": ""}, "水利规划[Z]. 第二章，第3段."),
        ({"date": "2026"}, "水利规划[Z]. 2026: 第二章，第3段."),
        ({"date": "2026-02"}, "水利规划[Z]. 2026: 第二章，第3段."),
        ({"date": "2026", "source": WEB}, f"水利规划[EB/OL]. 2026: 第二章，第3段. {WEB}"),
        ({"date": "2026-02", "source": WEB}, f"水利规划[EB/OL]. 2026: 第二章，第3段(2026-02). {WEB}"),
        ({"source": "www.gov.cn/a"}, "水利规划[EB/OL]. 第二章，第3段. www.gov.cn/a"),
        ({"source": "甘肃省政府网站"}, "水利规划[Z]. 甘肃省政府网站: 第二章，第3段."),
    ],
)  # fmt: skip
def test_issuers_dates_and_sources_are_written_as_the_standard_has_them(
    metadata: dict[str, object], expected: str
) -> None:
    assert reference(cited(**metadata)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            "争取2020年实现通车运营",
            "[济莱协作区规划 · 第三章至第五章 · 节选][Z]. 济莱协作区, 2016: 第三章第一节“铁路”，第4段.",
        ),
        (
            "社保卡一卡通合作。做好",
            "山东省政府办公厅. 山东印发行动方案深度对接京津冀和长三角[Z]. 山东省: 大众日报, 2025: "
            "“探索与京津冀开展社保卡一卡通合作”，第23段.",
        ),
    ],
)
def test_the_seeds_have_references(seeds_index: Index, words: str, expected: str) -> None:
    (number,) = (n for n in range(len(seeds_index)) if words in seeds_index.passage(n).text)
    assert reference(in_order(seeds_index, number), date(2026, 3, 1)) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("按照适度超前、高效便捷、绿色低碳的原则", "第三章，第1段"),
        ("科学统筹济莱两市公路、铁路、航空等交通网络发展", "第三章第一节，第1段"),
        ("加快建设区域内高等级公路", "第三章第一节“公路”，第2段"),
        ("实施二环南路东延", "第三章第一节“专栏1 济莱公路建设重要项目”，第3段"),
        ("建成莱芜城市候机楼", "第三章第一节“航空”，第5段"),
        ("统筹布局汽车充电设施", "第三章第一节“发展绿色交通”，第6段"),
        ("以统筹信息基础设施建设为切入点", "第三章第二节，第1段"),
        ("外热入济", "第三章第三节“供热体系建设”，第5段"),
        ("遵循现代产业发展和分工规律", "第四章，第1段"),
        ("依托章丘大葱、张而草莓", "第四章第三节“共建现代农业示范基地”，第2段"),
        ("努力推动两市联合办医", "第五章第三节“创新医疗服务合作”，第3段"),
        ("推动电子证照互通互认,推动医疗检查检验", "第1段"),
        ("依托中科系科研优势", "“到2027年区域协同创新格局初步形成”，第4段"),
        ("以“好品山东”为统领", "“支持济南等市打造未来产业先导区”，第11段"),
    ],
)
def test_a_position_is_told_by_the_plans_own_numbers(seeds_index: Index, words: str, expected: str) -> None:
    (number,) = (n for n in range(len(seeds_index)) if words in seeds_index.passage(n).text)
    assert position(in_order(seeds_index, number)) == expected


def test_no_two_passages_of_a_document_have_one_address(seeds_index: Index) -> None:
    addresses = [address(in_order(seeds_index, number)) for number in range(len(seeds_index))]
    assert len(set(addresses)) == len(seeds_index)


def test_passages_are_counted_inside_their_documents_deepest_numbered_heading(tmp_path: Path) -> None:
    paths = [
        ((), 1),
        (("前言",), 2),
        (("一、水利设施",), 1),
        (("一、水利",), 1),
        (("一、水利", "（一）水库"), 1),
        (("一、水利", "（一）水库", "除险"), 2),
        (("一、水利", "（二）河道"), 1),
        (("一、水利", "治污"), 5),
        (("附件", "一、水利"), 1),
        (("附件", "一、水利"), 2),
        (("附件", "名单"), 3),
        (("说明",), 12),
    ]
    documents = []
    for name in ("甲", "乙"):
        made = small_document(name, *(f"{name}第{n}。" for n in range(len(paths))))
        placed = zip(made.passages, paths, strict=True)
        documents.append(
            replace(
                made, passages=tuple(replace(passage, heading_path=path) for passage, (path, _) in placed)
            )
        )
    build_index(documents, CountingEncoder(), tmp_path)
    index = Index(tmp_path, CountingEncoder())
    assert [index.ordinal(n) for n in range(len(index))] == [count for _, count in paths] * 2


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("第三章 完善基础设施,构建互联互通网络", "第三章"),
        ("第12节 水利", "第12节"),
        ("第二编 总则", "第二编"),
        ("一、2025年工作回顾", "一"),
        ("十二、保障措施", "十二"),
        ("（三）着力扩大内需", "（三）"),
        ("(3)水库", "(3)"),
        ("2、水库", "2"),
        ("附件", "附件"),
        ("附件2", "附件2"),
        ("专栏1 济莱公路建设重要项目", None),
        ("附件说明", None),
        ("铁路", None),
        ("到2027年区域协同创新格局初步形成", None),
        ("2026年目标", None),
        ("一是加强领导", None),
        ("第三产业", None),
    ],
)
def test_a_heading_is_numbered_or_not(heading: str, number: str | None) -> None:
    assert heading_number(heading) == number


def test_the_evidence_is_quoted_with_its_address(assistant: Assistant) -> None:
    assert plain(assistant.ask(RAILWAY).citations[0]) == (
        "《济莱协作区规划 · 第三章至第五章 · 节选》第三章第一节“铁路”，第4段："
        "“尽快启动济莱城际铁路建设,争取2020年实现通车运营。”"
    )


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ((), "建“甲”水库。修路。 办学。"),
        (((0, 7),), "建“甲”水库。"),
        (((0, 7), (11, 14)), "建“甲”水库。……办学。"),
        (((11, 14), (0, 7)), "建“甲”水库。……办学。"),
        (((0, 7), (7, 10)), "建“甲”水库。修路。"),
        (((7, 10), (11, 14)), "修路。 办学。"),
        (((0, 9), (7, 10)), "建“甲”水库。修路。"),
    ],
)
def test_a_quotation_marks_what_it_leaves_out_and_nothing_else(
    evidence: tuple[tuple[int, int], ...], expected: str
) -> None:
    citation = cited("建“甲”水库。修路。 办学。", evidence)
    assert quotation(citation) == expected
    assert plain(citation) == f"《水利规划》第二章，第3段：“{expected}”"


@pytest.mark.parametrize(
    ("text", "evidence", "expected"),
    [
        ("修路。建水库。办学。", ((3, 7),), "> 修路。**建水库**。办学。"),
        ("推进“外电入济”工程。", ((2, 8),), "> 推进“**外电入济**”工程。"),
        ("到2030年,占比*50%*。", ((0, 16),), "> **到2030年\\,占比\\*50**\\%\\*。"),
        ("1. 修路\n- 建水库。", ((6, 10),), "> 1\\. 修路\n>\n> \\- **建水**库。"),
        ("    # 修路", (), "> \\# 修路"),
        ("……。", ((0, 3),), "> ……。"),
        ("<b>见[图](a)</b>", (), "> \\<b\\>见\\[图\\]\\(a\\)\\<\\/b\\>"),
    ],
)
def test_markdown_shows_the_whole_passage_with_its_evidence_in_bold(
    text: str, evidence: tuple[tuple[int, int], ...], expected: str
) -> None:
    assert markdown(cited(text, evidence)) == f"{expected}\n\n——《水利规划》第二章，第3段"


@st.composite
def citations(draw: st.DrawFn) -> Citation:
    text = draw(
        st.text(st.one_of(st.characters(), st.sampled_from("水库。，“”*_`#>\\[]() \n…-1.")), min_size=1)
    )
    ends = st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))
    spans = [(min(pair), max(pair)) for pair in draw(st.lists(ends, max_size=4)) if pair[0] != pair[1]]
    return cited(text, spans, draw(st.lists(st.text(), max_size=3).map(tuple)))


@given(citations())
@example(cited("甲……乙。丙", [(0, 4), (5, 6)]))
@example(cited("\\**甲", [(2, 4)]))
def test_every_quoted_stretch_stands_in_the_passage_byte_for_byte(citation: Citation) -> None:
    text = citation.passage.text
    said = plain(citation).removeprefix(f"{address(citation)}：“").removesuffix("”")
    assert all(stretch in text for stretch in said.split("……"))
    assert all(text[span.start : span.end] in said for span in citation.evidence)
    lines = [without_markup(line) for line in quote_of(markdown(citation))]
    assert all(line in text for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(citations())
def test_a_quotation_in_markdown_stays_one_and_only_evidence_is_bold(citation: Citation) -> None:
    written, text = markdown(citation), citation.passage.text
    assert all(line.startswith("> ") or not text.strip() for line in quote_of(written))
    evidence = [text[span.start : span.end] for span in quoted(citation)] if citation.evidence else []
    for bold in re.findall(r"(?s)\*\*((?:\\.|[^*\\])+)\*\*", written.split("\n\n——", 1)[0]):
        assert any(without_markup(bold) in stretch for stretch in evidence)


def test_a_markdown_reader_shows_the_passage_and_its_evidence(assistant: Assistant) -> None:
    reader = pytest.importorskip("markdown_it").MarkdownIt()
    for question in (RAILWAY, "社保卡", "中央商务区 金融+", "互联网+", "外电入济"):
        for citation in assistant.ask(question).citations:
            text = citation.passage.text
            quote, _, inline, *_ = reader.parse(markdown(citation))
            assert quote.type == "blockquote_open"
            assert "".join(token.content for token in inline.children) == text
            children = inline.children
            opened = [at for at, token in enumerate(children) if token.type == "strong_open"]
            assert len(opened) == (len(quoted(citation)) if citation.evidence else 0)
            for at, span in zip(opened, quoted(citation), strict=False):
                assert children[at + 1].content == text[span.start : span.end].strip("，,。；;、“”（）() ")


def test_a_citations_json_holds_all_three(assistant: Assistant) -> None:
    for citation in assistant.ask(RAILWAY).citations:
        assert citation.to_json()["reference"] == {
            "gbt7714": reference(citation),
            "plain": plain(citation),
            "markdown": markdown(citation),
        }
        assert citation.ordinal >= 1
