"""An index is whole or not there, knows what made it, and is refused when it does not fit."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from conftest import CountingEncoder, small_document

from index import store
from index.build import add_documents, build_index, choose_encoder
from index.documents import read_documents
from index.encoder import StaticEncoder
from index.opened import Index
from index.records import Document, PlanqaError, Vectors, WorkFailed

WATER = small_document("水利", "水库和水电站。", "修路。")
ROADS = small_document("交通", "公路铁路。", "学校门前的路。")
SCHOOLS = small_document("教育", "学校。")


def small_file(file: str, document_id: str, text: str) -> Document:
    """A document as it is read from ``file``: its checksum is its text's."""
    document = small_document(document_id, text)
    return replace(document, file=file, sha256=sha256(text.encode()).hexdigest())


def held(directory: Path) -> dict[str, tuple[str, str]]:
    """Id → file and text of each document in an index."""
    return {d.id: (d.file, d.decoded) for d in read_documents(directory)}


def damage(directory: Path, *names: str) -> None:
    for name in names:
        path = store.find_generation(directory) / name
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)


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
        "sounds.marisa",
        "body.scores.npy",
        "headings.marisa",
        "passages.faiss",
        "units.faiss",
        "units.npy",
        "tokens.npy",
        "sources/0.txt",
    ]


