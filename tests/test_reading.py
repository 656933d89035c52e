"""The two plans are read right, and every citation is verbatim."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.catalogue import read_catalogue
from index.reading import Failure, Source, decode, document_ids, find_sources, read_document, read_sources
from index.records import Document, Passage, PlanqaError
from index.seeds import SEEDS
from index.sentences import split_clauses, split_sentences


def holding(document: Document, words: str) -> Passage:
    (found,) = [passage for passage in document.passages if words in passage.text]
    return found


def test_every_passage_of_both_plans_is_a_slice_of_its_source(documents: list[Document]) -> None:
    for document in documents:
        decoded = (SEEDS / document.file).read_bytes().decode("utf-8")
        assert document.decoded == decoded
        for passage in document.passages:
            assert passage.source_text == decoded[passage.source_start : passage.source_end]


def test_repairs_lead_from_the_reading_text_back_to_the_source(documents: list[Document]) -> None:
    for passage in (p for document in documents for p in document.passages):
        source, position = "", 0
        for repair in passage.repairs:
            source += passage.text[position : repair.start] + repair.original
            position = repair.end
        assert source + passage.text[position:] == passage.source_text


def test_passages_stand_in_order_and_do_not_overlap(documents: list[Document]) -> None:
    for document in documents:
        ends = [0, *(p.source_end for p in document.passages)]
        assert all(p.source_start >= end for p, end in zip(document.passages, ends, strict=False))


def test_nothing_of_a_plan_is_lost(documents: list[Document]) -> None:
    for document in documents:
        covered = [(p.source_start, p.source_end) for p in document.passages]
        covered += [(x.source_start, x.source_end) for x in document.left_out]
        headings = set()
        for start, end in covered:
            assert 0 <= start < end <= len(document.decoded)
        rest = document.decoded
        for start, end in sorted(covered, reverse=True):
            rest = rest[:start] + rest[end:]
        headings = {line.strip() for line in rest.split("\n") if line.strip()}
        known = {heading for p in document.passages for heading in p.heading_path}
        if document.metadata.language == "zh-Hans":
            assert headings <= known
        else:
            assert len(headings) == 4


def test_the_counts_of_both_plans(plan: Document, report: Document) -> None:
    assert (len(plan.passages), len(report.passages)) == (63, 23)
    assert Counter(x.reason for x in plan.left_out) == {"metadata": 1}
    assert Counter(x.reason for x in report.left_out) == {"furniture": 5, "title": 1, "metadata": 1}


def test_chapter_section_and_lead_in_are_the_heading_path(plan: Document) -> None:
    assert holding(plan, "尽快启动济莱城际铁路").heading_path == (
        "第三章 完善基础设施,构建互联互通网络",
        "第一节 构筑综合交通运输体系",
        "铁路",
    )


def test_the_box_has_its_own_body_and_ends_with_it(plan: Document) -> None:
    box = holding(plan, "实施二环南路东延")
    assert box.heading_path[-1] == "专栏1 济莱公路建设重要项目"
    assert box.text.endswith("物流通道。")
    assert "|" not in box.text
    after = plan.passages[plan.passages.index(box) + 1]
    assert after.heading_path[1:] == ("第一节 构筑综合交通运输体系", "铁路")


def test_a_sentence_broken_across_two_lines_is_one_passage(plan: Document) -> None:
    water = holding(plan, "统筹管理生活用水、工业用水、农业用水和生态用水")
    assert water.text.startswith("水务一体化管理。")
    assert water.text.endswith("严格保护饮用水源地。")
    assert "、\n工业用水" in water.source_text


def test_spaces_inside_chinese_are_not_read(plan: Document) -> None:
    text = "".join(passage.text for passage in plan.passages)
    assert all(words in text for words in ("争取2020年实现", "S234线", "4G网络", "H型钢"))
    assert " " not in text


def test_the_report_is_read_in_simplified_characters_without_marks(report: Document) -> None:
    text = "".join(p.text for p in report.passages)
    assert "探索扩大创新券补助区域范围" in text
    assert not any(mark in text for mark in "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ")
    assert "(山东段)" in text


def test_subheads_of_the_report(report: Document) -> None:
    assert list(dict.fromkeys(p.heading_path for p in report.passages)) == [
        (),
        ("到2027年区域协同创新格局初步形成",),
        ("支持济南等市打造未来产业先导区",),
        ("拓展济南、青岛机场国际航空运输网络",),
        ("探索与京津冀开展社保卡一卡通合作",),
    ]


def test_garbled_stretches_are_mended(report: Document) -> None:
    assert "优势骨干航线,拓展济南、青岛机场国际航空运输网络。" in holding(report, "京雄商高铁").text
    card = holding(report, "劳动力资源信息对接").text
    assert "探索与京津冀开展社保卡一卡通合作。做好跨省养老、失业保险关系转移接续工作" in card
    kinds = Counter(r.kind for p in report.passages for r in p.repairs)
    assert kinds["garbled"] == 2
    assert kinds["unreadable"] == 0


def test_paragraphs_of_a_topic_carry_its_topic_sentence(report: Document) -> None:
    topic = holding(report, "在协同培育发展新质生产力方面")
    assert topic.context == ""
    assert holding(report, "依托中科系科研优势").context == topic.text
    assert holding(report, "高速磁悬浮、智能交通工程").context == topic.text
    assert holding(report, "在协同建设现代化产业体系方面").context == ""


def test_no_furniture_is_read(report: Document) -> None:
    text = "".join(p.text for p in report.passages)
    assert not any(words in text for words in ("首页", "编辑", "ssdweb", "大众日报"))


def test_the_catalogue_says_what_the_files_say(plan: Document, report: Document) -> None:
    assert plan.metadata.title_descriptive
    assert plan.metadata.issuer is None
    assert (plan.metadata.date, report.metadata.date) == ("2016-08-26", "2025-02-19")
    assert report.metadata.title == "山东印发行动方案深度对接京津冀和长三角"
    assert (report.metadata.source, report.metadata.region) == ("大众日报", "山东省")


def test_an_id_does_not_change_when_another_part_of_the_document_does(plan: Document) -> None:
    changed = plan.decoded.replace("航空。完善机场配套设施", "航空。改善机场配套设施")
    again = read_document(Source(plan.file, changed.encode()), plan.id)
    before = {p.text: p.id for p in plan.passages}
    same = [p for p in again.passages if p.text in before]
    assert len(same) == len(plan.passages) - 1
    assert all(before[p.text] == p.id for p in same)


def test_two_passages_of_the_same_words_have_two_ids() -> None:
    text = "一、总则\n水利建设要抓紧推进。\n二、附则\n水利建设要抓紧推进。"
    document = read_document(Source("a.txt", text.encode()), "a")
    assert len({p.id for p in document.passages}) == len(document.passages) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings(encoding: str) -> None:
    text = "水利建设要抓紧推进。"
    assert decode(text.encode(encoding))[0] == text


def test_bytes_of_no_encoding_are_refused_with_their_place() -> None:
    with pytest.raises(PlanqaError, match="第 6 字节"):
        decode("水利".encode() + b"\xff\xff\xff\xff")


@pytest.mark.parametrize("tail", [b"x", b"\x00\xd8"])
def test_broken_utf_16_is_refused(tail: bytes) -> None:
    with pytest.raises(PlanqaError, match="UTF-16"):
        decode("水利".encode("utf-16") + tail)


@pytest.mark.parametrize("encoding", ["big5", "utf-16-le", "utf-16-be"])
def test_text_of_another_encoding_is_not_taken_for_gb18030(encoding: str) -> None:
    text = "推動水利建設，保障供水安全。\n2016年以前完成農村供水工程，讓群眾用上放心水。\n" * 3
    with pytest.raises(PlanqaError, match="UTF-8"):
        decode(text.encode(encoding))


def test_text_of_both_scripts_is_read_as_gb18030(documents: list[Document]) -> None:
    for text in ("推動水利建設，保障供水安全。", *(p.text for d in documents for p in d.passages)):
        assert decode(text.encode("gb18030")) == (text, "gb18030")


def test_a_bad_file_leaves_the_others_in_and_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("水利建设要抓紧推进。", encoding="utf-8")
    (tmp_path / "bad.txt").write_bytes(b"\xff\xff\xff\xff")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "scan.pdf").write_bytes(b"%PDF")
    documents, failures = read_sources(find_sources([tmp_path]))
    assert [d.file for d in documents] == ["good.txt"]
    assert {f.file for f in failures} == {"bad.txt", "empty.txt", "scan.pdf"}
    assert all(isinstance(f, Failure) and f.reason for f in failures)


def test_files_of_one_name_in_two_folders_are_two_documents(tmp_path: Path) -> None:
    for folder, text in (("甲", "水利建设要抓紧推进。"), ("乙", "电网建设要抓紧推进。")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "规划.txt").write_text(text, encoding="utf-8")
    documents, _ = read_sources(find_sources([tmp_path / "甲", tmp_path / "乙"]))
    assert len({d.id for d in documents}) == 2


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two plans, one of them in a folder below."""
    (tmp_path / "县").mkdir()
    (tmp_path / "市.txt").write_text("水利建设要抓紧推进。", encoding="utf-8")
    (tmp_path / "县" / "县.txt").write_text("电网建设要抓紧推进。", encoding="utf-8")
    return tmp_path


