"""From files to documents: bytes → text → repairs → passages, with the catalogue's metadata."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR

from index.catalogue import CATALOGUE, read_catalogue
from index.furniture import split_furniture
from index.garbled import is_nonsense, mend_garbled
from index.records import Document, LeftOut, Metadata, Passage, PlanqaError
from index.repair import Reading, is_traditional, remove_annotations, simplify, simplify_text, tidy_paragraph
from index.structure import Paragraph, find_paragraphs

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
    """Yield the files at ``paths`` (folders: everything below, sorted), each once.

    Hidden files, catalogues and the folders of an index are passed over below a folder. Files of
    one name get the names of the folders above before it, as many as it takes.

    Raises:
        PlanqaError: a path does not exist, or a catalogue cannot be used.
    """
    taken: set[str] = set()
    seen: set[Path] = set()
    catalogues = _Catalogues()
    for path in paths:
        try:
            is_folder = S_ISDIR(path.stat().st_mode)
        except FileNotFoundError:
            raise PlanqaError(f"找不到“{path}”。请检查路径是否写对。") from None
        except OSError as error:
            raise PlanqaError(f"“{path}”打不开（{error.strerror}）。请检查路径和权限。") from error
        top = path if is_folder else path.parent
        for file, fault in _walk(path) if is_folder else [(path, _file_fault(path))]:
            if file.name == CATALOGUE and fault is None:
                if is_folder:
                    for entry in catalogues.missing(file.parent):
                        name = (file.parent / entry).relative_to(top).as_posix()
                        yield Failure(name, f"目录文件“{file}”里写了它，却没有这个文件；请补上，或删去那一条")
                continue
            real = file.resolve()
            if real in seen:
                continue
            seen.add(real)
            name = _free_name(file, top, taken)
            if fault is not None:
                yield Failure(name, fault)
                continue
            try:
                yield Source(name, file.read_bytes(), catalogues.metadata(file, top))
            except OSError as error:
                yield Failure(name, f"读不出来（{error.strerror}）；请检查权限")


def _walk(folder: Path) -> Iterator[tuple[Path, str | None]]:
    """Yield the files below ``folder`` in order, each with the reason why it cannot be read, if any."""
    if _is_index(folder):
        yield folder, "这是建好的索引，不是规划文件；请给出规划文件所在的文件夹"
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield folder, f"文件夹打不开（{error.strerror}）；请检查权限"
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder = S_ISDIR(entry.stat().st_mode)
        except OSError as error:
            broken = (
                "链接指向的文件不存在；请改正链接" if entry.is_symlink() else f"读不出来（{error.strerror}）"
            )
            yield entry, broken
            continue
        if not is_folder:
            yield entry, _file_fault(entry)
        elif entry.is_symlink():
            yield entry, "这是指向文件夹的链接，没有进去；请直接给出那个文件夹"
        elif not _is_index(entry):
            yield from _walk(entry)


def _is_index(folder: Path) -> bool:
    return (folder / "current").exists() and (folder / "generations").is_dir()


def _file_fault(file: Path) -> str | None:
    if file.name.startswith("."):
        return "名字以“.”开头的隐藏文件不读；请改名"
    if file.name == CATALOGUE:
        return None
    if not file.is_file():
        return "不是普通文件；请另存为 txt 或 md"
    if file.suffix.lower() not in SUFFIXES:
        return f"暂不支持“{file.suffix or '无后缀'}”格式；请先另存为 txt 或 md"
    return None


def _free_name(file: Path, top: Path, taken: set[str]) -> str:
    parts = Path(os.path.abspath(file)).parts
    length = len(file.relative_to(top).parts) or 1
    while (name := Path(*parts[-length:]).as_posix()) in taken:
        length += 1
    taken.add(name)
    return name


class _Catalogues:
    """The catalogues of the folders read so far; the nearest one that knows a file is right."""

    def __init__(self) -> None:
        self._read: dict[Path, dict[str, Metadata]] = {}

    def of(self, folder: Path) -> dict[str, Metadata]:
        if folder not in self._read:
            self._read[folder] = read_catalogue(folder)
        return self._read[folder]

    def metadata(self, file: Path, top: Path) -> Metadata | None:
        for folder in file.parents:
            if found := self.of(folder).get(file.relative_to(folder).as_posix()):
                return found
            if folder == top:
                break
        return None

    def missing(self, folder: Path) -> list[str]:
        return [entry for entry in self.of(folder) if not (folder / entry).is_file()]


def decode(data: bytes) -> tuple[str, str]:
    """Decode a text file and name its encoding, tried in the order UTF-8, UTF-16 (by BOM), GB18030.

    Raises:
        PlanqaError: no encoding fits, with the offset of the first byte that is not UTF-8.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "utf-16"
        except UnicodeDecodeError as error:
            raise PlanqaError(
                f"UTF-16 文本在第 {error.start} 字节处损坏；请用原来的程序另存为 UTF-8 文本"
            ) from None
    if data.count(0) > len(data) // 8:
        raise PlanqaError("像是没有 BOM 的 UTF-16，或者不是文本；请另存为 UTF-8 文本")
    try:
        return data.decode("utf-8-sig"), "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeDecodeError as error:
        place = f"第 {error.start} 字节处不是 UTF-8"
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        raise PlanqaError(f"认不出编码（{place}）；请另存为 UTF-8 文本") from None
    # Almost any bytes are GB18030 of something; what nobody writes was another encoding.
    if "\0" in text or is_nonsense(text):
        raise PlanqaError(f"认不出编码（{place}，按 GB18030 读是乱码）；请另存为 UTF-8 文本")
    return text, "gb18030"


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
    found = list(_passages(decoded, reading, find_paragraphs(reading.text), document_id))
    passages = tuple(passage for passage in found if isinstance(passage, Passage))
    furniture = (lines for lines in found if isinstance(lines, LeftOut))
    left_out = tuple(sorted((*left_out, *furniture), key=lambda lines: lines.source_start))
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
) -> Iterator[Passage | LeftOut]:
    seen: dict[str, int] = {}
    for paragraph in paragraphs:
        own = tidy_paragraph(reading.slice(paragraph.start, paragraph.end))
        source_start, source_end = own.source_span
        if paragraph.furniture:
            yield LeftOut("furniture", source_start, source_end)
            continue
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
    """Return an id of its own, without white space, for each file name: its stem where that is unique."""
    names = sorted(set(files))
    stems = {name: _as_id(Path(name).stem) for name in names}
    shared = Counter(stems.values())
    ids = {name: stem for name, stem in stems.items() if shared[stem] == 1}
    taken = set(ids.values())
    for name in names:
        if name not in ids:
            whole, digest = _as_id(name), sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
            tries = (whole, *(f"{whole}_{digest[:length]}" for length in range(6, 65)))
            ids[name] = next(found for found in tries if found not in taken)
            taken.add(ids[name])
    return ids


def _as_id(name: str) -> str:
    return re.sub(r"[\s#]+", "_", name)


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
