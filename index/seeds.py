"""The index of the two plans that come with the project, built on first use."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

from index import store
from index.build import Index, Progress, add_documents, program
from index.encoder import load_encoder
from index.reading import find_sources, read_sources
from index.records import PlanqaError

SEEDS = Path(__file__).parent.parent / "seeds"


def default_directory() -> Path:
    """Return where the seeds' index lies: ``$PLANQA_INDEX``, or a folder of the user's cache."""
    named = os.environ.get("PLANQA_INDEX")
    return Path(named) if named else user_cache_path("planqa") / "seeds"


def build_seeds(directory: Path, say: Progress = lambda message: None) -> store.Manifest:
    """Index the plans in ``seeds/`` with the bundled encoder, beside what else the index holds."""
    documents, failures = read_sources(find_sources([SEEDS]))
    if failures:
        raise PlanqaError(
            f"自带的规划“{failures[0].file}”读不出来：{failures[0].reason}。请重新安装 planqa。"
        )
    return add_documents(documents, load_encoder(), directory, say)


def open_seeds(say: Progress = lambda message: None) -> Index:
    """Open the seeds' index; build it where there is none yet, or one that no longer fits."""
    directory = default_directory()
    own = "PLANQA_INDEX" in os.environ  # somebody's own index is not ours to build again
    if store.exists(directory):
        try:
            opened = Index(directory)
            if own or opened.manifest.program == program():
                return opened
            say("程序已更新，正在重建自带规划的索引……")
        except PlanqaError as error:
            if own:
                raise
            say(f"{error}\n自带规划的索引会自动重建。")
    else:
        say("首次使用，正在为自带的两份规划建索引……")
    build_seeds(directory, say)
    return Index(directory)
