"""Documents → passages, terms and vectors → an index on disk, and that index opened again."""

from __future__ import annotations

import json
import mmap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import store
from index.encoder import load_encoder
from index.records import Document, Encoder, LeftOut, Metadata, Passage, PlanqaError, Repair, Span, Vectors
from index.sentences import split_clauses, split_sentences
from index.terms import TOKENIZER, Bm25, TermTokenizer, write_dictionary
from index.vectors import VectorIndex

Progress = Callable[[str], None]
_BATCH = 1024  # texts a call of the encoder


def program() -> str:
    """Return name and version of what builds indexes."""
    return f"planqa {version('planqa')}"


def heading_text(passage: Passage) -> str:
    """Return what stands above a passage: its headings and the topic sentence that it continues."""
    return "\n".join((*passage.heading_path, passage.context))


def _encode(encoder: Encoder, texts: Sequence[str], say: Progress, what: str) -> Vectors:
    parts: list[Vectors] = []
    for start in range(0, len(texts), _BATCH):
        parts.append(encoder.encode_passages(list(texts[start : start + _BATCH])))
        say(f"向量：{what} {min(start + _BATCH, len(texts))}/{len(texts)}")
    return np.concatenate(parts)


def build_index(
    documents: Sequence[Document], encoder: Encoder, directory: Path, say: Progress = lambda message: None
) -> store.Manifest:
    """Index ``documents`` and publish the result in ``directory``; nothing changes before that.

    Raises:
        PlanqaError: there is nothing to index, or ``directory`` cannot be written.
    """
    passages = [passage for document in documents for passage in document.passages]
    if not passages:
        raise PlanqaError("没有可以建索引的段落；请检查给出的文件。")
    with store.new_generation(directory) as folder:
        _write_records(folder, documents, passages)
        say(f"词：{len(passages)} 段")
        write_dictionary(folder / "dictionary.marisa")
        tokenizer = TermTokenizer(folder / "dictionary.marisa")
        Bm25.build(tokenizer.terms(p.text) for p in passages).save(folder, "body")
        Bm25.build(tokenizer.terms(heading_text(p)) for p in passages).save(folder, "headings")
        units = _units(passages)
        np.save(folder / "units.npy", units)
        texts = [passages[number].text[start:end] for number, start, end, _ in units.tolist()]
        VectorIndex.build(_encode(encoder, [p.text for p in passages], say, "段落")).save(
            folder / "passages.faiss"
        )
        VectorIndex.build(_encode(encoder, texts, say, "句子")).save(folder / "units.faiss")
        manifest = store.Manifest(
            format=store.FORMAT,
            program=program(),
            encoder={
                "name": encoder.name,
                "fingerprint": encoder.fingerprint,
                "dimensions": encoder.dimensions,
            },
            tokenizer=TOKENIZER,
            counts={"documents": len(documents), "passages": len(passages), "units": len(units)},
            documents=[_describe(document) for document in documents],
            files=store.checksums(folder),
        )
        store.publish(directory, folder, manifest)
    return manifest


def add_documents(
    documents: Sequence[Document], encoder: Encoder, directory: Path, say: Progress = lambda message: None
) -> store.Manifest:
    """Index ``documents`` together with those that the index in ``directory`` holds already.

    A document of the same id takes the old one's place. An index that is damaged is built anew.
    """
    kept: list[Document] = []
    if store.exists(directory):
        new = {document.id for document in documents}
        try:
            kept = [document for document in read_documents(directory) if document.id not in new]
        except PlanqaError as error:
            say(f"{error}\n原有的索引用不了，这次只收入给出的文件。")
    merged = sorted((*kept, *documents), key=lambda document: document.id)
    return build_index(merged, encoder, directory, say)


def read_documents(directory: Path) -> list[Document]:
    """Read back the documents of the index in ``directory``, whatever encoder made it.

    Raises:
        PlanqaError: there is no index, or it is damaged.
    """
    folder = store.find_generation(directory)
    manifest = store.read_manifest(directory, folder)
    lines = (folder / "passages.jsonl").read_bytes().split(b"\n")[:-1]
    passages = [_passage(line) for line in lines]
    documents = []
    first = 0
    for number, entry in enumerate(manifest.documents):
        last = first + entry["passages"]
        documents.append(
            Document(
                id=entry["id"],
                file=entry["file"],
                sha256=entry["sha256"],
                encoding=entry["encoding"],
                metadata=Metadata(**entry["metadata"]),
                decoded=_decoded(folder, number),
                passages=tuple(passages[first:last]),
                left_out=tuple(LeftOut(*lines) for lines in entry["left_out"]),
            )
        )
        first = last
    return documents


def _passage(line: bytes) -> Passage:
    record = json.loads(line.decode("utf-8", "surrogatepass"))
    record["heading_path"] = tuple(record["heading_path"])
    record["repairs"] = tuple(Repair(**repair) for repair in record["repairs"])
    return Passage(**record)


def _decoded(folder: Path, number: int) -> str:
    return (folder / "sources" / f"{number}.txt").read_bytes().decode("utf-8", "surrogatepass")


def _units(passages: Iterable[Passage]) -> NDArray[np.int32]:
    """Return ``(n, 4)``: passage number, start, end, 0 for a sentence or 1 for a part of one.

    Every passage has a sentence, if only an empty one.
    """
    rows: list[tuple[int, int, int, int]] = []
    for number, passage in enumerate(passages):
        for sentence in split_sentences(passage.text) or [Span(0, len(passage.text))]:
            rows.append((number, sentence.start, sentence.end, 0))
            clauses = split_clauses(passage.text, sentence)
            if len(clauses) > 1:
                rows += ((number, clause.start, clause.end, 1) for clause in clauses)
    return np.array(rows, dtype=np.int32).reshape(-1, 4)