def found_in(*paths: Path) -> tuple[list[str], list[str]]:
    """The names of what was found and of what was not read."""
    found = list(find_sources(paths))
    return (
        [source.file for source in found if isinstance(source, Source)],
        [failure.file for failure in found if isinstance(failure, Failure)],
    )


def test_a_file_given_twice_is_one_document(folder: Path) -> None:
    (folder / "又名.txt").symlink_to(folder / "市.txt")
    assert found_in(folder / "市.txt", folder, folder / "县" / ".." / "县") == (["市.txt", "县/县.txt"], [])


def test_files_of_one_name_in_folders_of_one_name_have_names_of_their_own(tmp_path: Path) -> None:
    paths = [tmp_path / above / "甲" for above in ("p", "q", "r")]
    for path in paths:
        path.mkdir(parents=True)
        (path / "规划.txt").write_text("水利建设要抓紧推进。", encoding="utf-8")
    assert found_in(*paths) == (["规划.txt", "甲/规划.txt", "r/甲/规划.txt"], [])


def test_an_id_is_the_stem_and_nobody_elses() -> None:
    assert document_ids(["市.txt", "县/县.txt"]) == {"市.txt": "市", "县/县.txt": "县"}
    assert document_ids(["规划.txt", "甲/规划.txt"]) == {"规划.txt": "规划.txt", "甲/规划.txt": "甲/规划.txt"}


