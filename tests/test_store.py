"""An index is whole or not there, knows what made it, and is refused when it does not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document

from index import store
from index.build import Index, add_documents, build_index, read_documents
from index.encoder import StaticEncoder
from index.records import Document, PlanqaError, Vectors

WATER = small_document("水利", "水库和水电站。", "修路。")
ROADS = small_document("交通", "公路铁路。", "学校门前的路。")


def files(directory: Path) -> dict[str, bytes]:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_two_builds_have_the_same_bytes(documents: list[Document], tmp_path: Path) -> None:
    for name in ("a", "b"):
        build_index(documents, StaticEncoder(), tmp_path / name)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_an_open_index_gives_back_what_was_indexed(documents: list[Document], seeds_index: Index) -> None:
    passages = [passage for document in documents for passage in document.passages]
    assert [seeds_index.passage(n) for n in range(len(seeds_index))] == passages
    for document in documents:
        assert seeds_index.decoded(document.id) == document.decoded


def test_documents_can_be_read_back(documents: list[Document], seeds_directory: Path) -> None:
    assert read_documents(seeds_directory) == documents


def test_an_index_knows_what_made_it(tmp_path: Path) -> None:
    manifest = build_index([WATER], CountingEncoder(), tmp_path)
    assert manifest.encoder == {"name": "counting", "fingerprint": "counting-1", "dimensions": 4}
    assert manifest.counts["passages"] == 2
    assert manifest.documents[0]["sha256"] == WATER.sha256
    assert set(manifest.files) == set(store.checksums(store.find_generation(tmp_path)))


def test_vectors_are_the_encoders(tmp_path: Path) -> None:
    build_index([WATER, ROADS], CountingEncoder(), tmp_path)
    index = Index(tmp_path, CountingEncoder())
    rows, cosines = index.passage_vectors.search(CountingEncoder().encode_queries(["水"])[0], 4)
    assert index.passage(int(rows[0])).text == "水库和水电站。"
    assert cosines[0] == pytest.approx(2 / 5**0.5)


def every_file() -> list[str]:
    return [
        "manifest.json",
        "passages.jsonl",
        "passages.starts.npy",
        "dictionary.marisa",
        "body.scores.npy",
        "headings.marisa",
        "passages.faiss",
        "units.faiss",
        "units.npy",
        "sources/0.txt",
    ]


@pytest.mark.parametrize("name", every_file())
def test_one_changed_byte_is_refused_with_the_command_that_mends_it(name: str, tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    path = store.find_generation(tmp_path) / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(PlanqaError, match=r"损坏.*planqa index .*--index"):
        Index(tmp_path, CountingEncoder())


@pytest.mark.parametrize("name", every_file())
def test_a_missing_file_is_refused(name: str, tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    (store.find_generation(tmp_path) / name).unlink()
    with pytest.raises(PlanqaError, match="损坏"):
        Index(tmp_path, CountingEncoder())


class OtherEncoder(CountingEncoder):
    fingerprint = "counting-2"


def test_an_index_of_another_encoder_is_refused(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    with pytest.raises(PlanqaError, match=r"counting-1.*counting-2.*planqa index"):
        Index(tmp_path, OtherEncoder())


def test_an_index_of_another_format_is_refused(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    path = store.find_generation(tmp_path) / "manifest.json"
    table = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**table, "format": 99}), encoding="utf-8")
    with pytest.raises(PlanqaError, match="第 99 版"):
        Index(tmp_path, CountingEncoder())


def test_a_folder_without_an_index_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match=r"没有索引.*planqa index"):
        Index(tmp_path)


class FailingEncoder(CountingEncoder):
    def encode_passages(self, texts: list[str]) -> Vectors:
        raise MemoryError("out of memory")


def test_a_build_that_breaks_off_leaves_the_old_index_in_force(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    before = files(tmp_path)
    with pytest.raises(MemoryError):
        build_index([ROADS], FailingEncoder(), tmp_path)
    assert files(tmp_path) == before


def test_what_a_dead_builder_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    (tmp_path / ".building-dead").mkdir()
    (tmp_path / ".building-dead" / "units.npy").write_bytes(b"half")
    build_index([ROADS], CountingEncoder(), tmp_path)
    assert not list(tmp_path.glob(".building-*"))


def test_a_reader_keeps_the_index_that_it_opened(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    reader = Index(tmp_path, CountingEncoder())
    for document in (ROADS, WATER, ROADS):
        build_index([document], CountingEncoder(), tmp_path)
    assert reader.passage(0).text == "水库和水电站。"
    assert reader.body.score(["水"])[0] > 0
    assert Index(tmp_path, CountingEncoder()).passage(0).text == "公路铁路。"


def test_a_damaged_index_is_mended_by_building_it_again(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    (store.find_generation(tmp_path) / "units.npy").write_bytes(b"")
    add_documents([WATER], CountingEncoder(), tmp_path)
    assert len(Index(tmp_path, CountingEncoder())) == 2


def test_adding_keeps_the_other_documents_and_replaces_the_same(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    add_documents([ROADS], CountingEncoder(), tmp_path)
    add_documents([small_document("水利", "引水。")], CountingEncoder(), tmp_path)
    index = Index(tmp_path, CountingEncoder())
    assert sorted(index.passage(n).text for n in range(len(index))) == [
        "公路铁路。",
        "学校门前的路。",
        "引水。",
    ]


def test_nothing_to_index_is_an_error_and_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match="没有可以建索引的段落"):
        build_index([], CountingEncoder(), tmp_path / "new")
    assert not (tmp_path / "new").exists()
