"""Documents and passages as an index keeps them: written, read back, and counted in its manifest."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from index import store
from index.records import Document, LeftOut, Metadata, Passage, Repair, WorkFailed

_PASSAGES = "passages.jsonl"


def write_documents(folder: Path, documents: Sequence[Document]) -> None:
    """Write the sources and passages of ``documents`` into a generation."""
    passages = [passage for document in documents for passage in document.passages]
    (folder / "sources").mkdir()
    for number, document in enumerate(documents):
        data = document.decoded.encode("utf-8", "surrogatepass")
        (folder / source_name(number)).write_bytes(data)
    lines = [json.dumps(asdict(p), ensure_ascii=False).encode("utf-8", "surrogatepass") for p in passages]
    starts = np.cumsum([0, *(len(line) + 1 for line in lines)], dtype=np.int64)
    (folder / _PASSAGES).write_bytes(b"".join(line + b"\n" for line in lines))
    np.save(folder / "passages.starts.npy", starts)
    counts = [len(document.passages) for document in documents]
    owners = np.repeat(np.arange(len(documents), dtype=np.int32), counts)
    np.save(folder / "passages.documents.npy", owners)


def source_name(number: int) -> str:
    """Return the file that holds the decoded text of document ``number`` in a generation."""
    return f"sources/{number}.txt"


def read_passage(line: bytes) -> Passage:
    """Read one line of ``passages.jsonl``."""
    record = json.loads(line.decode("utf-8", "surrogatepass"))
    record["heading_path"] = tuple(record["heading_path"])
    record["repairs"] = tuple(Repair(**repair) for repair in record["repairs"])
    return Passage(**record)


def read_documents(directory: Path, without: Collection[str] = ()) -> list[Document]:
    """Read back the documents of the index in ``directory``, whatever encoder or older program made it.

    Those with an id in ``without`` are left out, and none of their files need be whole; of the other
    files of the index none matters but those that hold documents.

    Raises:
        PlanqaError: there is no index, or a document in it cannot be read back whole.
    """
    folder = store.find_generation(directory)
    table = store.read_table(directory, folder)
    wanted = [n for n, entry in enumerate(table["documents"]) if entry["id"] not in without]
    for number in wanted:
        if fault := _fault(folder, table, source_name(number)):
            file = table["documents"][number]["file"]
            raise WorkFailed(
                f"索引“{directory}”损坏：{fault}，其中的文档“{file}”读不回来；索引没有改动。"
                f"请把这份文件一起收入：planqa index {file} 其他文件 --index {directory}"
                f"；没有这份文件时，{store.start_again(directory)}"
            )
    if wanted and (fault := _fault(folder, table, _PASSAGES)):
        raise WorkFailed(
            f"索引“{directory}”损坏：{fault}，其中的文档读不回来；索引没有改动。{store.start_again(directory)}"
        )
    lines = (folder / _PASSAGES).read_bytes().split(b"\n")[:-1] if wanted else []
    starts = np.cumsum([0, *(entry["passages"] for entry in table["documents"])])
    documents = []
    for number in wanted:
        entry = table["documents"][number]
        documents.append(
            Document(
                id=entry["id"],
                file=entry["file"],
                sha256=entry["sha256"],
                encoding=entry["encoding"],
                metadata=Metadata(**entry["metadata"]),
                decoded=(folder / source_name(number)).read_bytes().decode("utf-8", "surrogatepass"),
                passages=tuple(read_passage(line) for line in lines[starts[number] : starts[number + 1]]),
                left_out=tuple(LeftOut(*where) for where in entry["left_out"]),
            )
        )
    return documents


def _fault(folder: Path, table: dict[str, Any], name: str) -> str | None:
    return store.find_fault(folder, name, table["files"][name])


def describe(document: Document) -> dict[str, Any]:
    """Return what the manifest says of a document."""
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