@given(st.lists(st.text(alphabet="ab _#./", min_size=1, max_size=6), max_size=8))
def test_ids_are_unique_and_without_white_space(files: list[str]) -> None:
    ids = document_ids(files)
    assert len(set(ids.values())) == len(set(files))
    assert not any(set(found) & set(" #") for found in ids.values())


def test_names_that_differ_in_white_space_only_have_two_ids(tmp_path: Path) -> None:
    for name in ("规划 一.txt", "规划_一.txt"):
        (tmp_path / name).write_text("水利建设要抓紧推进。", encoding="utf-8")
    documents, _ = read_sources(find_sources([tmp_path]))
    assert len({d.id for d in documents}) == 2


def test_a_hidden_file_is_named_with_its_reason_where_it_was_asked_for(folder: Path) -> None:
    (folder / ".规划.txt").write_text("水利建设要抓紧推进。", encoding="utf-8")
    (failure,) = find_sources([folder / ".规划.txt"])
    assert isinstance(failure, Failure)
    assert "隐藏文件" in failure.reason
    assert found_in(folder) == (["县/县.txt", "市.txt"], [])


def test_links_that_lead_nowhere_or_to_a_folder_are_counted(folder: Path) -> None:
    (folder / "断.txt").symlink_to(folder / "没有.txt")
    (folder / "路").symlink_to(folder / "县")
    assert found_in(folder)[1] == ["断.txt", "路"]


def test_a_folder_that_cannot_be_opened_is_counted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def listed(path: Path, real: Callable[[Path], Iterator[Path]] = Path.iterdir) -> Iterator[Path]:
        if path.name == "县":  # for the root user no folder is closed
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(Path, "iterdir", listed)
    assert found_in(folder) == (["市.txt"], ["县"])


