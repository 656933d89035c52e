"""Documents → passages, terms and vectors → an index on disk."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import store
from index.documents import describe, read_documents, write_documents
from index.encoder import BUNDLED, StaticEncoder, load_encoder
from index.records import Document, Encoder, Passage, PlanqaError, Span, Vectors
from index.sentences import split_clauses, split_sentences
from index.sounds import write_sounds
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


def choose_encoder(name: str | None, directory: Path) -> Encoder:
    """Return the encoder ``name``; without one that of the index in ``directory``, else the bundled one.

    A folder is remembered by its whole path: the index may be opened from anywhere.
    """
    if name is None:
        try:
            name = str(store.read_table(directory, store.find_generation(directory))["encoder"]["name"])
        except PlanqaError:
            name = BUNDLED
    elif name != BUNDLED and Path(name).is_dir():
        name = str(Path(name).resolve())
    return load_encoder(name)


def build_index(
    documents: Sequence[Document], encoder: Encoder, directory: Path, say: Progress = lambda message: None
) -> store.Manifest:
    """Index ``documents`` and publish the result in ``directory``; nothing changes before that.

    Raises:
        PlanqaError: there is nothing to index, two documents have one id, or ``directory`` cannot be
            written.
    """
    _require_passages(documents)
    _require_own_ids(documents)
    with store.new_generation(directory) as folder:
        return _build(documents, encoder, directory, folder, say)


def _require_passages(documents: Iterable[Document]) -> None:
    if not any(document.passages for document in documents):
        raise PlanqaError("没有可以建索引的段落；请检查给出的文件。")


def _require_own_ids(documents: Iterable[Document]) -> None:
    files: dict[str, str] = {}
    for document in documents:
        if document.id in files:
            raise PlanqaError(
                f"“{files[document.id]}”和“{document.file}”的编号都是“{document.id}”；请给其中一个文件改名。"
            )
        files[document.id] = document.file


def _build(
    documents: Sequence[Document], encoder: Encoder, directory: Path, folder: Path, say: Progress
) -> store.Manifest:
    passages = [passage for document in documents for passage in document.passages]
    write_documents(folder, documents)
    say(f"词：{len(passages)} 段")
    dictionary = folder / "dictionary.marisa"
    with _full_disk():
        write_dictionary(dictionary)
    tokenizer = TermTokenizer(dictionary)
    with _full_disk():
        written = (text for p in passages for text in (p.text, *p.heading_path))
        write_sounds(folder / "sounds.marisa", written, tokenizer)
    body = Bm25.build(tokenizer.terms(p.text) for p in passages)
    headings = Bm25.build(tokenizer.terms(heading_text(p)) for p in passages)
    units = _units(passages)
    np.save(folder / "units.npy", units)
    texts = [passages[number].text[start:end] for number, start, end, _ in units.tolist()]
    passage_vectors = VectorIndex.build(_encode(encoder, [p.text for p in passages], say, "段落"))
    unit_vectors = VectorIndex.build(_encode(encoder, texts, say, "句子"))
    with _full_disk():
        body.save(folder, "body")
        headings.save(folder, "headings")
        passage_vectors.save(folder / "passages.faiss")
        unit_vectors.save(folder / "units.faiss")
    matcher = encoder if isinstance(encoder, StaticEncoder) else StaticEncoder()
    _write_tokens(folder, matcher, texts)
    manifest = store.Manifest(
        format=store.FORMAT,
        program=program(),
        encoder={
            "name": encoder.name,
            "fingerprint": encoder.fingerprint,
            "dimensions": encoder.dimensions,
        },
        tokenizer=TOKENIZER,
        matcher=matcher.fingerprint,
        counts={"documents": len(documents), "passages": len(passages), "units": len(units)},
        documents=[describe(document) for document in documents],
        files=store.checksums(folder),
    )
    store.publish(directory, folder, manifest)
    return manifest


@contextlib.contextmanager
def _full_disk() -> Iterator[None]:
    """Give a failed write the class that it has in Python; marisa and FAISS raise RuntimeError."""
    try:
        yield
    except RuntimeError as error:
        raise OSError(str(error)) from error


def _write_tokens(folder: Path, matcher: StaticEncoder, texts: Sequence[str]) -> None:
    """Write the tokens of every unit, for matching token by token; a unit without any keeps token 0."""
    tokens = [ids or [0] for ids in matcher.tokens(list(texts))]
    np.save(folder / "tokens.npy", np.concatenate(tokens).astype(np.int32))
    np.save(folder / "tokens.starts.npy", np.cumsum([0, *map(len, tokens)], dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Added:
    """What became of documents that were added to an index.

    ``documents`` are as they were given, in that order, under the ids that they got; ``updated`` are the
    ids of those that took the place of another text of the same file; ``renamed`` maps the ids that
    were given anew to the ids asked for, which documents of other files bear.
    """

    manifest: store.Manifest
    documents: tuple[Document, ...]
    updated: tuple[str, ...]
    renamed: dict[str, str]


def add_documents(
    documents: Sequence[Document], encoder: Encoder, directory: Path, say: Progress = lambda message: None
) -> Added:
    """Index ``documents`` together with those that the index in ``directory`` holds already.

    A document takes the place of the held one of the same file, or of the same id and content, and has
    its id. One whose id belongs to a document of another file gets a number after it. Where the index
    is damaged, its documents are read back as far as they are whole.

    Raises:
        PlanqaError: there is nothing to index, the index is of a newer format, or a document in it that
            is not given again cannot be read back; the index is as it was then.
    """
    if not store.exists(directory):
        _require_passages(documents)  # before a folder is made
    with store.new_generation(directory) as folder:
        held = _held(directory)
        taken = assign_ids(documents, held)
        named = tuple(_rename(document, new) for document, new in zip(documents, taken, strict=True))
        kept = read_documents(directory, without=set(taken)) if held else []
        if held and not _is_whole(directory):
            say("原有的索引过时或有损坏；其中的文档读得回来，一并重建。")
        merged = sorted((*kept, *named), key=lambda document: document.id)
        _require_passages(merged)
        manifest = _build(merged, encoder, directory, folder, say)
    before = {entry["id"]: entry for entry in held}
    return Added(
        manifest,
        named,
        tuple(d.id for d in named if d.id in before and before[d.id]["sha256"] != d.sha256),
        {n.id: d.id for n, d in zip(named, documents, strict=True) if n.id != d.id and n.id not in before},
    )


def _held(directory: Path) -> list[dict[str, Any]]:
    """Return the manifest's entries of the documents that an index holds; none where there is no index."""
    if not store.exists(directory):
        return []
    entries: list[dict[str, Any]] = store.read_table(directory, store.find_generation(directory))["documents"]
    return entries


def _is_whole(directory: Path) -> bool:
    try:
        store.read_manifest(directory, store.find_generation(directory))
    except PlanqaError:
        return False
    return True


def assign_ids(documents: Sequence[Document], held: Collection[dict[str, Any]]) -> list[str]:
    """Return the id of each document beside the ``held`` ones (``id``, ``file``, ``sha256``)."""
    given = {document.file for document in documents}
    wanted = {document.id for document in documents}
    by_file = {entry["file"]: entry["id"] for entry in held}
    borne = {entry["id"] for entry in held}
    moved = {(entry["id"], entry["sha256"]) for entry in held if entry["file"] not in given}
    taken: list[str] = []
    for document in documents:
        own = by_file.get(document.file, document.id)
        free = own not in borne or document.file in by_file or (own, document.sha256) in moved
        if not free or own in taken:
            names = (f"{document.id}-{number}" for number in count(2))
            own = next(name for name in names if name not in borne | wanted | set(taken))
        taken.append(own)
    return taken


def _rename(document: Document, new: str) -> Document:
    if new == document.id:
        return document
    passages = tuple(
        replace(passage, id=new + passage.id.removeprefix(document.id), document_id=new)
        for passage in document.passages
    )
    return replace(document, id=new, passages=passages)


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
