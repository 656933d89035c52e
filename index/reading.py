"""From files to documents: bytes → text → repairs → passages, with the catalogue's metadata."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from index.garbled import mend_garbled
from index.records import Document, LeftOut, Metadata, Passage, PlanqaError
from index.repair import Reading, is_traditional, remove_annotations, simplify, simplify_text, tidy_paragraph
from index.structure import Paragraph, find_paragraphs, split_furniture

CATALOGUE = "catalogue.toml"
SUFFIXES = frozenset({".txt", ".md"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file as it was found; ``file`` is its name below the folder that was given."""

    file: str
    data: bytes
    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that was not read, and why (in Chinese)."""

    file: str
    reason: str


def find_sources(paths: Iterable[Path]) -> Iterator[Source | Failure]:
    """Yield the files at ``paths`` (folders: everything below, sorted), hidden ones excepted.

    Two files of one name get the name of their folder before it.

    Raises:
        PlanqaError: a path does not exist, or a catalogue cannot be used.
    """
    taken: set[str] = set()
    for path in paths:
        if not path.exists():
            raise PlanqaError(f"找不到“{path}”。请检查路径是否写对。")
        folder = path if path.is_dir() else path.parent
        catalogue = read_catalogue(folder)
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            below = file.relative_to(folder).as_posix()
            if below == CATALOGUE or any(part.startswith(".") for part in Path(below).parts):
                continue
            name = below if below not in taken else f"{folder.resolve().name}/{below}"
            taken.add(name)
            if file.suffix.lower() not in SUFFIXES:
                yield Failure(name, f"暂不支持“{file.suffix or '无后缀'}”格式；请先另存为 txt 或 md")
                continue
            try:
                yield Source(name, file.read_bytes(), catalogue.get(below))
            except OSError as error:
                yield Failure(name, f"读不出来（{error.strerror}）；请检查权限")


def read_catalogue(folder: Path) -> dict[str, Metadata]:
    """Read ``catalogue.toml`` of ``folder``: file name → metadata; empty where there is none.

    Raises:
        PlanqaError: the catalogue is not TOML, or an entry has an unknown or missing key.
    """
    path = folder / CATALOGUE
    if not path.exists():
        return {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanqaError(f"目录文件“{path}”不是合法的 TOML:{error}。请改正后重试。") from error
    catalogue: dict[str, Metadata] = {}
    for number, entry in enumerate(table.get("documents", []), 1):
        entry = dict(entry)
        unknown = set(entry) - {"file", *(field.name for field in fields(Metadata))}
        if unknown or "file" not in entry or "title" not in entry:
            fault = f"有不认识的项 {sorted(unknown)}" if unknown else "缺少 file 或 title"
            raise PlanqaError(f"目录文件“{path}”第 {number} 条{fault}。请改正后重试。")
        file = entry.pop("file")
        catalogue[file] = Metadata(**{key: _plain(value) for key, value in entry.items()})
    return catalogue


def _plain(value: Any) -> Any:  # noqa: ANN401  (whatever TOML holds)
    return value.isoformat() if isinstance(value, date) else value


def decode(data: bytes) -> tuple[str, str]:
    """Decode a text file and name its encoding, tried in the order UTF-8, UTF-16 (by BOM), GB18030.

    Raises:
        PlanqaError: no encoding fits, with the offset of the first byte that is not UTF-8.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16"), "utf-16"
    try:
        return data.decode("utf-8-sig"), "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeDecodeError as error:
        try:
            return data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError:
            raise PlanqaError(
                f"认不出编码（第 {error.start} 字节处不是 UTF-8）；请另存为 UTF-8 文本"
            ) from None


def read_document(source: Source, document_id: str) -> Document:
    """Read one file into a document.

    Raises:
        PlanqaError: the file cannot be decoded, or holds no paragraph.
    """
    decoded, encoding = decode(source.data)
    # Decoding is undone nowhere: offsets count the characters of this very text.
    body, left_out = split_furniture(decoded)
    reading = mend_garbled(remove_annotations(Reading.of(decoded, body.start, body.end)))
    traditional = is_traditional(reading.text)
    if traditional:
        reading = simplify(reading)
    passages = tuple(_passages(decoded, reading, find_paragraphs(reading.text), document_id))
    if not passages:
        raise PlanqaError("没有读到段落；请确认文件里有正文")
    metadata = source.metadata or _metadata_of(decoded, left_out, source.file, traditional)
    return Document(
        document_id,
        source.file,
        sha256(source.data).hexdigest(),
        encoding,
        metadata,
        decoded,
        passages,
        left_out,
    )


def _passages(
    decoded: str, reading: Reading, paragraphs: Iterable[Paragraph], document_id: str
) -> Iterator[Passage]:
    seen: dict[str, int] = {}
    for paragraph in paragraphs:
        own = tidy_paragraph(reading.slice(paragraph.start, paragraph.end))
        source_start, source_end = own.source_span
        source_text = decoded[source_start:source_end]
        digest = sha256(source_text.encode("utf-8", "surrogatepass")).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        again = f"-{seen[digest]}" if seen[digest] > 1 else ""
        yield Passage(
            id=f"{document_id}#{digest}{again}",
            document_id=document_id,
            heading_path=paragraph.heading_path,
            text=own.text,
            source_start=source_start,
            source_end=source_end,
            source_text=source_text,
            repairs=own.repairs(decoded),
            context=paragraph.context,
        )


def _metadata_of(decoded: str, left_out: tuple[LeftOut, ...], file: str, traditional: bool) -> Metadata:
    title = next((decoded[x.source_start : x.source_end] for x in left_out if x.reason == "title"), None)
    title = remove_annotations(Reading.of(title, 0, len(title))).text.strip() if title else Path(file).stem
    lines = [decoded[x.source_start : x.source_end] for x in left_out if x.reason == "metadata"]
    found = (re.search(r"(\d{4})[年-](\d{1,2})[月-](\d{1,2})", line) for line in lines)
    day = next((f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}" for m in found if m), None)
    return Metadata(
        simplify_text(title) if traditional else title,
        date=day,
        language="zh-Hant" if traditional else "zh-Hans",
    )


def document_ids(files: Iterable[str]) -> dict[str, str]:
    """Return an id without white space for each file name: its stem where that is unique."""
    names = sorted(set(files))
    stems = [Path(name).stem for name in names]
    ids = {n: n if stems.count(stem) > 1 else stem for n, stem in zip(names, stems, strict=True)}
    return {name: re.sub(r"[\s#]+", "_", found) for name, found in ids.items()}


def read_sources(sources: Iterable[Source | Failure]) -> tuple[list[Document], list[Failure]]:
    """Read every source; one that fails leaves the others in and is named with its reason."""
    found = list(sources)
    ids = document_ids(source.file for source in found if isinstance(source, Source))
    documents: list[Document] = []
    failures: list[Failure] = []
    for source in found:
        if isinstance(source, Failure):
            failures.append(source)
            continue
        try:
            documents.append(read_document(source, ids[source.file]))
        except PlanqaError as error:
            failures.append(Failure(source.file, str(error)))
    return documents, failures
