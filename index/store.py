"""The index on disk: layout, manifest, publication, and refusal of what does not fit.

::

    DIR/current                      names the generation in force
    DIR/generations/NAME/            one finished build; NAME is the beginning of its manifest's SHA-256,
                                     with -2, -3 … where a damaged one bears that name already
        manifest.json                written last: what made the index, and a checksum per file
        passages.jsonl passages.*.npy sources/N.txt
        dictionary.marisa sounds.marisa body.* headings.*
        passages.faiss units.faiss units.npy tokens.*npy

A build is written beside the generation in force; renaming the file ``current`` switches to it. What
lies in ``generations`` is never changed or moved, only removed when two newer ones are there.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

from index.records import PlanqaError, WorkFailed

FORMAT = 3
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
    matcher: str
    counts: dict[str, int]
    documents: list[dict[str, Any]]
    files: dict[str, dict[str, Any]]


def _mend(directory: Path) -> str:
    return f"请重建：planqa index 规划文件或文件夹 --index {directory}"


def start_again(directory: Path) -> str:
    """Say how to get rid of an index that its documents cannot be read back from."""
    return f"请删除文件夹“{directory}”，再收入全部规划：planqa index 规划文件或文件夹 --index {directory}"


def _forbidden(directory: Path, error: OSError) -> WorkFailed:
    where = error.filename or directory
    return WorkFailed(f"没有权限读索引“{directory}”里的“{where}”。请改正权限，或换一个 --index。")


@contextlib.contextmanager
def new_generation(directory: Path) -> Iterator[Path]:
    """Lend a folder to write a build into; one builder at a time, the others wait.

    ``publish`` takes the folder away; whatever is still there at the end is thrown away.

    Raises:
        WorkFailed: ``directory`` cannot be written.
    """
    from filelock import FileLock  # only a builder needs it

    try:
        (directory / _GENERATIONS).mkdir(parents=True, exist_ok=True)
        with FileLock(directory / ".lock"):
            for left in directory.glob(".building-*"):  # from a builder that died: the lock is ours now
                shutil.rmtree(left, ignore_errors=True)
            folder = directory / f".building-{token_hex(8)}"
            folder.mkdir()  # not mkdtemp: others may read the index, as far as the umask lets them
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise WorkFailed(
            f"写不了索引文件夹“{directory}”（{error.strerror or error}）。"
            "请检查权限和磁盘空间，或换一个 --index。"
        ) from error


def publish(directory: Path, folder: Path, manifest: Manifest) -> None:
    """Seal a finished build with its manifest and switch to it."""
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    for path in (*folder.rglob("*"), folder):
        _flush(path)
    try:
        before = _current(directory)
    except PlanqaError:
        before = None
    target = _move_in(directory, folder, _seal(text))
    _flush(target.parent)
    switch = directory / f".{_CURRENT}-new"
    switch.write_text(target.name, encoding="utf-8")
    _flush(switch)
    os.replace(switch, directory / _CURRENT)
    _flush(directory)
    # A reader may still be opening the generation before this one; older ones nobody knows.
    for generation in target.parent.iterdir():
        if generation.name not in {target.name, before}:
            shutil.rmtree(generation, ignore_errors=True)


def _move_in(directory: Path, folder: Path, seal: str) -> Path:
    """Move a build among the generations, unless the same one lies there whole; return its place."""
    for number in count(1):
        target = directory / _GENERATIONS / (seal if number == 1 else f"{seal}-{number}")
        if not target.exists():
            folder.rename(target)
            break
        with contextlib.suppress(PlanqaError):
            read_manifest(directory, target)
            break
    return target


def _seal(manifest: str) -> str:
    return sha256(manifest.encode()).hexdigest()[:16]


def _flush(path: Path) -> None:
    if os.name != "posix" and path.is_dir():  # only there can a folder be flushed
        return
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
    except PermissionError as error:
        raise _forbidden(directory, error) from error
    except (OSError, UnicodeDecodeError) as error:
        raise WorkFailed(f"索引“{directory}”损坏：{_CURRENT} 读不出来。{start_again(directory)}") from error


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


def read_table(directory: Path, folder: Path) -> dict[str, Any]:
    """Read the manifest in ``folder`` as it was sealed, be it of this format or of an older one.

    Raises:
        WorkFailed: it is not as it was sealed, or of a newer format.
    """
    try:
        text = (folder / MANIFEST).read_text(encoding="utf-8")
        table: dict[str, Any] = json.loads(text)
        found = table["format"]
        newer = found > FORMAT
    except PermissionError as error:
        raise _forbidden(directory, error) from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WorkFailed(f"索引“{directory}”损坏：{MANIFEST} 读不出来。{start_again(directory)}") from error
    if newer:
        raise WorkFailed(
            f"索引“{directory}”的格式是第 {found} 版，由更新的 planqa 建成，本程序只用到第 {FORMAT} 版。"
            "请更新 planqa，或换一个 --index。"
        )
    if folder.name.partition("-")[0] != _seal(text):
        raise WorkFailed(f"索引“{directory}”损坏：{MANIFEST} 与建成时不同。{start_again(directory)}")
    return table


def read_manifest(directory: Path, folder: Path) -> Manifest:
    """Read the manifest in ``folder`` and hold every file to it.

    Raises:
        WorkFailed: the format is another one, or a file is missing or damaged.
    """
    table = read_table(directory, folder)
    if table["format"] != FORMAT:
        raise WorkFailed(
            f"索引“{directory}”的格式是第 {table['format']} 版，本程序用第 {FORMAT} 版。{_mend(directory)}"
        )
    manifest = Manifest(**table)
    try:
        for name, expected in manifest.files.items():
            if fault := find_fault(folder, name, expected):
                raise WorkFailed(f"索引“{directory}”损坏：{fault}。{_mend(directory)}")
    except PermissionError as error:
        raise _forbidden(directory, error) from error
    return manifest


def find_fault(folder: Path, name: str, expected: dict[str, Any]) -> str | None:
    """Say what is wrong with a file of a generation, by its entry in ``files``; None where it is whole."""
    path = folder / name
    if not path.is_file():
        return f"缺少 {name}"
    if path.stat().st_size != expected["size"] or _digest(path) != expected["sha256"]:
        return f"{name} 与建成时不同"
    return None
