"""The index on disk: layout, manifest, publication, and refusal of what does not fit.

::

    DIR/current                      names the generation in force
    DIR/generations/NAME/            one finished build; NAME is the beginning of its manifest's SHA-256
        manifest.json                written last: what made the index, and a checksum per file
        passages.jsonl passages.*.npy sources/N.txt
        dictionary.marisa body.* headings.*
        passages.faiss units.faiss units.npy

A build is written beside the generation in force; renaming the file ``current`` switches to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from filelock import FileLock

from index.records import PlanqaError

FORMAT = 1
MANIFEST = "manifest.json"
_CURRENT, _GENERATIONS = "current", "generations"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What made an index, and what its files must be.

    ``documents`` holds one object a document (id, file, sha256, encoding, metadata, counts);
    ``files`` maps a name to ``{"size": bytes, "sha256": hexadecimal}``.
    """

    format: int
    program: str
    encoder: dict[str, Any]
    tokenizer: str
    counts: dict[str, int]
    documents: list[dict[str, Any]]
    files: dict[str, dict[str, Any]]


def _mend(directory: Path) -> str:
    return f"请重建：planqa index 规划文件或文件夹 --index {directory}"


@contextlib.contextmanager
def new_generation(directory: Path) -> Iterator[Path]:
    """Lend a folder to write a build into; one builder at a time, the others wait.

    ``publish`` takes the folder away; whatever is still there at the end is thrown away.

    Raises:
        PlanqaError: ``directory`` cannot be written.
    """
    try:
        (directory / _GENERATIONS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PlanqaError(f"写不了索引文件夹“{directory}”（{error.strerror}）；请换一个 --index。") from error
    with FileLock(directory / ".lock"):
        for left in directory.glob(".building-*"):  # from a builder that died: the lock is ours now
            shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=".building-", dir=directory))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(directory: Path, folder: Path, manifest: Manifest) -> None:
    """Seal a finished build with its manifest and switch to it."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in folder.rglob("*"):
        if path.is_file():
            _flush(path)
    name = sha256(text.encode()).hexdigest()[:16]
    before = _current(directory)
    target = directory / _GENERATIONS / name
    if target.exists():  # the same build again: what lies there may be damaged
        worn = Path(tempfile.mkdtemp(prefix=".building-", dir=directory))
        target.rename(worn / name)
    folder.rename(target)
    switch = directory / f".{_CURRENT}-new"
    switch.write_text(name, encoding="utf-8")
    _flush(switch)
    os.replace(switch, directory / _CURRENT)
    if os.name == "posix":  # only there can a folder be flushed
        _flush(directory)
    # A reader may still be opening the generation before this one; older ones nobody knows.
    for generation in (directory / _GENERATIONS).iterdir():
        if generation.name not in {name, before}:
            shutil.rmtree(generation, ignore_errors=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _current(directory: Path) -> str | None:
    try:
        return (directory / _CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise PlanqaError(f"“{directory}”不是可用的索引。{_mend(directory)}") from error


def exists(directory: Path) -> bool:
    """Tell whether an index was ever published in ``directory``."""
    return (directory / _CURRENT).is_file()


def checksums(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and SHA-256 of every file below ``folder``, the manifest excepted."""
    return {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": _digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = sha256()
        while block := file.read(1 << 20):
            digest.update(block)
        return digest.hexdigest()


def find_generation(directory: Path) -> Path:
    """Return the folder of the generation in force.

    Raises:
        PlanqaError: there is none.
    """
    name = _current(directory)
    if name is None:
        raise PlanqaError(f"“{directory}”里没有索引。{_mend(directory).replace('重建', '先建索引')}")
    return directory / _GENERATIONS / name


def read_manifest(directory: Path, folder: Path) -> Manifest:
    """Read the manifest in ``folder`` and hold every file to it.

    Raises:
        PlanqaError: the format is another one, or a file is missing or damaged.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        table = json.loads(text)
        found = table.get("format")
        if found != FORMAT:
            raise PlanqaError(
                f"索引“{directory}”的格式是第 {found} 版，本程序用第 {FORMAT} 版。{_mend(directory)}"
            )
        manifest = Manifest(**table)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise PlanqaError(f"索引“{directory}”损坏：{MANIFEST} 读不出来。{_mend(directory)}") from error
    if sha256(text.encode()).hexdigest()[:16] != folder.name:
        raise PlanqaError(f"索引“{directory}”损坏：{MANIFEST} 与建成时不同。{_mend(directory)}")
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise PlanqaError(f"索引“{directory}”损坏：缺少 {name}。{_mend(directory)}")
        if path.stat().st_size != expected["size"] or _digest(path) != expected["sha256"]:
            raise PlanqaError(f"索引“{directory}”损坏：{name} 与建成时不同。{_mend(directory)}")
    return manifest
