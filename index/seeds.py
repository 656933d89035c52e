"""The index of the two plans that come with the project, built on first use."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from platformdirs import user_cache_path

from index import store
from index.build import Progress, add_documents, choose_encoder, program
from index.opened import Index
from index.records import Document, PlanqaError, WorkFailed

SEEDS = Path(__file__).parent.parent / "seeds"


def default_directory() -> Path:
    """Return where the seeds' index lies: ``$PLANQA_INDEX``, or a folder of the user's cache."""
    named = os.environ.get("PLANQA_INDEX")
    return Path(named) if named else user_cache_path("planqa") / "seeds"


def _is_own() -> bool:
    """Tell whether the index is somebody's own, which is not ours to build again."""
    return bool(os.environ.get("PLANQA_INDEX"))


def read_seeds() -> list[Document]:
    """Read the plans in ``seeds/``.

    Raises:
        WorkFailed: one of them cannot be read.
    """
    from index.reading import find_sources, read_sources  # a question on a built index reads nothing

    documents, failures = read_sources(find_sources([SEEDS]))
    if failures:
        raise WorkFailed(f"自带的规划“{failures[0].file}”读不出来：{failures[0].reason}。请重新安装 planqa。")
    return documents


def seeds_due(directory: Path) -> list[Document]:
    """Return the seeds that the index in ``directory`` must still take in: all of them, or none."""
    if store.exists(directory):
        if _is_own():
            return []
        with contextlib.suppress(PlanqaError):
            manifest = store.read_manifest(directory, store.find_generation(directory))
            if manifest.program == program():
                return []
    return read_seeds()


def build_seeds(directory: Path, say: Progress = lambda message: None) -> store.Manifest:
    """Index the plans in ``seeds/``, beside what else the index holds and with the encoder it has."""
    return add_documents(read_seeds(), choose_encoder(None, directory), directory, say).manifest


def open_seeds(say: Progress = lambda message: None) -> Index:
    """Open the seeds' index; build it where there is none yet, or one that no longer fits."""
    directory = default_directory()
    if store.exists(directory):
        try:
            opened = Index(directory)
            if _is_own() or opened.manifest.program == program():
                return opened
            say("程序已更新，正在重建自带规划的索引……")
        except PlanqaError as error:
            if _is_own():
                raise
            say(f"{error}\n自带规划的索引会自动重建。")
    else:
        say("首次使用，正在为自带的两份规划建索引……")
    build_seeds(directory, say)
    return Index(directory)