def test_an_index_is_no_source(folder: Path) -> None:
    (folder / "索引" / "generations").mkdir(parents=True)
    (folder / "索引" / "current").write_text("x")
    (folder / "索引" / "generations" / "0.txt").write_text("水利建设要抓紧推进。", encoding="utf-8")
    assert found_in(folder) == (["县/县.txt", "市.txt"], [])
    assert found_in(folder / "索引") == ([], ["索引"])


def test_a_catalogue_is_right_for_the_files_of_its_folder(folder: Path) -> None:
    (folder / "catalogue.toml").write_text(
        '[[documents]]\nfile = "市.txt"\ntitle = "市规划"\n[[documents]]\nfile = "县/县.txt"\ntitle = "远"\n',
        encoding="utf-8",
    )
    near = '[[documents]]\nfile = "县.txt"\ntitle = "县规划"\ndate = 2016-08-26T10:00:00\n'
    (folder / "县" / "catalogue.toml").write_text(near, encoding="utf-8-sig")
    documents, failures = read_sources(find_sources([folder]))
    assert failures == []
    assert {d.file: (d.metadata.title, d.metadata.date) for d in documents} == {
        "市.txt": ("市规划", None),
        "县/县.txt": ("县规划", "2016-08-26"),
    }


def test_an_entry_of_a_catalogue_without_its_file_is_reported(folder: Path) -> None:
    (folder / "县" / "catalogue.toml").write_text(
        '[[documents]]\nfile = "旧.txt"\ntitle = "旧规划"\n', encoding="utf-8"
    )
    assert found_in(folder) == (["县/县.txt", "市.txt"], ["县/旧.txt"])
    assert found_in(folder / "县" / "县.txt") == (["县.txt"], [])


def test_a_missing_path_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match="没有这个"):
        list(find_sources([tmp_path / "没有这个"]))


@pytest.mark.parametrize(
    "text",
    [
        "[[documents]\n",
        "[documents]\n",
        "documents = 3\n",
        "documents = [3]\n",
        '[[documents]]\nfile = "a.txt"\n',
        "[[documents]]\nx = 1\n",
        '[[documents]]\nfile = "a.txt"\ntitle = 3\n',
        '[[documents]]\nfile = ["a.txt"]\ntitle = "a"\n',
        '[[documents]]\nfile = "a.txt"\ntitle = "a"\ndate = 2016\n',
        '[[documents]]\nfile = "a.txt"\ntitle = "a"\ndate = "去年"\n',
        '[[documents]]\nfile = "a.txt"\ntitle = "a"\n' * 2,
    ],
)
def test_a_wrong_catalogue_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "catalogue.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanqaError, match="catalogue.toml"):
        read_catalogue(tmp_path)


def test_a_catalogue_that_is_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").mkdir()
    with pytest.raises(PlanqaError, match="catalogue.toml"):
        read_catalogue(tmp_path)


@pytest.mark.parametrize(
    ("line", "is_heading"),
    [
        ("第十一章 保障措施", True),
        ("十一、强化组织领导", True),
        ("(三)优化营商环境", True),
        ("第三章、第四章的要求应当落实。", False),
        ("按照第三章要求,推进各项工作。", False),
    ],
)
def test_headings_and_cross_references(line: str, is_heading: bool) -> None:
    text = f"{line}\n各级各部门要压实责任,确保各项任务按期完成。"
    document = read_document(Source("a.txt", text.encode()), "a")
    assert (document.passages[-1].heading_path == (line,)) == is_heading
    assert len(document.passages) == (1 if is_heading else 2)


def test_sentences_and_clauses_cover_a_passage(documents: list[Document]) -> None:
    for passage in (p for document in documents for p in document.passages):
        sentences = split_sentences(passage.text)
        assert "".join(passage.text[s.start : s.end] for s in sentences) == passage.text
        for sentence in sentences:
            clauses = split_clauses(passage.text, sentence)
            assert (clauses[0].start, clauses[-1].end) == (sentence.start, sentence.end)
