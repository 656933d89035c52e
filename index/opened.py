"""An index opened for reading."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import store
from index.documents import read_passage, source_name
from index.encoder import StaticEncoder, load_encoder
from index.records import Encoder, Metadata, Passage, PlanqaError, Span, WorkFailed
from index.sounds import Sounds
from index.terms import TOKENIZER, Bm25, TermTokenizer
from index.vectors import VectorIndex

_NUMBER = "[一二三四五六七八九十百零〇两0-9]+"
_NUMBERED = re.compile(  # 专栏1 numbers a box
    rf"第{_NUMBER}[编篇編章节節]|附[件录]\s*(?:{_NUMBER})?$|{_NUMBER}(?=、)|[（(]{_NUMBER}[）)]"
)

_KEPT = 2_000  # passages that stay read


@dataclass(frozen=True, slots=True)
class DocumentEntry:
    """A document as an open index knows it: no text, no passages."""

    id: str
    file: str
    metadata: Metadata


def heading_number(heading: str) -> str | None:
    """Return the number that a heading begins with (第三章, 二 of 二、…, （三）); None where it has none."""
    found = _NUMBERED.match(heading)
    return found[0] if found else None


def _map(path: Path) -> mmap.mmap | bytes:
    """Map a file into memory, where it stays when the file is gone."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:  # cannot be mapped
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


class Index:
    """An index opened for reading; its files stay mapped, whatever is published after."""

    def __init__(self, directory: Path, encoder: Encoder | None = None) -> None:
        """Open the generation in force in ``directory``, with the encoder that it names.

        Raises:
            PlanqaError: there is no index, it is damaged, or ``encoder`` is not the one that made it.
        """
        while True:
            folder = store.find_generation(directory)
            try:
                self._open(directory, folder, encoder)
                return
            except (PlanqaError, OSError, RuntimeError):
                # Builders may take a generation away while it is being opened; the next one is there then.
                if store.find_generation(directory) == folder:
                    raise

    def _open(self, directory: Path, folder: Path, encoder: Encoder | None) -> None:
        self.manifest = store.read_manifest(directory, folder)
        made_by = self.manifest.encoder
        self.encoder = encoder or load_encoder(made_by["name"])
        if self.encoder.fingerprint != made_by["fingerprint"]:
            raise WorkFailed(
                f"索引“{directory}”由向量模型 {made_by['name']}（{made_by['fingerprint']}）建成，"
                f"现在的是 {self.encoder.name}（{self.encoder.fingerprint}）。"
                f"请重建：planqa index 规划文件或文件夹 --index {directory} --encoder {self.encoder.name}"
            )
        self.matcher = self.encoder if isinstance(self.encoder, StaticEncoder) else StaticEncoder()
        made = (self.manifest.tokenizer, self.manifest.matcher)
        if made != (TOKENIZER, self.matcher.fingerprint):
            raise WorkFailed(
                f"索引“{directory}”的分词方式是 {'、'.join(made)}，"
                f"本程序用 {TOKENIZER}、{self.matcher.fingerprint}。"
                f"请重建：planqa index 规划文件或文件夹 --index {directory}"
            )
        count = self.manifest.counts["passages"]
        self.terms = TermTokenizer(folder / "dictionary.marisa")
        self.sounds = Sounds(folder / "sounds.marisa")
        self.body = Bm25.open(folder, "body", count)
        self.headings = Bm25.open(folder, "headings", count)
        self.passage_vectors = VectorIndex.open(folder / "passages.faiss")
        self.unit_vectors = VectorIndex.open(folder / "units.faiss")
        self.units: NDArray[np.int32] = np.load(folder / "units.npy", mmap_mode="r")
        self.tokens: NDArray[np.int32] = np.load(folder / "tokens.npy", mmap_mode="r")
        self.token_starts: NDArray[np.int64] = np.load(folder / "tokens.starts.npy", mmap_mode="r")
        self._starts = np.load(folder / "passages.starts.npy", mmap_mode="r")
        self._owners = np.load(folder / "passages.documents.npy", mmap_mode="r")
        self._records = _map(folder / "passages.jsonl")
        self._sources = [_map(folder / source_name(n)) for n in range(len(self.manifest.documents))]
        self.documents = tuple(
            DocumentEntry(entry["id"], entry["file"], Metadata(**entry["metadata"]))
            for entry in self.manifest.documents
        )

    def __len__(self) -> int:
        """Return the number of passages."""
        return self.manifest.counts["passages"]

    def passage(self, number: int) -> Passage:
        """Return a passage by its number in the index, 0 to ``len(index) - 1``."""
        return self._passages(int(number))

    @cached_property
    def _passages(self) -> Callable[[int], Passage]:
        # One question reads the same passage several times: for its wording, evidence, names and place.
        return lru_cache(maxsize=_KEPT)(lambda number: read_passage(self._record(number)))

    def _record(self, number: int) -> bytes:
        return self._records[int(self._starts[number]) : int(self._starts[number + 1])]

    def document_of(self, number: int) -> DocumentEntry:
        """Return the document that passage ``number`` belongs to."""
        return self.documents[int(self._owners[number])]

    def ordinal(self, number: int) -> int:
        """Count passage ``number`` among those inside its document's deepest numbered heading, from 1.

        Without a numbered heading it is counted in its document.
        """
        start = first = int(np.searchsorted(self._owners, self._owners[number]))
        path = self.passage(number).heading_path
        depth = max((d for d, heading in enumerate(path, 1) if heading_number(heading)), default=0)
        if depth:
            # Records that share the heading path so far share these bytes of JSON: no need to parse them.
            shared = f'"heading_path": {json.dumps(path[:depth], ensure_ascii=False)[:-1]}'
            sought = shared.encode("utf-8", "surrogatepass")
            start = number
            while start > first and self._record(start - 1).find(sought) >= 0:
                start -= 1
        return number - start + 1

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
        return bytes(self._sources[number]).decode("utf-8", "surrogatepass")

    def among(self, keep: Callable[[DocumentEntry], bool]) -> NDArray[np.bool_]:
        """Return ``(passages,)``: whether ``keep`` is true of a passage's document."""
        kept = np.array([keep(document) for document in self.documents], dtype=np.bool_)
        return np.asarray(kept[self._owners])