def _write_records(folder: Path, documents: Sequence[Document], passages: Sequence[Passage]) -> None:
    (folder / "sources").mkdir()
    for number, document in enumerate(documents):
        data = document.decoded.encode("utf-8", "surrogatepass")
        (folder / "sources" / f"{number}.txt").write_bytes(data)
    lines = [json.dumps(asdict(p), ensure_ascii=False).encode("utf-8", "surrogatepass") for p in passages]
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)], dtype=np.int64)
    (folder / "passages.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    np.save(folder / "passages.starts.npy", starts)
    table = [(number, len(document.passages)) for number, document in enumerate(documents)]
    owners = np.repeat([n for n, _ in table], [count for _, count in table]).astype(np.int32)
    np.save(folder / "passages.documents.npy", owners)


def _describe(document: Document) -> dict[str, Any]:
    repairs: dict[str, int] = {}
    for passage in document.passages:
        for repair in passage.repairs:
            repairs[repair.kind] = repairs.get(repair.kind, 0) + 1
    return {
        "id": document.id,
        "file": document.file,
        "sha256": document.sha256,
        "encoding": document.encoding,
        "metadata": asdict(document.metadata),
        "passages": len(document.passages),
        "repairs": repairs,
        "left_out": [[lines.reason, lines.source_start, lines.source_end] for lines in document.left_out],
    }


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document as an open index knows it: no text, no passages."""

    id: str
    file: str
    metadata: Metadata


class Index:
    """An index opened for reading; its files stay mapped, whatever is published after."""

    def __init__(self, directory: Path, encoder: Encoder | None = None) -> None:
        """Open the generation in force in ``directory``, with the encoder that it names.

        Raises:
            PlanqaError: there is no index, it is damaged, or ``encoder`` is not the one that made it.
        """
        for attempt in (1, 2):
            # A builder may take the generation away between our two reads; the next one is there then.
            self.folder = store.find_generation(directory)
            try:
                self.manifest = store.read_manifest(directory, self.folder)
                break
            except PlanqaError:
                if attempt == 2 or store.find_generation(directory) == self.folder:
                    raise
        made_by = self.manifest.encoder
        self.encoder = encoder or load_encoder(made_by["name"])
        if self.encoder.fingerprint != made_by["fingerprint"]:
            raise PlanqaError(
                f"索引“{directory}”由向量模型 {made_by['name']}（{made_by['fingerprint']}）建成，"
                f"现在的是 {self.encoder.name}（{self.encoder.fingerprint}）。"
                f"请重建：planqa index 规划文件或文件夹 --index {directory} --encoder {self.encoder.name}"
            )
        if self.manifest.tokenizer != TOKENIZER:
            raise PlanqaError(
                f"索引“{directory}”的分词方式是 {self.manifest.tokenizer}，本程序用 {TOKENIZER}。"
                f"请重建：planqa index 规划文件或文件夹 --index {directory}"
            )
        count = self.manifest.counts["passages"]
        self.terms = TermTokenizer(self.folder / "dictionary.marisa")
        self.body = Bm25.open(self.folder, "body", count)
        self.headings = Bm25.open(self.folder, "headings", count)
        self.passage_vectors = VectorIndex.open(self.folder / "passages.faiss")
        self.unit_vectors = VectorIndex.open(self.folder / "units.faiss")
        self.units: NDArray[np.int32] = np.load(self.folder / "units.npy", mmap_mode="r")
        self._starts = np.load(self.folder / "passages.starts.npy", mmap_mode="r")
        self._owners = np.load(self.folder / "passages.documents.npy", mmap_mode="r")
        with (self.folder / "passages.jsonl").open("rb") as records:
            self._records = mmap.mmap(records.fileno(), 0, access=mmap.ACCESS_READ)
        self.documents = tuple(
            DocumentEntry(entry["id"], entry["file"], Metadata(**entry["metadata"]))
            for entry in self.manifest.documents
        )

    def __len__(self) -> int:
        """Return the number of passages."""
        return self.manifest.counts["passages"]

    def passage(self, number: int) -> Passage:
        """Return a passage by its number in the index, 0 to ``len(index) - 1``."""
        return _passage(self._records[int(self._starts[number]) : int(self._starts[number + 1])])

    def document_of(self, number: int) -> DocumentEntry:
        """Return the document that passage ``number`` belongs to."""
        return self.documents[int(self._owners[number])]

    @cached_property
    def unit_starts(self) -> NDArray[np.int64]:
        """``(passages + 1,)``: the units of passage n are rows ``unit_starts[n]:unit_starts[n + 1]``."""
        return np.searchsorted(self.units[:, 0], np.arange(len(self) + 1))

    @cached_property
    def lengths(self) -> NDArray[np.int32]:
        """``(passages,)``: characters of each passage."""
        return np.asarray(self.units[self.unit_starts[1:] - 1, 2])

    def unit_span(self, unit: int) -> Span:
        """Return where unit ``unit`` lies in its passage's text."""
        return Span(int(self.units[unit, 1]), int(self.units[unit, 2]))

    def decoded(self, document_id: str) -> str:
        """Return the whole decoded source of a document."""
        number = next(n for n, document in enumerate(self.documents) if document.id == document_id)
        return _decoded(self.folder, number)

    def among(self, keep: Callable[[DocumentEntry], bool]) -> NDArray[np.bool_]:
        """Return ``(passages,)``: whether ``keep`` is true of a passage's document."""
        kept = np.array([keep(document) for document in self.documents], dtype=np.bool_)
        return np.asarray(kept[self._owners])