@pytest.mark.parametrize("name", every_file())
def test_one_changed_byte_is_refused_with_the_command_that_mends_it(name: str, tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    damage(tmp_path, name)
    with pytest.raises(WorkFailed, match=r"损坏.*planqa index .*--index"):
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


def test_an_index_opened_before_two_publications_answers_and_shows_its_sources(tmp_path: Path) -> None:
    empty = replace(SCHOOLS, decoded="")
    build_index([WATER, empty], CountingEncoder(), tmp_path)
    reader = Index(tmp_path, CountingEncoder())
    folder = store.find_generation(tmp_path)
    for document in (ROADS, SCHOOLS):
        build_index([document], CountingEncoder(), tmp_path)
    assert not folder.exists()
    assert reader.terms.words("水库和水电站") == ["水库", "和", "水电", "电站", "水电站"]
    assert (reader.decoded("水利"), reader.decoded("教育")) == (WATER.decoded, "")
    assert reader.passage_vectors.search(CountingEncoder().encode_queries(["水"])[0], 1)[0].tolist() == [0]


def test_a_reader_that_opens_while_builders_publish_sees_one_index_whole(tmp_path: Path) -> None:
    builds = []
    for document in (WATER, ROADS, SCHOOLS):
        manifest = build_index([document], CountingEncoder(), tmp_path / document.id)
        builds.append((store.find_generation(tmp_path / document.id), manifest))
    done = threading.Event()

    def publish() -> None:
        for number in range(60):
            build, manifest = builds[number % 3]
            with store.new_generation(tmp_path) as folder:
                shutil.copytree(build, folder, dirs_exist_ok=True)
                store.publish(tmp_path, folder, manifest)
        done.set()

    builder = threading.Thread(target=publish)
    builder.start()
    while not store.exists(tmp_path):
        done.wait(0.01)
    whole = {document.decoded for document in (WATER, ROADS, SCHOOLS)}
    while not done.is_set():
        reader = Index(tmp_path, CountingEncoder())
        assert "\n".join(reader.passage(n).text for n in range(len(reader))) in whole
    builder.join()


class Crash(BaseException):
    """The machine stops here."""


def publish_small(directory: Path, text: str) -> None:
    with store.new_generation(directory) as folder:
        (folder / "text").write_text(text, encoding="utf-8")
        store.publish(
            directory, folder, store.Manifest(store.FORMAT, "", {}, "", "", {}, [], store.checksums(folder))
        )


def published(directory: Path) -> str:
    folder = store.find_generation(directory)
    store.read_manifest(directory, folder)
    return (folder / "text").read_text(encoding="utf-8")


@pytest.mark.parametrize("new", ["old", "new"], ids=["the same build again", "another build"])
def test_a_crash_at_any_step_of_a_publication_leaves_the_old_index_or_the_new(
    new: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashing(step: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise Crash
            return step(*arguments)

        return call

    steps = 0
    while True:
        directory = tmp_path / str(steps)
        publish_small(directory, "old")
        left = steps
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", crashing(os.fsync))
            patched.setattr(os, "replace", crashing(os.replace))
            patched.setattr(Path, "rename", crashing(Path.rename))
            patched.setattr(shutil, "rmtree", lambda *_, **__: None)  # the dead clear nothing away
            try:
                publish_small(directory, new)
                break
            except Crash:
                steps += 1
        assert published(directory) in {"old", new}
        publish_small(directory, new)
        assert published(directory) == new
    assert steps >= 7
    assert published(directory) == new


def test_building_a_damaged_index_again_mends_it_beside_the_damaged_files(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    for _ in range(2):
        worn = store.find_generation(tmp_path)
        damage(tmp_path, "units.npy")
        add_documents([WATER], CountingEncoder(), tmp_path)
        assert store.find_generation(tmp_path) != worn
        assert len(Index(tmp_path, CountingEncoder())) == 2


def test_an_update_brings_the_documents_of_a_damaged_index_along(tmp_path: Path) -> None:
    build_index([WATER, ROADS], CountingEncoder(), tmp_path)
    damage(tmp_path, "units.npy", "passages.faiss", "dictionary.marisa")
    said: list[str] = []
    add_documents([SCHOOLS], CountingEncoder(), tmp_path, said.append)
    assert held(tmp_path) == {d.id: (d.file, d.decoded) for d in (WATER, ROADS, SCHOOLS)}
    assert any("一并重建" in message for message in said)


def test_an_update_that_would_lose_a_damaged_document_is_refused_until_it_is_given(tmp_path: Path) -> None:
    build_index([WATER, ROADS], CountingEncoder(), tmp_path)
    damage(tmp_path, "sources/1.txt")  # by id: 交通, 水利
    build = store.find_generation(tmp_path)
    documents = [entry["file"] for entry in store.read_table(tmp_path, build)["documents"]]
    lost = (WATER, ROADS)[documents[1] == ROADS.file]
    with pytest.raises(WorkFailed, match=rf"{lost.file}.*planqa index .*删除文件夹"):
        add_documents([SCHOOLS], CountingEncoder(), tmp_path)
    assert store.find_generation(tmp_path) == build
    add_documents([SCHOOLS, lost], CountingEncoder(), tmp_path)
    assert set(held(tmp_path)) == {"水利", "交通", "教育"}


@pytest.mark.parametrize("name", ["passages.jsonl", "manifest.json"])
def test_an_update_of_an_index_whose_records_are_lost_names_the_folder_to_delete(
    name: str, tmp_path: Path
) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    damage(tmp_path, name)
    before = files(tmp_path)
    with pytest.raises(WorkFailed, match=f"删除文件夹“{tmp_path}”"):
        add_documents([SCHOOLS], CountingEncoder(), tmp_path)
    assert {k: v for k, v in files(tmp_path).items() if k != ".lock"} == {
        k: v for k, v in before.items() if k != ".lock"
    }


def seal_as_format(directory: Path, number: int, **without: None) -> None:
    """Seal the index in force as another program would have."""
    folder = store.find_generation(directory)
    table = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    table = {key: value for key, value in table.items() if key not in without} | {"format": number}
    text = json.dumps(table, ensure_ascii=False)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    name = sha256(text.encode()).hexdigest()[:16]
    folder.rename(folder.with_name(name))
    (directory / "current").write_text(name, encoding="utf-8")


def test_an_index_of_a_newer_format_is_not_overwritten(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    seal_as_format(tmp_path, store.FORMAT + 1)
    with pytest.raises(WorkFailed, match="请更新 planqa"):
        add_documents([ROADS], CountingEncoder(), tmp_path)
    kept = json.loads((store.find_generation(tmp_path) / "manifest.json").read_bytes())
    assert kept["format"] == store.FORMAT + 1


def test_the_documents_of_an_index_of_an_older_format_come_along(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    seal_as_format(tmp_path, 1, matcher=None)
    with pytest.raises(WorkFailed, match="第 1 版"):
        Index(tmp_path, CountingEncoder())
    add_documents([ROADS], CountingEncoder(), tmp_path)
    assert set(held(tmp_path)) == {"水利", "交通"}


def test_two_documents_of_one_id_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanqaError, match=r"“甲\.txt”和“乙\.txt”的编号都是“规划”"):
        build_index(
            [small_file("甲.txt", "规划", "修路。"), small_file("乙.txt", "规划", "建库。")],
            CountingEncoder(),
            tmp_path / "new",
        )
    assert not (tmp_path / "new").exists()


def test_a_document_of_another_file_does_not_take_the_place_of_one_of_its_id(tmp_path: Path) -> None:
    add_documents([small_file("a/规划.txt", "规划", "修路。")], CountingEncoder(), tmp_path)
    for _ in range(2):  # the second time it is known
        added = add_documents([small_file("b/规划.txt", "规划", "建库。")], CountingEncoder(), tmp_path)
        assert held(tmp_path) == {"规划": ("a/规划.txt", "修路。"), "规划-2": ("b/规划.txt", "建库。")}
        (document,) = added.documents
        assert [p.id for p in document.passages] == ["规划-2#0"]
        assert {p.document_id for p in document.passages} == {"规划-2"}
        assert added.updated == ()
    first = add_documents([small_file("c/规划.txt", "规划", "办学。")], CountingEncoder(), tmp_path)
    assert first.renamed == {"规划-3": "规划"}


def test_a_file_whose_id_changed_with_its_neighbours_stays_one_document(tmp_path: Path) -> None:
    add_documents([small_file("a/规划.txt", "规划", "修路。")], CountingEncoder(), tmp_path)
    both = [
        small_file("a/规划.txt", "a/规划.txt", "修路。"),
        small_file("b/规划.txt", "b/规划.txt", "建库。"),
    ]
    added = add_documents(both, CountingEncoder(), tmp_path)
    assert held(tmp_path) == {"规划": ("a/规划.txt", "修路。"), "b/规划.txt": ("b/规划.txt", "建库。")}
    assert (added.updated, added.renamed) == ((), {})


def test_a_new_text_of_the_same_file_is_an_update(tmp_path: Path) -> None:
    add_documents([small_file("规划.txt", "规划", "修路。")], CountingEncoder(), tmp_path)
    added = add_documents([small_file("规划.txt", "规划", "建库。")], CountingEncoder(), tmp_path)
    assert held(tmp_path) == {"规划": ("规划.txt", "建库。")}
    assert (added.updated, added.renamed) == (("规划",), {})


def test_a_file_that_moved_is_the_same_document(tmp_path: Path) -> None:
    add_documents([small_file("规划.txt", "规划", "修路。")], CountingEncoder(), tmp_path)
    added = add_documents([small_file("旧/规划.txt", "规划", "修路。")], CountingEncoder(), tmp_path)
    assert held(tmp_path) == {"规划": ("旧/规划.txt", "修路。")}
    assert (added.updated, added.renamed) == ((), {})


def test_documents_added_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    names = [f"规划{number}" for number in range(3)]
    builders = [
        threading.Thread(
            target=add_documents, args=([small_document(name, "修路。")], CountingEncoder(), tmp_path)
        )
        for name in names
    ]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join()
    assert sorted(held(tmp_path)) == names


@pytest.mark.parametrize("name", ["generations", ".lock", "current"])
def test_a_folder_that_cannot_be_written_is_named(name: str, tmp_path: Path) -> None:
    if name == "generations":
        (tmp_path / name).write_bytes(b"")
    else:
        (tmp_path / name).mkdir()
    with pytest.raises(WorkFailed, match=f"写不了索引文件夹“{tmp_path}”.*权限和磁盘空间"):
        build_index([WATER], CountingEncoder(), tmp_path)


def test_a_full_disk_is_named_whichever_library_writes(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    before = files(tmp_path)

    class FullDiskEncoder(CountingEncoder):
        """Takes the folder of the build away, so that nothing can be written any more."""

        def encode_passages(self, texts: list[str]) -> Vectors:
            for folder in tmp_path.glob(".building-*"):
                shutil.rmtree(folder)
            return super().encode_passages(texts)

    with pytest.raises(WorkFailed, match="写不了索引文件夹"):
        build_index([ROADS], FullDiskEncoder(), tmp_path)
    assert files(tmp_path) == before


@pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
def test_an_index_can_be_read_by_those_whom_the_umask_lets(tmp_path: Path) -> None:
    mask = os.umask(0o022)
    try:
        build_index([WATER], CountingEncoder(), tmp_path)
    finally:
        os.umask(mask)
    folder = store.find_generation(tmp_path)
    assert {oct(p.stat().st_mode & 0o777) for p in (folder, folder / "sources")} == {"0o755"}
    assert {oct(p.stat().st_mode & 0o777) for p in folder.rglob("*") if p.is_file()} == {"0o644"}


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    build_index([WATER], CountingEncoder(), tmp_path)
    (store.find_generation(tmp_path) / "units.npy").chmod(0)
    with pytest.raises(WorkFailed, match="没有权限读"):
        Index(tmp_path, CountingEncoder())


def test_an_update_keeps_the_encoder_of_the_index(tmp_path: Path) -> None:
    assert choose_encoder(None, tmp_path).name == "bundled"
    assert choose_encoder("bundled", tmp_path).name == "bundled"
    build_index([WATER], CountingEncoder(), tmp_path)
    assert choose_encoder("bundled", tmp_path).name == "bundled"
    assert choose_encoder(None, tmp_path).name == "counting"


def test_an_encoder_in_a_folder_is_known_by_its_whole_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "模型").mkdir()
    monkeypatch.chdir(tmp_path)
    assert choose_encoder("模型", tmp_path).name == str(tmp_path / "模型")
    assert choose_encoder("BAAI/bge-small-zh-v1.5", tmp_path).name == "BAAI/bge-small-zh-v1.5"


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
